#include "libbroker/consuming/sticky_group.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "libbroker/base/java_hash.h"
#include "libbroker/base/java_hash_order.h"

namespace kt::consuming {

StickyGroup::StickyGroup(const PartitionCounts& counts, const std::vector<GroupMember>& members,
                         const std::vector<Claim>& claims) {
  number_topics(counts, members);
  std::vector<size_t> by_id(members.size());
  std::iota(by_id.begin(), by_id.end(), size_t{0});
  std::ranges::sort(by_id, {}, [&](size_t i) -> const std::string& { return members[i].id; });
  std::vector<Member> numbers(members.size());
  for (const size_t i : by_id) {
    numbers[i] = members_.size();
    add_member(members[i], claims[i]);
  }
  JavaHashOrder<Member> order;
  for (size_t i = 0; i < members.size(); ++i) order.put(numbers[i], java_string_hash(members[i].id));
  walk_ = order.keys();
  settle_claims();
}

void StickyGroup::number_topics(const PartitionCounts& counts, const std::vector<GroupMember>& members) {
  std::set<std::string> wanted;
  for (const GroupMember& member : members) wanted.insert(member.topics.begin(), member.topics.end());
  for (const auto& [name, count] : counts) {
    if (!wanted.contains(name)) continue;
    first_of_.push_back(topic_of_.size());
    topic_of_.insert(topic_of_.end(), static_cast<size_t>(std::max(count, 0)), topics_.size());
    topics_.push_back(name);
  }
  first_of_.push_back(topic_of_.size());
  wanted_by_.resize(topics_.size());
  is_contested_.resize(topic_of_.size());
}

std::optional<StickyGroup::Topic> StickyGroup::find_topic(const std::string& name) const {
  const auto at = std::ranges::lower_bound(topics_, name);
  if (at == topics_.end() || *at != name) return std::nullopt;
  return static_cast<Topic>(at - topics_.begin());
}

void StickyGroup::add_member(const GroupMember& told, const Claim& claim) {
  Told member{.told = &told, .generation = claim.generation, .topics = {}, .claimed = {}, .owned = {}};
  for (const std::string& name : std::set<std::string>(told.topics.begin(), told.topics.end())) {
    if (const auto topic = find_topic(name)) member.topics.push_back(*topic);
  }
  for (const Topic t : member.topics) ++wanted_by_[t];
  for (const TopicPartition& p : claim.partitions) {
    const auto topic = find_topic(p.topic);
    if (!topic || p.partition < 0) continue;
    const Partition number = first_of_[*topic] + static_cast<size_t>(p.partition);
    if (number < first_of_[*topic + 1]) member.claimed.push_back(number);
  }
  generation_max_ = std::max(generation_max_, claim.generation.value_or(-1));
  // Topics that do not exist count here too, as they do for Java.
  const auto same_topics = [](const GroupMember& a, const GroupMember& b) {
    return std::set(a.topics.begin(), a.topics.end()) == std::set(b.topics.begin(), b.topics.end());
  };
  if (!members_.empty() && !same_topics(*members_.front().told, told)) all_want_the_same_ = false;
  members_.push_back(std::move(member));
}

void StickyGroup::settle_claims() {
  std::vector<Member> owner(partition_count(), nobody);
  for (const Member m : walk_) {
    const int32_t generation = members_[m].generation.value_or(-1);
    for (const Partition p : members_[m].claimed) {
      const Member other = std::exchange(owner[p], m);
      if (other == nobody) {
        members_[m].owned.push_back(p);
        continue;
      }
      const int32_t its_generation = told(other).generation;  // of the protocol's field, whatever it claims
      if (generation < its_generation) {
        owner[p] = other;
        continue;
      }
      std::erase(members_[other].owned, p);
      if (generation == its_generation) {
        is_contested_[p] = true;
      } else {
        members_[m].owned.push_back(p);
      }
    }
  }
}

bool StickyGroup::wants(Member m, Topic t) const { return std::ranges::binary_search(members_[m].topics, t); }

}  // namespace kt::consuming
