#include <gtest/gtest.h>

#include <vector>

#include "libbroker/client/consumer.h"
#include "libbroker/client/producer.h"
#include "tests/unit/client/peer.h"

namespace kt::client {
namespace {

class ConsumerPeerTest : public PeerTest {
 protected:
  void produce(const std::string& topic, int count, record::Codec codec = record::Codec::none) {
    Producer producer(*cluster, {.sending = {.codec = codec}});
    for (int i = 0; i < count; ++i) {
      producer.send({.topic = topic,
                     .partition = 0,
                     .key = Slice::copy("k"),
                     .value = Slice::copy(std::to_string(i)),
                     .headers = {{"h", Slice::copy("v")}}},
                    [](Result<RecordMetadata> to) { EXPECT_TRUE(to); });
    }
    producer.flush([this] { done(); });
    run();
  }
  /// Polls until `count` values have come.
  std::vector<std::string> read(Consumer& consumer, size_t count) {
    std::vector<std::string> values;
    std::function<void(Result<Consumer::Polled>)> take = [&](Result<Consumer::Polled> polled) {
      EXPECT_TRUE(polled) << polled.error().message;
      if (!polled) return done();
      for (const auto& some : *polled) {
        for (const auto& record : some.records) values.push_back(std::string(record.value.text()));
      }
      if (values.size() >= count) return done();
      consumer.poll(1000, take);
    };
    consumer.poll(1000, take);
    run();
    return values;
  }
};

TEST_F(ConsumerPeerTest, ReadsFromTheBeginningSeeksAndReadsOn) {
  const std::string topic = unique("read");
  using enum record::Codec;
  for (const auto codec : {none, gzip, snappy, lz4, zstd}) produce(topic, 200, codec);
  Consumer consumer(*cluster, {.reset = consuming::Reset::earliest});
  const TopicPartition p{topic, 0};
  consumer.assign({p});
  const auto values = read(consumer, 1000);
  ASSERT_EQ(values.size(), 1000u);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(values[i], std::to_string(i % 200));
  EXPECT_EQ(consumer.position(p)->offset, 1000);
  EXPECT_TRUE(consumer.seek(p, 250));
  EXPECT_EQ(read(consumer, 1).at(0), "50");
  EXPECT_TRUE(consumer.seek_to_beginning(p));
  EXPECT_EQ(read(consumer, 1).at(0), "0");
}

TEST_F(ConsumerPeerTest, CommitsAndGoesOnFromThere) {
  const std::string topic = unique("commit"), group = unique("group");
  produce(topic, 10);
  const TopicPartition p{topic, 0};
  {
    Consumer consumer(
        *cluster,
        {.reset = consuming::Reset::earliest, .group_id = group, .auto_commits = false, .records_max = 4});
    consumer.assign({p});
    EXPECT_EQ(read(consumer, 1).size(), 4u);
    consumer.commit([this](Result<void> committed) {
      EXPECT_TRUE(committed) << committed.error().message;
      done();
    });
    run();
    consumer.committed({p}, [&](Result<Offsets> offsets) {
      EXPECT_EQ(offsets->at(p).offset, 4);
      done();
    });
    run();
  }
  Consumer consumer(*cluster, {.group_id = group});
  consumer.assign({p});
  EXPECT_EQ(read(consumer, 6).at(0), "4");
}

}  // namespace
}  // namespace kt::client
