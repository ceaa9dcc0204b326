#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/slice.h"
#include "libbroker/base/topic_partition.h"

namespace kt::consuming {

/// A member of a group, as its subscription tells the leader.
struct GroupMember {
  std::string id;
  std::optional<std::string> instance_id = {};
  std::vector<std::string> topics;
  std::vector<TopicPartition> owned = {};  // what it had in `generation`, where it keeps that while it joins
  int32_t generation = -1;                 // -1: told by no field of the protocol
  Slice user_data = {};                    // what its assignor adds
};

using PartitionCounts = std::map<std::string, int32_t>;  // by topic; only topics that exist
using GroupAssignment =
    std::map<std::string, std::vector<TopicPartition>>;  // by member id; every member has an entry

/// What a member remembers of its last assignment by one assignor.
struct LastAssignment {
  std::optional<std::vector<TopicPartition>> partitions;
  int32_t generation = -1;
};

/// Divides partitions among the members of a group as the Java assignor of that name does, so that the two
/// can lead the same group in turn. Replicas' racks are not looked at.
class Assignor {
 public:
  virtual ~Assignor() = default;
  virtual std::string_view name() const = 0;
  /// Whether members keep their partitions while they rejoin (KIP-429).
  virtual bool is_cooperative() const { return false; }
  /// What a member adds to its subscription; null for nothing.
  virtual Slice user_data(const LastAssignment&) const { return {}; }
  virtual GroupAssignment assign(const PartitionCounts& counts,
                                 const std::vector<GroupMember>& members) const = 0;
};

/// range, roundrobin, sticky or cooperative-sticky; also by Java's class names. nullptr: there is none.
const Assignor* find_assignor(std::string_view name);

/// Kafka's default of partition.assignment.strategy: range, and cooperative-sticky to move on to.
std::vector<const Assignor*> default_assignors();

/// Kafka's order of members: those with an instance id first, by it; the others by member id.
bool comes_before(const GroupMember& a, const GroupMember& b);

}  // namespace kt::consuming
