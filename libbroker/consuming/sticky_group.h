#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/consuming/assignor.h"

namespace kt::consuming {

/// What a member says it had, and in which generation that was; none: it says nothing of generations.
struct Claim {
  std::vector<TopicPartition> partitions;
  std::optional<int32_t> generation = {};
};

/// A group as the sticky assignors see it. Members, topics and partitions go by number, a lower one for an
/// earlier name, so numbers compare as names do. A group has at least one member.
class StickyGroup {
 public:
  using Member = size_t;
  using Topic = size_t;
  using Partition = size_t;
  static constexpr Member nobody = SIZE_MAX;

  /// `claims`: one for each of `members`, which must outlive this.
  StickyGroup(const PartitionCounts& counts, const std::vector<GroupMember>& members,
              const std::vector<Claim>& claims);

  size_t member_count() const { return members_.size(); }
  size_t topic_count() const { return topics_.size(); }
  size_t partition_count() const { return topic_of_.size(); }
  bool all_want_the_same() const { return all_want_the_same_; }
  /// The latest generation of any claim; -1: none.
  int32_t generation_max() const { return generation_max_; }
  /// Members as Java's HashMap walks them.
  const std::vector<Member>& walk() const { return walk_; }

  const GroupMember& told(Member m) const { return *members_[m].told; }
  std::optional<int32_t> generation(Member m) const { return members_[m].generation; }
  /// Partitions it claims, as far as they exist.
  const std::vector<Partition>& claimed(Member m) const { return members_[m].claimed; }
  /// Those of them that no other member of its generation or a later one claims too.
  const std::vector<Partition>& owned(Member m) const { return members_[m].owned; }
  /// Two members of one generation claim it, so it is neither's.
  bool is_contested(Partition p) const { return is_contested_[p]; }
  bool wants(Member m, Topic t) const;
  /// How many members want it: at least one.
  size_t wanted_by(Topic t) const { return wanted_by_[t]; }

  Topic topic_of(Partition p) const { return topic_of_[p]; }
  /// The number within the topic.
  int32_t index_of(Partition p) const { return static_cast<int32_t>(p - first_of_[topic_of_[p]]); }
  /// The topic's partitions are those from first_of(t) to first_of(t + 1).
  Partition first_of(Topic t) const { return first_of_[t]; }
  const std::string& name(Topic t) const { return topics_[t]; }
  TopicPartition named(Partition p) const { return {topics_[topic_of_[p]], index_of(p)}; }

 private:
  struct Told {
    const GroupMember* told;
    std::optional<int32_t> generation;
    std::vector<Topic> topics;  // ascending
    std::vector<Partition> claimed, owned;
  };
  void number_topics(const PartitionCounts& counts, const std::vector<GroupMember>& members);
  std::optional<Topic> find_topic(const std::string& name) const;
  void add_member(const GroupMember& told, const Claim& claim);
  void settle_claims();

  std::vector<Told> members_;
  std::vector<Member> walk_;
  std::vector<std::string> topics_;
  std::vector<Partition> first_of_;
  std::vector<Topic> topic_of_;
  std::vector<size_t> wanted_by_;
  std::vector<bool> is_contested_;
  bool all_want_the_same_ = true;
  int32_t generation_max_ = -1;
};

/// For each member, in the order of members, what it gets.
using Shares = std::vector<std::vector<StickyGroup::Partition>>;

}  // namespace kt::consuming
