#include "libcli/commands/perf/raw_connection.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/net/fakes.h"

namespace kt::cli::perf {
namespace {

struct Told {
  int64_t sent_ns;
  std::string answer;
  bool operator==(const Told&) const = default;
};

class RawConnectionTest : public testing::Test {
 protected:
  net::FakeWire wire_;
  std::vector<Told> told_;
  std::string ended_;
  RawConnection connection_{std::make_unique<net::FakeStream>(wire_),
                            [this](RawConnection&, int64_t sent_ns, std::span<const std::byte> answer) {
                              told_.push_back({sent_ns, std::string(Slice::view(answer).text())});
                            },
                            [this](std::string reason) { ended_ = std::move(reason); }};
};

TEST_F(RawConnectionTest, AnswersComeInOrderHoweverTheyAreCut) {
  const std::string large(100'000, 'x');
  for (const size_t step : {size_t{1}, size_t{3}, size_t{70'000}, SIZE_MAX}) {
    told_.clear();
    for (int64_t ns = 1; ns <= 4; ++ns) connection_.send(Slice::view("frame"), ns);
    EXPECT_EQ(connection_.in_flight(), 4u);
    wire_.deliver(net::framed("a") + net::framed(large) + net::framed("") + net::framed("last"), step);
    EXPECT_EQ(told_, (std::vector<Told>{{1, "a"}, {2, large}, {3, ""}, {4, "last"}}));
    EXPECT_EQ(connection_.in_flight(), 0u);
  }
  EXPECT_EQ(wire_.sent.substr(0, 10), "frameframe");
  EXPECT_EQ(ended_, "");
}

TEST_F(RawConnectionTest, WhatNobodyAskedForEndsIt) {
  wire_.deliver(net::framed("a"));
  EXPECT_EQ(ended_, "the answer cannot be read");
}

TEST_F(RawConnectionTest, ASizeBeyondReasonEndsIt) {
  connection_.send(Slice::view("frame"), 1);
  wire_.deliver("\xff\xff\xff\xff");
  EXPECT_EQ(ended_, "the answer cannot be read");
  EXPECT_TRUE(told_.empty());
}

}  // namespace
}  // namespace kt::cli::perf
