#pragma once
#include <cstdint>
#include <vector>

#include "libbroker/base/slice.h"
#include "libbroker/base/topic_partition.h"
#include "libbroker/wire/consumer_protocol.h"

namespace kt::consuming {

/// What members of a classic group tell each other through the coordinator, which does not look into it: an
/// int16 version, then the message. A reader takes a version newer than it knows for the newest that it
/// knows, as Java does.
Slice encode_subscription(const wire::ConsumerProtocolSubscription& subscription);
Slice encode_assignment(const std::vector<TopicPartition>& partitions, Slice user_data = {});

/// Throw wire::DecodeError.
wire::ConsumerProtocolSubscription decode_subscription(const Slice& bytes);
std::vector<TopicPartition> decode_assignment(const Slice& bytes);

/// Lists of {topic, partitions}, as Kafka's messages have them, in the order of the topics' first appearance.
template <class Topic>
std::vector<Topic> by_topic(const std::vector<TopicPartition>& partitions) {
  std::vector<Topic> topics;
  for (const TopicPartition& p : partitions) {
    auto topic = topics.begin();
    while (topic != topics.end() && topic->topic != p.topic) ++topic;
    if (topic == topics.end()) {
      topics.push_back({.topic = p.topic});
      topic = topics.end() - 1;
    }
    topic->partitions.push_back(p.partition);
  }
  return topics;
}
template <class Topic>
std::vector<TopicPartition> flat(const std::vector<Topic>& topics) {
  std::vector<TopicPartition> partitions;
  for (const Topic& topic : topics) {
    for (const int32_t index : topic.partitions) partitions.push_back({topic.topic, index});
  }
  return partitions;
}

}  // namespace kt::consuming
