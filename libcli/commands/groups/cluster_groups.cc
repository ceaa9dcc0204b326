#include "libcli/commands/groups/cluster_groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "libbroker/client/coordinator.h"
#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/09_offset_fetch.h"
#include "libbroker/wire/10_find_coordinator.h"
#include "libbroker/wire/42_delete_groups.h"
#include "libbroker/wire/69_consumer_group_describe.h"
#include "libbroker/wire/consumer_protocol.h"
#include "libcli/commands/framework/answer.h"
#include "libcli/commands/framework/java_exception.h"

namespace kt::cli::groups {
namespace {

constexpr int16_t names_version_max = 9;  // OffsetCommit and OffsetFetch name topics by id from 10 on
constexpr int64_t coordinator_wait_ms_max = 30'000;

bool same_word(const std::string& a, const std::string& b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::vector<TopicPartition> assigned(const Slice& assignment) {
  std::vector<TopicPartition> partitions;
  if (assignment.size() < sizeof(int16_t)) return partitions;
  try {
    wire::Decoder prefix(assignment, 0, false);
    int16_t version = 0;
    prefix.value(version);
    version = std::min(version, wire::ConsumerProtocolAssignment::max_version);
    for (const auto& topic :
         wire::decode<wire::ConsumerProtocolAssignment>(prefix.rest(), version).assigned_partitions) {
      for (const int32_t partition : topic.partitions) partitions.push_back({topic.topic, partition});
    }
  } catch (const wire::DecodeError&) {
    partitions.clear();  // not a consumer's: nothing to show
  }
  std::ranges::sort(partitions);
  return partitions;
}

/// Not Connect's workers, nor share groups. What holds offsets alone has no protocol.
bool is_consumer_group(const wire::ListGroupsResponse::ListedGroup& group) {
  const bool is_of_consumers = group.protocol_type.empty() || group.protocol_type == "consumer";
  const bool has_type = group.group_type.empty() || same_word(group.group_type, "classic");
  return same_word(group.group_type, "consumer") || (has_type && is_of_consumers);
}

/// Asks the coordinator, and again after it moved, was lost, or while it reads its log [AdminApiDriver].
template <class Response, class Request, class ErrorOf>
Result<Response> ask_coordinator(Session& session, const std::string& group, const Request& request,
                                 ErrorOf error_of, client::CallOptions options = {}) {
  const int64_t until_ms = session.clock().monotonic_ms() + coordinator_wait_ms_max;
  for (bool was_there = false;; session.pause()) {
    const auto node = coordinator_of(session, group);
    was_there |= node.has_value();
    Result<Response> response =
        node ? session.ask<Response>(client::Target::node(*node), request, options) : fail(node.error());
    const ErrorCode code = response ? error_of(*response) : response.error().code;
    const bool passes = client::is_coordinator_lost(code) || code == ErrorCode::coordinator_load_in_progress;
    if (!passes || !was_there || session.clock().monotonic_ms() > until_ms) return response;
  }
}

/// The groups of one broker, which is asked again while it reads its log or cannot be reached
/// [KafkaAdminClient.listConsumerGroups].
Result<std::vector<wire::ListGroupsResponse::ListedGroup>> groups_of(Session& session, int32_t broker) {
  const int64_t until_ms = session.clock().monotonic_ms() + session.api_timeout_ms();
  for (;; session.pause()) {
    auto response =
        session.ask<wire::ListGroupsResponse>(client::Target::node(broker), wire::ListGroupsRequest{});
    const ErrorCode code = response ? response->error_code : response.error().code;
    if (code == ErrorCode::none) return std::move(response->groups);
    const bool passes = client::is_coordinator_lost(code) || code == ErrorCode::coordinator_load_in_progress;
    if (passes && session.clock().monotonic_ms() < until_ms) continue;
    if (!response) return fail(std::move(response.error()));
    return fail(code, fmt::format("broker {}: {}", broker, java_message({code})));
  }
}

}  // namespace

Result<int32_t> coordinator_of(Session& session, const std::string& group) {
  const int64_t until_ms = session.clock().monotonic_ms() + coordinator_wait_ms_max;
  wire::FindCoordinatorRequest request;
  request.key = group;
  constexpr int16_t one_key_version_max = 3;
  for (;;) {
    auto found = session.ask<wire::FindCoordinatorResponse>(client::Target::any(), request,
                                                            {.version_max = one_key_version_max});
    if (!found) return fail(std::move(found.error()));
    if (found->error_code == ErrorCode::none) return found->node_id;
    if (!is_retriable(found->error_code) || session.clock().monotonic_ms() > until_ms)
      return fail(found->error_code, found->error_message.value_or(""));
    session.pause();
  }
}

Result<std::vector<wire::ListGroupsResponse::ListedGroup>> list_groups(Session& session,
                                                                       const Options& options) {
  const auto topology = session.topology(std::vector<std::string>{});
  if (!topology) return fail(topology.error());
  const auto brokers = (*topology)->brokers;
  const auto is_wanted = [](const std::vector<std::string>& wanted, const std::string& word) {
    return wanted.empty() ||
           std::ranges::any_of(wanted, [&](const std::string& one) { return same_word(one, word); });
  };
  std::map<std::string, wire::ListGroupsResponse::ListedGroup> groups;
  for (const auto& [id, broker] : brokers) {
    auto listed = groups_of(session, id);
    if (!listed) return fail(std::move(listed.error()));
    for (auto& group : *listed) {
      if (!is_consumer_group(group)) continue;
      if (is_wanted(options.states, group.group_state) && is_wanted(options.types, group.group_type))
        groups[group.group_id] = std::move(group);
    }
  }
  std::vector<wire::ListGroupsResponse::ListedGroup> sorted;
  for (auto& [id, group] : groups) sorted.push_back(std::move(group));
  return sorted;
}

namespace {

/// Of a group of the old protocol.
Result<GroupDescription> describe_classic(Session& session, const std::string& group) {
  wire::DescribeGroupsRequest request;
  request.groups = {group};
  auto response = ask_coordinator<wire::DescribeGroupsResponse>(
      session, group, request, [](const auto& r) { return error_of_only(r.groups); });
  if (!response) return fail(std::move(response.error()));
  const auto part = only_part(response->groups, "the group");
  if (!part) return fail(part.error());
  auto& told = **part;
  if (told.error_code != ErrorCode::none) return fail(told.error_code, told.error_message.value_or(""));
  if (told.group_state == "Dead") {
    return fail(ErrorCode::group_id_not_found, fmt::format("Group {} not found.", group));
  }
  GroupDescription described{.id = group, .state = told.group_state, .protocol = told.protocol_data};
  for (auto& member : told.members) {
    described.members.push_back({.id = member.member_id,
                                 .host = member.client_host,
                                 .client_id = member.client_id,
                                 .instance_id = member.group_instance_id,
                                 .assignment = assigned(member.member_assignment)});
  }
  return described;
}

std::vector<TopicPartition> partitions_of(const wire::ConsumerGroupDescribeResponse::Assignment& assignment) {
  std::vector<TopicPartition> partitions;
  for (const auto& topic : assignment.topic_partitions) {
    for (const int32_t partition : topic.partitions) partitions.push_back({topic.topic_name, partition});
  }
  std::ranges::sort(partitions);
  return partitions;
}

/// Of a group of KIP-848. Errors: group_id_not_found for any other, unsupported_version of a cluster that has
/// none.
Result<GroupDescription> describe_modern(Session& session, const std::string& group) {
  wire::ConsumerGroupDescribeRequest request;
  request.group_ids = {group};
  auto response = ask_coordinator<wire::ConsumerGroupDescribeResponse>(
      session, group, request, [](const auto& r) { return error_of_only(r.groups); });
  if (!response) return fail(std::move(response.error()));
  const auto part = only_part(response->groups, "the group");
  if (!part) return fail(part.error());
  auto& told = **part;
  if (told.error_code != ErrorCode::none) return fail(told.error_code, told.error_message.value_or(""));
  GroupDescription described{.id = group, .state = told.group_state, .protocol = told.assignor_name};
  described.epoch = told.group_epoch;
  described.assignment_epoch = told.assignment_epoch;
  for (auto& member : told.members) {
    described.members.push_back({.id = member.member_id,
                                 .host = member.client_host,
                                 .client_id = member.client_id,
                                 .instance_id = member.instance_id,
                                 .assignment = partitions_of(member.assignment),
                                 .target = partitions_of(member.target_assignment),
                                 .epoch = member.member_epoch,
                                 .target_epoch = told.assignment_epoch});
  }
  return described;
}

}  // namespace

Result<GroupDescription> describe_group(Session& session, const std::string& group) {
  auto described = describe_modern(session, group);
  const ErrorCode code = described ? ErrorCode::none : described.error().code;
  if (code == ErrorCode::group_id_not_found || code == ErrorCode::unsupported_version) {
    described = describe_classic(session, group);
  }
  if (!described) return described;
  const auto node = coordinator_of(session, group);
  if (!node) return fail(node.error());
  described->coordinator_id = *node;
  const auto& brokers = session.cluster().topology().brokers;
  if (const auto found = brokers.find(*node); found != brokers.end())
    described->coordinator = found->second.at;
  std::ranges::stable_sort(described->members, std::greater(),
                           [](const auto& member) { return member.assignment.size(); });
  return described;
}

Result<std::map<TopicPartition, CommittedOffset>> committed_offsets(Session& session,
                                                                    const std::string& group) {
  wire::OffsetFetchRequest request;
  wire::OffsetFetchRequest::OffsetFetchRequestGroup all;
  all.group_id = group;
  all.topics.reset();
  request.groups = {all};
  using Response = wire::OffsetFetchResponse;
  auto response = ask_coordinator<Response>(session, group, request,
                                            [](const Response& r) { return error_of_only(r.groups); },
                                            {.version_max = names_version_max});
  if (!response) return fail(std::move(response.error()));
  const auto part = only_part(response->groups, "the group's offsets");
  if (!part) return fail(part.error());
  const auto& told = **part;
  if (told.error_code != ErrorCode::none) return fail(told.error_code);
  std::map<TopicPartition, CommittedOffset> offsets;
  for (const auto& topic : told.topics) {
    for (const auto& p : topic.partitions) {
      if (p.error_code == ErrorCode::none && p.committed_offset >= 0)
        offsets[{topic.name, p.partition_index}] = {p.committed_offset, p.committed_leader_epoch};
    }
  }
  return offsets;
}

Result<void> commit_offsets(Session& session, const std::string& group,
                            const std::map<TopicPartition, int64_t>& offsets) {
  wire::OffsetCommitRequest request;
  request.group_id = group;
  for (const auto& [at, offset] : offsets) {
    if (request.topics.empty() || request.topics.back().name != at.topic)
      request.topics.emplace_back().name = at.topic;
    request.topics.back().partitions.push_back({.partition_index = at.partition, .committed_offset = offset});
  }
  using Response = wire::OffsetCommitResponse;
  const auto first_error = [](const Response& r) {
    for (const auto& topic : r.topics) {
      for (const auto& p : topic.partitions) {
        if (p.error_code != ErrorCode::none) return p.error_code;
      }
    }
    return ErrorCode::none;
  };
  auto response =
      ask_coordinator<Response>(session, group, request, first_error, {.version_max = names_version_max});
  if (!response) return fail(std::move(response.error()));
  const ErrorCode code = first_error(*response);
  return code == ErrorCode::none ? Result<void>() : fail(code);
}

Result<ErrorCode> delete_group(Session& session, const std::string& group) {
  wire::DeleteGroupsRequest request;
  request.groups_names = {group};
  using Response = wire::DeleteGroupsResponse;
  auto response = ask_coordinator<Response>(session, group, request,
                                            [](const Response& r) { return error_of_only(r.results); });
  if (!response) return fail(std::move(response.error()));
  const auto part = only_part(response->results, "the group");
  if (!part) return fail(part.error());
  return (*part)->error_code;
}

Result<wire::OffsetDeleteResponse> delete_offsets(Session& session,
                                                  const wire::OffsetDeleteRequest& request) {
  using Response = wire::OffsetDeleteResponse;
  return ask_coordinator<Response>(session, request.group_id, request,
                                   [](const Response& r) { return r.error_code; });
}

}  // namespace kt::cli::groups
