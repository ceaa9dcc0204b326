#include "libbroker/fault/orders.h"

#include <gtest/gtest.h>

namespace kt::fault {
namespace {

Orders everything() {
  Orders orders{.version = 3,
                .node = 1,
                .ports = {{9092, 0}, {9192, 100}},
                .faults = {},
                .clock = {.real_ms = 10, .lab_ms = 20, .rate = 2.5},
                .seed = 0xffffffffffffffff};
  orders.faults.push_back({.id = 4,
                           .kind = Fault::Kind::lose,
                           .a = {0, clients},
                           .b = {1},
                           .is_one_way = true,
                           .frames = Fault::Frames::answers,
                           .apis = {0, 1},
                           .client = "me",
                           .delay_ms = 1,
                           .jitter_ms = 2,
                           .bytes_per_second = 3,
                           .count = 5,
                           .text = "all of it"});
  return orders;
}

TEST(Orders, ComeThroughTheChannelAsTheyAre) {
  const auto parsed = parse_orders(to_line(everything()));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, everything());
}

TEST(Orders, AreRefusedWhenTheyAreNone) {
  for (const char* line : {"", "{", "[]", "{\"version\":1}"}) EXPECT_FALSE(parse_orders(line)) << line;
  std::string text = to_json(everything().faults[0]);
  EXPECT_TRUE(parse_fault(text));
  text.replace(text.find("lose"), 4, "hope");
  EXPECT_EQ(parse_fault(text).error().code, ErrorCode::invalid_request);
}

TEST(Fault, JoinsWhomItNames) {
  Fault fault{.kind = Fault::Kind::cut, .a = {0}, .b = {1, 2}};
  EXPECT_TRUE(fault.joins(0, 2));
  EXPECT_TRUE(fault.joins(2, 0));
  EXPECT_FALSE(fault.joins(1, 2));
  fault.is_one_way = true;
  EXPECT_TRUE(fault.joins(0, 1));
  EXPECT_FALSE(fault.joins(1, 0));
  fault.kind = Fault::Kind::disk_full;
  EXPECT_FALSE(fault.joins(0, 1));
}

TEST(ClockSetting, IsTheRealTimeUntilItIsSet) {
  EXPECT_EQ(ClockSetting().at(1'700'000'000'123), 1'700'000'000'123);
  const ClockSetting faster{.real_ms = 1000, .lab_ms = 5000, .rate = 60};
  EXPECT_EQ(faster.at(1010), 5600);
}

}  // namespace
}  // namespace kt::fault
