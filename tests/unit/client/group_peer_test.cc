#include <gtest/gtest.h>

#include <vector>

#include "libbroker/client/consumer.h"
#include "libbroker/client/producer.h"
#include "libbroker/wire/19_create_topics.h"
#include "tests/unit/client/peer.h"

namespace kt::client {
namespace {

class GroupPeerTest : public PeerTest, public testing::WithParamInterface<const char*> {
 protected:
  void create(const std::string& topic, int32_t partitions) {
    wire::CreateTopicsRequest request;
    request.timeout_ms = 10'000;
    request.topics.push_back({.name = topic, .num_partitions = partitions, .replication_factor = 1});
    cluster->call<wire::CreateTopicsResponse>(Target::any(), request,
                                              [&](Result<wire::CreateTopicsResponse> response) {
                                                EXPECT_TRUE(response);
                                                done();
                                              });
    run();
  }
  void produce(const std::string& topic, int32_t partitions, int count) {
    Producer producer(*cluster, {});
    for (int i = 0; i < count; ++i) {
      producer.send({.topic = topic, .partition = i % partitions, .value = Slice::copy(std::to_string(i))},
                    [](Result<RecordMetadata> to) { EXPECT_TRUE(to); });
    }
    producer.flush([this] { done(); });
    run();
  }
  /// A consumer that polls for ever and counts what it gets.
  struct Member {
    std::unique_ptr<Cluster> cluster;
    std::unique_ptr<Consumer> consumer;
    std::vector<std::string> values;
  };
  std::unique_ptr<Member> join(const std::string& group, const std::string& topic) {
    auto member = std::make_unique<Member>();
    member->cluster = std::make_unique<Cluster>(loop, net, clock, cluster->options());
    member->consumer = std::make_unique<Consumer>(
        *member->cluster, ConsumerOptions{.reset = consuming::Reset::earliest,
                                          .group_id = group,
                                          .assignors = {consuming::find_assignor(GetParam())},
                                          .heartbeat_interval_ms = 100});
    EXPECT_TRUE(member->consumer->subscribe({topic}));
    poll(*member);
    return member;
  }
  void poll(Member& member) {
    member.consumer->poll(1000, [this, &member](Result<Consumer::Polled> polled) {
      EXPECT_TRUE(polled) << polled.error().message;
      if (!polled) return done();
      for (const auto& some : *polled) {
        for (const auto& record : some.records) member.values.push_back(std::string(record.value.text()));
      }
      poll(member);
    });
  }
  void run_until(std::function<bool()> holds) {
    check(holds);
    run();
  }
  void check(std::function<bool()> holds) {
    if (holds()) return done();
    loop.after(20, [this, holds] { check(holds); });
  }
};

TEST_P(GroupPeerTest, PartitionsFollowTheMembers) {
  const std::string topic = unique("topic"), group = unique("group");
  create(topic, 4);
  produce(topic, 4, 100);
  auto first = join(group, topic);
  run_until([&] { return first->values.size() == 100; });
  EXPECT_EQ(first->consumer->assignment().size(), 4u);

  auto second = join(group, topic);
  run_until([&] {
    return first->consumer->assignment().size() == 2 && second->consumer->assignment().size() == 2;
  });
  produce(topic, 4, 100);
  run_until([&] { return first->values.size() + second->values.size() == 200; });
  EXPECT_EQ(second->values.size(), 50u);  // each record once: what the first had read was committed

  second->consumer->close([this](Result<void> closed) {
    EXPECT_TRUE(closed) << closed.error().message;
    done();
  });
  run();
  second.reset();
  run_until([&] { return first->consumer->assignment().size() == 4; });
  produce(topic, 4, 4);
  run_until([&] { return first->values.size() == 154; });
}

INSTANTIATE_TEST_SUITE_P(Assignors, GroupPeerTest,
                         testing::Values("range", "roundrobin", "sticky", "cooperative-sticky"));

}  // namespace
}  // namespace kt::client
