#include "tests/unit/node/node_fixture.h"

namespace kt::node {
namespace {

using Metadata = wire::MetadataResponse;

/// A node that takes its time: every event of its loops costs it a while.
class SlowStart : public NodeFixture {
 protected:
  static sim::WorldOptions slow() {
    sim::WorldOptions options = world_options();
    options.machine.event_cost_ns_mean = 5'000'000;
    return options;
  }
  SlowStart() : NodeFixture(1, slow()) {}
  Result<Metadata> describe(const std::string& topic) {
    wire::MetadataRequest request;
    request.topics->push_back({.name = topic});
    request.allow_auto_topic_creation = false;
    return ask<Metadata>(std::move(request), {.version_max = 9});
  }
};

TEST_F(SlowStart, WhoReconnectsAtOnceHearsOfEveryTopic) {
  start();
  create_topic("orders");
  for (const bool is_clean : {true, false}) {
    is_clean ? stop() : kill();
    begin_start();
    Result<Metadata> answer = fail(ErrorCode::network_exception);
    for (int i = 0; i < 10'000 && !answer; ++i) answer = describe("orders");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->topics.at(0).error_code, ErrorCode::none) << "clean stop: " << is_clean;
    EXPECT_EQ(answer->topics.at(0).partitions.size(), 1u);
    run_until([this] { return broker().serving.has_value(); });
  }
}

TEST_F(SlowStart, AStopBeforeItServesLeavesNobodyWaiting) {
  start();
  create_topic("orders");
  kill();
  begin_start();
  std::optional<Result<Metadata>> answer;
  world_.machine(client_id).loop().post([&] {
    cluster().call<Metadata>(client::Target::any(), wire::MetadataRequest{},
                             [&](Result<Metadata> response) { answer = std::move(response); });
  });
  std::optional<Result<void>> stopped;
  broker_machine().loop(0).post(
      [&] { broker().node->stop([&](Result<void> result) { stopped = std::move(result); }); });
  run_until([&] { return stopped.has_value(); });
  kill();
  run_until([&] { return answer.has_value(); });
}

}  // namespace
}  // namespace kt::node
