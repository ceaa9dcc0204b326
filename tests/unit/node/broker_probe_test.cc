// Whether a broker is dead, by what its listener does.
#include "libbroker/node/broker_probe.h"

#include <gtest/gtest.h>

#include <deque>
#include <list>

#include "tests/unit/net/fakes.h"

namespace kt::node {
namespace {

/// A broker's listener: refuses, or takes connections, which the test then ends.
class FakeListener final : public Net {
 public:
  Result<std::unique_ptr<Acceptor>> listen(std::vector<Loop*>, const Endpoint&, Accepted) override {
    return fail(ErrorCode::network_exception, "nobody listens in this test");
  }
  void connect(Loop& loop, const Endpoint&, int64_t, Connected connected) override {
    ++connects;
    loop.post([this, connected = std::move(connected)]() mutable {
      if (!listens) return connected(fail(ErrorCode::broker_not_available, "refused"));
      connected(std::make_unique<net::FakeStream>(wires.emplace_back()));
      if (ends_at_once) wires.back().handler->on_closed("reset");
    });
  }

  bool listens = true, ends_at_once = false;
  int connects = 0;
  std::list<net::FakeWire> wires;
};

class Probe : public testing::Test {
 protected:
  static constexpr int32_t broker_id = 2;
  static constexpr int64_t broker_epoch = 7;

  Probe() {
    const metadata::Broker broker{.id = broker_id,
                                  .epoch = broker_epoch,
                                  .endpoints = {{.listener = "PLAINTEXT", .host = "b2", .port = 9092}},
                                  .fenced = false};
    decltype(image_.brokers)::Builder brokers(image_.brokers);
    brokers.set(broker_id, metadata::Shared(broker));
    image_.brokers = std::move(brokers).freeze();
  }
  void advance_ms(int64_t ms) { loop_.advance_ms(ms); }

  metadata::Image image_;
  net::FakeLoop loop_;
  FakeListener listener_;
  std::vector<int32_t> fenced_;
  BrokerProbe probe_{loop_,
                     listener_,
                     {1, "PLAINTEXT", 1000, [this] { return &image_; },
                      [this](int32_t id, int64_t) { fenced_.push_back(id); }}};
};

TEST_F(Probe, WhereNobodyListensTwiceItIsDead) {
  listener_.listens = false;
  probe_.connection_ended(broker_id);
  loop_.run_posted();
  EXPECT_TRUE(fenced_.empty());
  advance_ms(100);
  EXPECT_EQ(fenced_, std::vector{broker_id});
}

TEST_F(Probe, OneThatIsAboutToEndIsSeenToEnd) {
  probe_.connection_ended(broker_id);  // its listener is closed a moment after its connections
  advance_ms(50);
  ASSERT_EQ(listener_.wires.size(), 1u);
  EXPECT_TRUE(fenced_.empty());
  listener_.listens = false;
  listener_.wires.front().handler->on_closed("reset");
  advance_ms(100);
  EXPECT_EQ(fenced_, std::vector{broker_id});
}

TEST_F(Probe, OneThatKeepsTheConnectionLives) {
  probe_.connection_ended(broker_id);
  advance_ms(60'000);
  EXPECT_TRUE(fenced_.empty());
  EXPECT_EQ(listener_.connects, 1);
  EXPECT_TRUE(listener_.wires.front().is_destroyed);
  listener_.listens = false;
  probe_.connection_ended(broker_id);
  advance_ms(100);
  EXPECT_EQ(fenced_, std::vector{broker_id});
}

TEST_F(Probe, WhoeverEndsEveryConnectionIsLeftToItsSession) {
  listener_.ends_at_once = true;
  probe_.connection_ended(broker_id);
  advance_ms(60'000);
  EXPECT_TRUE(fenced_.empty());
  EXPECT_EQ(listener_.connects, 20);
}

}  // namespace
}  // namespace kt::node
