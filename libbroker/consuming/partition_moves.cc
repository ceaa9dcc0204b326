#include "libbroker/consuming/partition_moves.h"

#include "libbroker/base/java_hash.h"

namespace kt::consuming {

PartitionMoves::PartitionMoves(const StickyGroup& group) : group_(group), topics_(group.topic_count()) {
  for (StickyGroup::Topic t = 0; t < group.topic_count(); ++t) {
    topic_hashes_.push_back(java_string_hash(group.name(t)));
  }
}

void PartitionMoves::add(Partition p, Way way) {
  ways_.emplace(p, way);
  const auto topic = group_.topic_of(p);
  // Java's TopicPartition.hashCode(), which wraps around.
  const uint32_t hash =
      31 * (31 + static_cast<uint32_t>(group_.index_of(p))) + static_cast<uint32_t>(topic_hashes_[topic]);
  topics_[topic].partitions[way].put(p, static_cast<int32_t>(hash));
}

void PartitionMoves::moved(Partition p, Member from, Member to) {
  const auto known = ways_.find(p);
  if (known == ways_.end()) return add(p, {from, to});
  const Way way = known->second;
  ways_.erase(known);
  auto& of_topic = topics_[group_.topic_of(p)].partitions;
  const auto same_way = of_topic.find(way);
  same_way->second.erase(p);
  if (same_way->second.empty()) of_topic.erase(same_way);
  if (way.first != to) add(p, {way.first, to});
}

PartitionMoves::Partition PartitionMoves::better(Partition p, Member from, Member to) const {
  if (const auto known = ways_.find(p); known != ways_.end()) from = known->second.first;
  const auto& of_topic = topics_[group_.topic_of(p)].partitions;
  const auto opposite = of_topic.find({to, from});
  return opposite == of_topic.end() ? p : opposite->second.first();
}

}  // namespace kt::consuming
