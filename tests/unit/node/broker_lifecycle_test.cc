#include "libbroker/node/broker_lifecycle.h"

#include <gtest/gtest.h>

#include "libbroker/sim/world.h"

namespace kt::node {
namespace {

/// A controller that knows of another broker with the same id, alive until `until_ms`.
class Controller final : public api::ControllerClient {
 public:
  explicit Controller(Clock& clock) : clock_(clock) {}
  void submit(Loop& loop, api::ControllerRequest request, int16_t, std::optional<api::Asker>,
              Then then) override {
    api::ControllerReply reply;
    if (std::holds_alternative<wire::BrokerRegistrationRequest>(request)) {
      ++registrations;
      const bool is_duplicate = clock_.monotonic_ms() < until_ms;
      wire::BrokerRegistrationResponse response;
      response.error_code = is_duplicate ? ErrorCode::duplicate_broker_registration : ErrorCode::none;
      if (!is_duplicate) response.broker_epoch = 3 + 2 * registrations;
      if (!is_duplicate) taken_ms = clock_.monotonic_ms();
      reply = response;
    } else {
      const auto& heartbeat = std::get<wire::BrokerHeartbeatRequest>(request);
      const bool is_stale = heartbeat.broker_epoch < epoch;
      reply = wire::BrokerHeartbeatResponse{
          .error_code = is_stale ? ErrorCode::stale_broker_epoch : ErrorCode::none, .is_fenced = false};
    }
    loop.post([then = std::move(then), reply = std::move(reply)]() mutable { then(std::move(reply)); });
  }
  int64_t until_ms = 0, taken_ms = -1, epoch = 0;  // the one that counts
  int registrations = 0;

 private:
  Clock& clock_;
};

struct Broker {
  explicit Broker(sim::Machine& machine)
      : controller(machine.clock()),
        lifecycle(machine.loop(0), machine.clock(), controller,
                  {.node_id = 1, .features = [] { return metadata::FeatureRanges(); }},
                  {.heartbeat_interval_ms = 2'000, .registration_timeout_ms = 60'000}) {}
  Controller controller;
  BrokerLifecycle lifecycle;
};

// It used to ask every 20 ms until the session of its former life was over.
TEST(BrokerLifecycle, BacksOffWhileAnotherHasItsId) {
  sim::World world(1, {});
  sim::Machine& machine =
      world.add("n1", [](sim::Machine& m) -> sim::Process { return std::make_shared<Broker>(m); });
  world.start(machine.id());
  Broker& broker = machine.process<Broker>();
  const int64_t begun_ms = machine.clock().monotonic_ms();
  broker.controller.until_ms = begun_ms + 9'000;
  machine.loop(0).post([&] { broker.lifecycle.start([](const Result<void>&) {}); });
  ASSERT_EQ(world.run_until([&] { return broker.controller.taken_ms >= 0; }, {.ms = 20'000}),
            sim::World::Outcome::met);
  EXPECT_LE(broker.controller.registrations, 14);
  EXPECT_LE(broker.controller.taken_ms - begun_ms, 9'000 + 1'100) << "soon after the id is free";
}

// It said so for ever after, and its broker stayed fenced.
TEST(BrokerLifecycle, RegistersAgainWhenAFormerLifeWasRegisteredAfterIt) {
  sim::World world(1, {});
  sim::Machine& machine =
      world.add("n1", [](sim::Machine& m) -> sim::Process { return std::make_shared<Broker>(m); });
  world.start(machine.id());
  Broker& broker = machine.process<Broker>();
  broker.controller.epoch = 6;
  bool is_unfenced = false;
  machine.loop(0).post([&] {
    broker.lifecycle.start([&](const Result<void>& unfenced) { is_unfenced = unfenced.has_value(); });
  });
  ASSERT_EQ(world.run_until([&] { return is_unfenced; }, {.ms = 5'000}), sim::World::Outcome::met);
  EXPECT_EQ(broker.controller.registrations, 2);
  EXPECT_EQ(broker.lifecycle.epoch(), 7);
}

}  // namespace
}  // namespace kt::node
