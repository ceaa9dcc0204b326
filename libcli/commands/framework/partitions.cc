#include "libcli/commands/framework/partitions.h"

#include <fmt/core.h>

#include <set>

#include "libbroker/wire/02_list_offsets.h"
#include "libcli/commands/framework/java_exception.h"

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

/// What the answer says of one partition.
Result<int64_t> told_of(const Result<PartitionOffsets>& told, const TopicPartition& at, int32_t node) {
  if (!told) return fail(told.error());
  const auto found = told->find(at);
  if (found != told->end()) return found->second;
  return fail(ErrorCode::unknown_server_error,
              fmt::format("The response from broker {} did not contain a result for topic partition {}", node,
                          at.text()));
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

Result<PartitionOffsets> ask_leaders(Session& session, const std::vector<TopicPartition>& partitions,
                                     const AskLeader& ask) {
  const int64_t until_ms = session.clock().monotonic_ms() + session.api_timeout_ms();
  PartitionOffsets outcome;
  std::vector<TopicPartition> left = partitions;
  for (;;) {
    const auto leaders = find_leaders(session, left);
    if (!leaders && outcome.empty()) return fail(leaders.error());
    if (leaders) {
      for (const auto& [at, error] : leaders->leaderless) outcome[at] = fail(error);
      for (const auto& [node, topics] : leaders->led) {
        auto told = ask(node, topics);
        if (!told && !is_retriable(told.error().code)) return fail(std::move(told.error()));
        for (const auto& [topic, indexes] : topics) {
          for (const int32_t index : indexes) outcome[{topic, index}] = told_of(told, {topic, index}, node);
        }
      }
    }
    std::erase_if(left, [&](const TopicPartition& at) {
      const auto& one = outcome.at(at);
      const bool is_unknown = leaders && leaders->leaderless.contains(at) &&
                              one.error().code == ErrorCode::unknown_topic_or_partition;
      return one || !is_retriable(one.error().code) || is_unknown;
    });
    if (left.empty() || session.clock().monotonic_ms() >= until_ms) return outcome;
    session.pause();
  }
}

Result<PartitionOffsets> list_offsets(Session& session, const std::vector<TopicPartition>& partitions,
                                      int64_t timestamp) {
  return ask_leaders(session, partitions, [&](int32_t node, const auto& led) -> Result<PartitionOffsets> {
    if (auto served = check_version(session, node, timestamp); !served) return fail(served.error());
    wire::ListOffsetsRequest request;
    request.replica_id = consumer_replica_id;
    for (const auto& [topic, indexes] : led) {
      auto& asked = request.topics.emplace_back();
      asked.name = topic;
      for (const int32_t index : indexes)
        asked.partitions.push_back({.partition_index = index, .timestamp = timestamp});
    }
    auto response = session.ask<wire::ListOffsetsResponse>(client::Target::node(node), std::move(request));
    if (!response) return fail(std::move(response.error()));
    PartitionOffsets offsets;
    for (const auto& topic : response->topics) {
      for (const auto& p : topic.partitions) {
        Result<int64_t> one = p.offset;
        if (p.error_code != ErrorCode::none) one = fail(p.error_code);
        offsets[{topic.name, p.partition_index}] = std::move(one);
      }
    }
    return offsets;
  });
}

Result<std::map<TopicPartition, int64_t>> offsets_of_all(Session& session,
                                                         const std::vector<TopicPartition>& partitions,
                                                         int64_t timestamp) {
  const auto offsets = list_offsets(session, partitions, timestamp);
  if (!offsets) return fail(offsets.error());
  std::map<TopicPartition, int64_t> all;
  for (const auto& [at, offset] : *offsets) {
    if (!offset)
      return fail(offset.error().code, fmt::format("{}: {}", at.text(), java_message(offset.error())));
    all[at] = *offset;
  }
  return all;
}

}  // namespace kt::cli
