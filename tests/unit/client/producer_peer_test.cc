#include <gtest/gtest.h>

#include <vector>

#include "libbroker/client/producer.h"
#include "libbroker/wire/19_create_topics.h"
#include "tests/unit/client/peer.h"

namespace kt::client {
namespace {

class ProducerPeerTest : public PeerTest {
 protected:
  /// Offsets of the records sent, or error names.
  std::vector<std::string> produce(ProducerOptions options, const std::string& topic, int count,
                                   size_t bytes) {
    std::vector<std::string> offsets;
    Producer producer(*cluster, options);
    for (int i = 0; i < count; ++i) {
      producer.send(
          {.topic = topic, .partition = 0, .value = Slice::copy(std::string(bytes, 'x'))},
          [&](Result<RecordMetadata> to) {
            offsets.push_back(to ? std::to_string(to->offset) : std::string(name_of(to.error().code)));
          });
    }
    producer.flush([this] { done(); });
    run();
    return offsets;
  }
};

TEST_F(ProducerPeerTest, EveryCodecAndLevelOfAcks) {
  const std::string topic = unique("codecs");
  int64_t next = 0;
  using enum record::Codec;
  for (const auto codec : {none, gzip, snappy, lz4, zstd}) {
    const auto offsets = produce({.sending = {.codec = codec}}, topic, 100, 1000);
    ASSERT_EQ(offsets.size(), 100u);
    for (const auto& offset : offsets) EXPECT_EQ(offset, std::to_string(next++));
  }
  EXPECT_EQ(produce({.sending = {.acks = 1}}, topic, 1, 10), (std::vector{std::to_string(next)}));
  EXPECT_EQ(produce({.sending = {.acks = 0}}, topic, 1, 10), (std::vector<std::string>{"-1"}));
}

TEST_F(ProducerPeerTest, BatchesThatAreTooLargeAreSplit) {
  const std::string topic = unique("small");
  wire::CreateTopicsRequest request;
  request.timeout_ms = 10'000;
  request.topics.push_back({.name = topic, .num_partitions = 1, .replication_factor = 1});
  request.topics.back().configs.push_back({.name = "max.message.bytes", .value = "1500"});
  cluster->call<wire::CreateTopicsResponse>(Target::any(), request,
                                            [&](Result<wire::CreateTopicsResponse> response) {
                                              ASSERT_TRUE(response);
                                              EXPECT_EQ(response->topics.at(0).error_code, ErrorCode::none);
                                              done();
                                            });
  run();
  const auto offsets = produce({}, topic, 50, 700);
  ASSERT_EQ(offsets.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(offsets[i], std::to_string(i));
  EXPECT_EQ(produce({}, topic, 1, 2000), (std::vector<std::string>{"MESSAGE_TOO_LARGE"}));
}

}  // namespace
}  // namespace kt::client
