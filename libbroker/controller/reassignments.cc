#include "libbroker/controller/reassignments.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "libbroker/controller/partition_draft.h"
#include "libbroker/controller/partitions.h"
#include "libbroker/controller/shown_name.h"
#include "libbroker/controller/topics.h"

namespace kt::controller {
namespace {

using metadata::Partition;
using metadata::Topic;
using Ids = std::vector<int32_t>;
using AlterRequest = wire::AlterPartitionReassignmentsRequest;
using ListResponse = wire::ListPartitionReassignmentsResponse;

/// Those of `ids` that `removed` lacks, in their order.
Ids without(const Ids& ids, const Ids& removed) {
  Ids out;
  std::ranges::copy_if(ids, std::back_inserter(out),
                       [&](int32_t id) { return std::ranges::count(removed, id) == 0; });
  return out;
}

Ids sorted(Ids ids) {
  std::ranges::sort(ids);
  return ids;
}

/// The replication factor once the move under way, if any, is done.
size_t replicas_in_the_end(const Partition& now) {
  return without(now.replicas, now.removing_replicas).size();
}

/// What the partition is to be until the new replicas are in sync. Errors: invalid_replica_assignment,
/// invalid_replication_factor.
Result<PartitionTarget> moved(const State& state, const Partition& now, const Ids& wanted, bool may_resize) {
  if (const auto valid = check_manual_replicas(state, wanted, std::nullopt); !valid)
    return fail(valid.error());
  if (!may_resize && replicas_in_the_end(now) != wanted.size())
    return fail(ErrorCode::invalid_replication_factor,
                fmt::format("The replication factor is changed from {} to {}", replicas_in_the_end(now),
                            wanted.size()));
  PartitionTarget target(now);
  target.removing = sorted(without(now.replicas, wanted));
  // Of a move that is changed again, what it had begun to add is still being added, and goes when that one is
  // taken back.
  if (const Ids adding = sorted(without(wanted, now.replicas)); !adding.empty()) target.adding = adding;
  target.replicas = wanted;
  target.replicas.insert(target.replicas.end(), target.removing.begin(), target.removing.end());
  return target;
}

/// What the partition was before. Errors: no_reassignment_in_progress; invalid_replica_assignment where none
/// of its former replicas is in sync any more, unless the topic allows an unclean leader.
Result<PartitionTarget> taken_back(const State& state, const Topic& topic, int32_t index,
                                   const Partition& now) {
  if (!now.is_reassigning())
    return fail(ErrorCode::no_reassignment_in_progress, "No partition reassignment is in progress.");
  const bool may_be_unclean = state.unclean_election_enabled(topic.name);
  PartitionTarget target(now);
  if (may_be_unclean) target.election = Election::unclean;
  target.replicas = without(now.replicas, now.adding_replicas);
  target.isr = without(now.isr, now.adding_replicas);
  target.removing.clear();
  target.adding.clear();
  if (target.replicas.empty())
    return fail(ErrorCode::invalid_replica_assignment,
                "Invalid replica assignment: addingReplicas contains all replicas.");
  if (!target.isr.empty()) return target;
  if (!may_be_unclean)
    return fail(ErrorCode::invalid_replica_assignment,
                fmt::format("Unable to revert partition assignment for {}:{} because it would require an "
                            "unclean leader election.",
                            topic.name, index));
  target.isr.push_back(target.replicas.front());
  return target;
}

Result<void> alter(const State& state, const std::string& name,
                   const AlterRequest::ReassignablePartition& wanted, bool may_resize,
                   PartitionDraft& draft) {
  const Topic* topic = state.image.topic(name);
  if (!topic)
    return fail(ErrorCode::unknown_topic_or_partition,
                fmt::format("Unable to find a topic named {}.", shown_name(name)));
  const Partition* now = draft.find(*topic, wanted.partition_index);
  if (!now)
    return fail(ErrorCode::unknown_topic_or_partition,
                fmt::format("Unable to find partition {}:{}.", name, wanted.partition_index));
  Result<PartitionTarget> target = wanted.replicas ? moved(state, *now, *wanted.replicas, may_resize)
                                                   : taken_back(state, *topic, wanted.partition_index, *now);
  if (!target) return fail(target.error());
  auto change = change_partition(topic->id, wanted.partition_index, *now, std::move(*target),
                                 rules_for(state, *topic, *now));
  if (change) draft.change(*now, std::move(*change));
  return {};
}

void add_if_moving(ListResponse::OngoingTopicReassignment& out, int32_t index, const Partition* partition) {
  if (partition && partition->is_reassigning())
    out.partitions.push_back(
        {index, partition->replicas, partition->adding_replicas, partition->removing_replicas});
}

}  // namespace

Decision<wire::AlterPartitionReassignmentsResponse> decide(const State& state, const AlterRequest& request) {
  Decision<wire::AlterPartitionReassignmentsResponse> decision;
  if (request.topics.empty()) return decision;
  const bool may_resize = request.allow_replication_factor_change;
  PartitionDraft draft;
  decision.reply.allow_replication_factor_change = may_resize;
  decision.reply.error_message.reset();
  for (const auto& topic : request.topics) {
    auto& answers = decision.reply.responses.emplace_back();
    answers.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_message.reset();
      const Result<void> altered = alter(state, topic.name, partition, may_resize, draft);
      if (altered) continue;
      answer.error_code = altered.error().code;
      answer.error_message = altered.error().message;
    }
  }
  decision.records = draft.take_records();
  return decision;
}

Decision<ListResponse> decide(const State& state, const wire::ListPartitionReassignmentsRequest& request) {
  Decision<ListResponse> decision;
  decision.reply.error_message.reset();
  const auto keep = [&](ListResponse::OngoingTopicReassignment topic) {
    if (!topic.partitions.empty()) decision.reply.topics.push_back(std::move(topic));
  };
  if (request.topics) {
    for (const auto& wanted : *request.topics) {
      const Topic* topic = state.image.topic(wanted.name);
      if (!topic) continue;
      ListResponse::OngoingTopicReassignment out{.name = topic->name, .partitions = {}};
      for (const int32_t index : wanted.partition_indexes) add_if_moving(out, index, topic->partition(index));
      keep(std::move(out));
    }
    return decision;
  }
  for (const auto& [id, topic] : state.image.topics) {
    ListResponse::OngoingTopicReassignment out{.name = topic->name, .partitions = {}};
    for (const auto& [index, partition] : topic->partitions) add_if_moving(out, index, &*partition);
    keep(std::move(out));
  }
  return decision;
}

}  // namespace kt::controller
