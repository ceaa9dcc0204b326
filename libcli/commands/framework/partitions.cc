#include "libcli/commands/framework/partitions.h"

#include <fmt/core.h>

#include <set>

#include "libbroker/wire/02_list_offsets.h"

namespace kt::cli {
namespace {

constexpr int32_t consumer_replica_id = -1;

/// The first version of ListOffsets that knows what a negative timestamp stands for.
int16_t version_for(int64_t timestamp) {
  switch (timestamp) {
    case -3:
      return 7;  // KIP-734
    case -4:
      return 8;  // KIP-405
    case -5:
      return 9;  // KIP-1005
    case -6:
      return 11;  // KIP-1023
    default:
      return wire::ListOffsetsRequest::min_version;
  }
}

/// Errors: unsupported_version where the broker would take the timestamp for a plain one.
Result<void> check_version(Session& session, int32_t node, int64_t timestamp) {
  const int16_t needed = version_for(timestamp);
  if (needed == wire::ListOffsetsRequest::min_version) return {};
  using Versions = std::map<int16_t, std::pair<int16_t, int16_t>>;
  const auto served = session.wait<Result<Versions>>([&](auto done) {
    session.cluster().versions(client::Target::node(node),
                               [done](Result<Versions> v) mutable { done(std::move(v)); });
  });
  if (!served) return fail(served.error());
  const auto found = served->find(wire::ListOffsetsRequest::api_key);
  if (found != served->end() && found->second.second >= needed) return {};
  return fail(ErrorCode::unsupported_version,
              fmt::format("Broker {} does not know the time {}", node, timestamp));
}

}  // namespace

Result<PartitionsByLeader> find_leaders(Session& session, const std::vector<TopicPartition>& partitions) {
  PartitionsByLeader found;
  if (partitions.empty()) return found;
  std::set<std::string> topics;
  for (const auto& at : partitions) topics.insert(at.topic);
  const auto topology = session.topology(std::vector<std::string>(topics.begin(), topics.end()));
  if (!topology) return fail(topology.error());
  for (const auto& at : partitions) {
    if (const auto leader = (*topology)->leader_of(at.topic, at.partition)) {
      found.led[leader->node_id][at.topic].push_back(at.partition);
      continue;
    }
    const auto topic = (*topology)->topics.find(at.topic);
    ErrorCode code = ErrorCode::unknown_topic_or_partition;
    if (topic != (*topology)->topics.end()) {
      if (topic->second.error_code != ErrorCode::none) code = topic->second.error_code;
      for (const auto& p : topic->second.partitions) {
        if (p.partition_index == at.partition) code = ErrorCode::leader_not_available;
      }
    }
    found.leaderless[at] = {code};
  }
  return found;
}

Result<PartitionOffsets> list_offsets(Session& session, const std::vector<TopicPartition>& partitions,
                                      int64_t timestamp) {
  const auto leaders = find_leaders(session, partitions);
  if (!leaders) return fail(leaders.error());
  PartitionOffsets offsets;
  for (const auto& [at, error] : leaders->leaderless) offsets[at] = fail(error);
  for (const auto& [node, topics] : leaders->led) {
    if (auto served = check_version(session, node, timestamp); !served) return fail(served.error());
    wire::ListOffsetsRequest request;
    request.replica_id = consumer_replica_id;
    for (const auto& [topic, indexes] : topics) {
      auto& asked = request.topics.emplace_back();
      asked.name = topic;
      for (const int32_t index : indexes)
        asked.partitions.push_back({.partition_index = index, .timestamp = timestamp});
    }
    auto response = session.ask<wire::ListOffsetsResponse>(client::Target::node(node), std::move(request));
    if (!response) return fail(std::move(response.error()));
    for (const auto& topic : response->topics) {
      for (const auto& p : topic.partitions) {
        const TopicPartition at{topic.name, p.partition_index};
        if (p.error_code == ErrorCode::none)
          offsets[at] = p.offset;
        else
          offsets[at] = fail(p.error_code);
      }
    }
  }
  return offsets;
}

Result<std::map<TopicPartition, int64_t>> known_offsets(Session& session,
                                                        const std::vector<TopicPartition>& partitions,
                                                        int64_t timestamp) {
  const auto offsets = list_offsets(session, partitions, timestamp);
  if (!offsets) return fail(offsets.error());
  std::map<TopicPartition, int64_t> known;
  for (const auto& [at, offset] : *offsets) {
    if (offset && *offset >= 0) known[at] = *offset;
  }
  return known;
}

}  // namespace kt::cli
