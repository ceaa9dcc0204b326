#include "libbroker/consuming/sticky_assignors.h"

#include <algorithm>
#include <set>

#include "libbroker/base/java_hash.h"
#include "libbroker/base/java_hash_order.h"
#include "libbroker/consuming/constrained_assignment.h"
#include "libbroker/consuming/general_assignment.h"
#include "libbroker/consuming/protocol.h"
#include "libbroker/consuming/sticky_group.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"

namespace kt::consuming {
namespace {

/// StickyAssignor's user data; version 0 has no generation. The bytes do not tell their version.
struct PreviousAssignment {
  struct Topic {
    std::string topic;
    std::vector<int32_t> partitions;
    void fields(wire::Codec& c) { c.field("topic", topic).field("partitions", partitions); }
  };
  std::vector<Topic> topics;
  int32_t generation = -1;
  void fields(wire::Codec& c) {
    c.field("previous_assignment", topics).field("generation", generation, wire::since(1).ignorable());
  }
};

struct LastGeneration {
  int32_t generation = -1;
  void fields(wire::Codec& c) { c.field("generation", generation); }
};

template <class M>
Slice written(M message) {
  wire::Encoder encoder(1, false);
  encoder.value(message);
  return Slice::own(encoder.take_bytes());
}

/// What follows the message does not count, as for Java.
template <class M>
std::optional<M> read(const Slice& bytes, int16_t version) {
  try {
    wire::Decoder decoder(bytes, version, false);
    M message;
    decoder.value(message);
    return message;
  } catch (const wire::DecodeError&) {
    return std::nullopt;
  }
}

/// A claim that cannot be read is none.
Claim sticky_claim(const GroupMember& member) {
  if (member.user_data.size() == 0) return {};
  if (const auto told = read<PreviousAssignment>(member.user_data, 1)) {
    return {flat(told->topics), told->generation};
  }
  if (const auto told = read<PreviousAssignment>(member.user_data, 0)) return {flat(told->topics)};
  return {{}, -1};
}

Claim cooperative_claim(const GroupMember& member) {
  if (member.generation >= 0) return {member.owned, member.generation};
  if (member.user_data.is_null()) return {member.owned};
  const auto told = read<LastGeneration>(member.user_data, 0);
  return {member.owned, told ? told->generation : -1};
}

StickyGroup group_of(const PartitionCounts& counts, const std::vector<GroupMember>& members,
                     Claim (*claim_of)(const GroupMember&)) {
  std::vector<Claim> claims;
  std::ranges::transform(members, std::back_inserter(claims), claim_of);
  return StickyGroup(counts, members, claims);
}

GroupAssignment named(const StickyGroup& group, const Shares& shares) {
  GroupAssignment assignment;
  for (StickyGroup::Member m = 0; m < group.member_count(); ++m) {
    auto& partitions = assignment[group.told(m).id];
    for (const auto p : shares[m]) partitions.push_back(group.named(p));
  }
  return assignment;
}

/// Takes out what one member gets and another still has to give up.
void leave_out_moving(GroupAssignment& assignment, const std::vector<GroupMember>& members) {
  std::set<TopicPartition> given_up;
  for (const GroupMember& member : members) {
    const auto& kept = assignment[member.id];
    const std::set<TopicPartition> keeps(kept.begin(), kept.end());
    for (const TopicPartition& p : member.owned) {
      if (!keeps.contains(p)) given_up.insert(p);
    }
  }
  for (const GroupMember& member : members) {
    const std::set<TopicPartition> had(member.owned.begin(), member.owned.end());
    std::erase_if(assignment[member.id],
                  [&](const TopicPartition& p) { return !had.contains(p) && given_up.contains(p); });
  }
}

}  // namespace

Slice StickyAssignor::user_data(const LastAssignment& last) const {
  if (!last.partitions) return {};
  // Topics stand in the order of Java's HashMap, so that the bytes are the same.
  auto topics = by_topic<PreviousAssignment::Topic>(*last.partitions);
  JavaHashOrder<size_t> order;
  for (size_t i = 0; i < topics.size(); ++i) order.compute_if_absent(i, java_string_hash(topics[i].topic));
  PreviousAssignment told{.topics = {}, .generation = last.generation};
  for (const size_t i : order.keys()) told.topics.push_back(std::move(topics[i]));
  return written(std::move(told));
}

GroupAssignment StickyAssignor::assign(const PartitionCounts& counts,
                                       const std::vector<GroupMember>& members) const {
  if (members.empty()) return {};
  const StickyGroup group = group_of(counts, members, sticky_claim);
  return named(group, group.all_want_the_same() ? assign_constrained(group).shares : assign_general(group));
}

Slice CooperativeStickyAssignor::user_data(const LastAssignment& last) const {
  return written(LastGeneration{last.generation});
}

GroupAssignment CooperativeStickyAssignor::assign(const PartitionCounts& counts,
                                                  const std::vector<GroupMember>& members) const {
  if (members.empty()) return {};
  const StickyGroup group = group_of(counts, members, cooperative_claim);
  if (!group.all_want_the_same()) {
    GroupAssignment assignment = named(group, assign_general(group));
    leave_out_moving(assignment, members);
    return assignment;
  }
  ConstrainedAssignment constrained = assign_constrained(group);
  for (auto& share : constrained.shares) {
    std::erase_if(share, [&](StickyGroup::Partition p) { return constrained.is_moving[p]; });
  }
  return named(group, constrained.shares);
}

}  // namespace kt::consuming
