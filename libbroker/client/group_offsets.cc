#include "libbroker/client/group_offsets.h"

#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/09_offset_fetch.h"

namespace kt::client {
namespace {

using wire::OffsetCommitRequest, wire::OffsetCommitResponse, wire::OffsetFetchRequest,
    wire::OffsetFetchResponse;

constexpr int16_t commit_version_by_name = 9, fetch_version_of_one_group = 7;

/// The first error of a partition, if any.
ErrorCode code_of_commit(const OffsetCommitResponse& response) {
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code != ErrorCode::none) return partition.error_code;
    }
  }
  return ErrorCode::none;
}

ErrorCode code_of_fetch(const OffsetFetchResponse& response) {
  if (response.error_code != ErrorCode::none) return response.error_code;
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code != ErrorCode::none) return partition.error_code;
    }
  }
  return ErrorCode::none;
}

Offsets offsets_in(const OffsetFetchResponse& response) {
  Offsets offsets;
  for (const auto& topic : response.topics) {
    for (const auto& p : topic.partitions) {
      if (p.committed_offset < 0) continue;  // none was committed
      offsets[{topic.name, p.partition_index}] = {p.committed_offset, p.committed_leader_epoch,
                                                  p.metadata.value_or("")};
    }
  }
  return offsets;
}

}  // namespace

void commit_offsets(Coordinator& coordinator, const Committer& by, const Offsets& offsets, int64_t retry_ms,
                    Then<void> then) {
  OffsetCommitRequest request{.group_id = coordinator.group_id(),
                              .generation_id_or_member_epoch = by.generation_id,
                              .member_id = by.member_id,
                              .group_instance_id = by.instance_id};
  for (const auto& [p, offset] : offsets) {
    if (request.topics.empty() || request.topics.back().name != p.topic)
      request.topics.push_back({.name = p.topic});
    request.topics.back().partitions.push_back(
        {p.partition, offset.offset, offset.leader_epoch, offset.metadata});
  }
  coordinator.call<OffsetCommitResponse>(
      std::move(request), code_of_commit, retry_ms,
      [then = std::move(then)](Result<OffsetCommitResponse> response) mutable {
        if (!response) return then(fail(response.error()));
        then({});
      },
      {.version_max = commit_version_by_name});
}

void fetch_offsets(Coordinator& coordinator, const std::optional<std::set<TopicPartition>>& of,
                   bool requires_stable, int64_t retry_ms, Then<Offsets> then) {
  OffsetFetchRequest request{.group_id = coordinator.group_id()};
  request.require_stable = requires_stable;
  if (of) {
    for (const TopicPartition& p : *of) {
      if (request.topics->empty() || request.topics->back().name != p.topic)
        request.topics->push_back({.name = p.topic});
      request.topics->back().partition_indexes.push_back(p.partition);
    }
  } else {
    request.topics.reset();
  }
  coordinator.call<OffsetFetchResponse>(
      std::move(request), code_of_fetch, retry_ms,
      [then = std::move(then)](Result<OffsetFetchResponse> response) mutable {
        if (!response) return then(fail(response.error()));
        then(offsets_in(*response));
      },
      {.version_max = fetch_version_of_one_group});
}

}  // namespace kt::client
