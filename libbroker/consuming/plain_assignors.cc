#include "libbroker/consuming/plain_assignors.h"

#include <algorithm>

namespace kt::consuming {
namespace {

bool wants(const GroupMember& member, const std::string& topic) {
  return std::ranges::find(member.topics, topic) != member.topics.end();
}

std::vector<const GroupMember*> in_order(const std::vector<GroupMember>& members) {
  std::vector<const GroupMember*> ordered;
  for (const GroupMember& member : members) ordered.push_back(&member);
  std::ranges::sort(ordered, [](const GroupMember* a, const GroupMember* b) { return comes_before(*a, *b); });
  return ordered;
}

GroupAssignment nothing_for(const std::vector<GroupMember>& members) {
  GroupAssignment assignment;
  for (const GroupMember& member : members) assignment[member.id];
  return assignment;
}

}  // namespace

bool comes_before(const GroupMember& a, const GroupMember& b) {
  if (a.instance_id && b.instance_id) return *a.instance_id < *b.instance_id;
  if (a.instance_id || b.instance_id) return a.instance_id.has_value();
  return a.id < b.id;
}

GroupAssignment RangeAssignor::assign(const PartitionCounts& counts,
                                      const std::vector<GroupMember>& members) const {
  GroupAssignment assignment = nothing_for(members);
  const auto ordered = in_order(members);
  for (const auto& [topic, count] : counts) {
    std::vector<const GroupMember*> takers;
    std::ranges::copy_if(ordered, std::back_inserter(takers),
                         [&](const GroupMember* m) { return wants(*m, topic); });
    if (takers.empty()) continue;
    const auto taker_count = static_cast<int32_t>(takers.size());
    int32_t next = 0;
    for (int32_t i = 0; i < taker_count; ++i) {
      const int32_t share = count / taker_count + (i < count % taker_count ? 1 : 0);
      for (int32_t end = next + share; next < end; ++next) assignment[takers[i]->id].push_back({topic, next});
    }
  }
  return assignment;
}

GroupAssignment RoundRobinAssignor::assign(const PartitionCounts& counts,
                                           const std::vector<GroupMember>& members) const {
  GroupAssignment assignment = nothing_for(members);
  const auto ordered = in_order(members);
  size_t next = 0;
  for (const auto& [topic, count] : counts) {
    if (std::ranges::none_of(members, [&](const GroupMember& m) { return wants(m, topic); })) continue;
    for (int32_t p = 0; p < count; ++p) {
      while (!wants(*ordered[next], topic)) next = (next + 1) % ordered.size();
      assignment[ordered[next]->id].push_back({topic, p});
      next = (next + 1) % ordered.size();
    }
  }
  return assignment;
}

}  // namespace kt::consuming
