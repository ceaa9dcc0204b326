#include "tests/unit/node/node_fixture.h"

namespace kt::node {
namespace {

/// A broker on which nothing of the disk is in memory, and whose disk pool takes a second for everything.
class ColdFetch : public NodeFixture {
 protected:
  static sim::WorldOptions slow_disk() {
    sim::WorldOptions options = world_options();
    options.machine.work_latency_ns_mean = 1'000'000'000;
    options.machine.pool_threads = 1;
    return options;
  }
  ColdFetch() : NodeFixture(3, slow_disk()) {}

  void write_and_restart(const std::string& topic, int batches) {
    start();
    create_topic(topic, {{"segment.bytes", "3000"}}, 2);
    for (int i = 0; i < batches; ++i) {
      produce(topic, {{"k" + std::to_string(i), std::string(1000, 'x')}});
      expected_ += std::to_string(i) + " k" + std::to_string(i) + "=" + std::string(1000, 'x') + "\n";
    }
    stop();
    start();
    sim::DiskFaults faults;
    faults.cold = sim::always;
    disk().set_faults(faults);
  }
  std::string expected_;
};

TEST_F(ColdFetch, TheDataLoopServesOthersMeanwhile) {
  write_and_restart("t", 10);
  const int64_t begun_ms = world_.now_ms();
  const FetchAnswer cold = begin_fetch(fetch_request("t", 0, 1 << 20, 2));
  world_.run_for(20);
  ASSERT_FALSE(cold->has_value()) << "it did not wait for the disk pool";
  const auto metadata = ask<wire::MetadataResponse>(wire::MetadataRequest{}, {.version_max = 9});
  EXPECT_TRUE(metadata);
  EXPECT_FALSE(cold->has_value());
  EXPECT_LT(world_.now_ms() - begun_ms, 100);
  run_until([&] { return cold->has_value(); });
  ASSERT_TRUE(**cold) << (**cold).error().message;
  const auto& partitions = (**cold)->responses.at(0).partitions;
  EXPECT_EQ(partitions.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(partitions.at(0).high_watermark, 10);
  EXPECT_GT(partitions.at(0).records.size(), 1000u);
  EXPECT_EQ(partitions.at(1).high_watermark, 0);
}

TEST_F(ColdFetch, EveryRecordComes) {
  write_and_restart("t", 10);
  EXPECT_EQ(table("t"), expected_);
}

TEST_F(ColdFetch, TooLittleIsNotAnAnswerBeforeItsTime) {
  write_and_restart("t", 1);
  const int64_t begun_ms = world_.now_ms();
  auto request = fetch_request("t", 0);
  request.max_wait_ms = 20'000;
  request.min_bytes = 1'500;
  const FetchAnswer answer = begin_fetch(std::move(request));
  world_.run_for(10'000);
  EXPECT_FALSE(answer->has_value());
  produce("t", {{"more", std::string(1000, 'y')}});
  run_until([&] { return answer->has_value(); });
  EXPECT_LT(world_.now_ms() - begun_ms, 20'000);
  ASSERT_TRUE(**answer);
  EXPECT_GT((**answer)->responses.at(0).partitions.at(0).records.size(), 2000u);
}

TEST_F(ColdFetch, WhatIsGoneBeforeTheDiskAnsweredIsSaid) {
  write_and_restart("t", 10);
  const FetchAnswer answer = begin_fetch(fetch_request("t", 0, 1 << 20, 2));
  world_.run_for(20);
  ASSERT_FALSE(answer->has_value());
  kill();
  run_until([&] { return answer->has_value(); });
  EXPECT_FALSE(**answer);
}

}  // namespace
}  // namespace kt::node
