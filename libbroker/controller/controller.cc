#include "libbroker/controller/controller.h"

#include <algorithm>
#include <set>

#include "libbroker/base/assert.h"
#include "libbroker/metadata/image_builder.h"

namespace kt::controller {

using metadata::Partition;
using metadata::Record;

Controller::Controller(ControllerConfig config, metadata::Image log, int64_t now_ms, uint64_t seed)
    : config_(std::move(config)),
      image_(std::move(log)),
      rng_(seed),
      next_balance_ms_(now_ms + config_.leader_imbalance_check_interval_ms),
      next_unclean_election_ms_(now_ms + config_.unclean_leader_election_interval_ms),
      last_append_ms_(now_ms) {
  for (const auto& [id, broker] : image_.brokers)
    soft_.sessions[id] = {.last_contact_ms = now_ms, .registration_offset = broker->epoch};
}

template <class Reply>
Decision<Reply> Controller::applied(Decision<Reply> decision, const Context& context) {
  apply(decision.records, context);
  return decision;
}

template <class Reply>
Decision<Reply> Controller::bounded(Decision<Reply> decision, const Context& context) {
  if (decision.records.size() <= records_per_operation_max) return applied(std::move(decision), context);
  return {.refusal = oversized_operation()};
}

void Controller::apply(const std::vector<Record>& records, const Context& context) {
  if (records.empty()) return;
  metadata::ImageBuilder builder(image_);
  for (const Record& record : records) builder.apply(record);
  image_ =
      std::move(builder).freeze({.offset = context.next_offset + static_cast<int64_t>(records.size()) - 1,
                                 .epoch = image_.provenance.epoch,
                                 .timestamp_ms = image_.provenance.timestamp_ms});
  for (size_t i = 0; i < records.size(); ++i) {
    if (const auto* registered = std::get_if<wire::RegisterBrokerRecord>(&records[i]))
      soft_.sessions[registered->broker_id] =
          begun_session(*registered, context.next_offset + static_cast<int64_t>(i), context.now_ms);
    else if (const auto* gone = std::get_if<wire::UnregisterBrokerRecord>(&records[i]))
      soft_.sessions.erase(gone->broker_id);
    else if (const auto* changed = std::get_if<wire::BrokerRegistrationChangeRecord>(&records[i]);
             changed && changed->fenced > 0)
      soft_.sessions[changed->broker_id].controlled_shutdown_offset = -1;
  }
  last_append_ms_ = context.now_ms;
  check_invariants(records);
}

/// A broker that registers anew while it shuts down goes on shutting down.
Session Controller::begun_session(const wire::RegisterBrokerRecord& registered, int64_t offset,
                                  int64_t now_ms) const {
  const auto former = soft_.sessions.find(registered.broker_id);
  const bool goes_on =
      registered.in_controlled_shutdown && !registered.fenced && former != soft_.sessions.end();
  return {.last_contact_ms = now_ms,
          .is_heard = true,
          .registration_offset = offset,
          .controlled_shutdown_offset = goes_on ? former->second.controlled_shutdown_offset : -1};
}

Decision<wire::CreateTopicsResponse> Controller::handle(const wire::CreateTopicsRequest& request,
                                                        const Context& context) {
  return bounded(decide(state(), request, rng_), context);
}
Decision<wire::DeleteTopicsResponse> Controller::handle(const wire::DeleteTopicsRequest& request,
                                                        const Context& context) {
  return bounded(decide(state(), request, context), context);
}
Decision<wire::CreatePartitionsResponse> Controller::handle(const wire::CreatePartitionsRequest& request,
                                                            const Context& context) {
  return bounded(decide(state(), request, rng_), context);
}
Decision<wire::IncrementalAlterConfigsResponse> Controller::handle(
    const wire::IncrementalAlterConfigsRequest& request, const Context& context) {
  return bounded(decide(state(), request), context);
}
Decision<wire::AlterConfigsResponse> Controller::handle(const wire::AlterConfigsRequest& request,
                                                        const Context& context) {
  return bounded(decide(state(), request), context);
}
Decision<wire::UpdateFeaturesResponse> Controller::handle(const wire::UpdateFeaturesRequest& request,
                                                          const Context& context) {
  return bounded(decide(state(), request, context), context);
}
Decision<wire::BrokerRegistrationResponse> Controller::handle(const wire::BrokerRegistrationRequest& request,
                                                              const Context& context) {
  return applied(decide(state(), request, context), context);
}
Decision<wire::UnregisterBrokerResponse> Controller::handle(const wire::UnregisterBrokerRequest& request,
                                                            const Context& context) {
  return applied(decide(state(), request), context);
}
Decision<wire::ControllerRegistrationResponse> Controller::handle(
    const wire::ControllerRegistrationRequest& request, const Context& context) {
  return applied(decide(state(), request), context);
}
Decision<wire::AllocateProducerIdsResponse> Controller::handle(
    const wire::AllocateProducerIdsRequest& request, const Context& context) {
  return applied(decide(state(), request), context);
}
Decision<wire::AlterPartitionResponse> Controller::handle(const wire::AlterPartitionRequest& request,
                                                          const Context& context) {
  return applied(decide(state(), request, context), context);
}
Decision<wire::ElectLeadersResponse> Controller::handle(const wire::ElectLeadersRequest& request,
                                                        const Context& context) {
  return bounded(decide(state(), request), context);
}
Decision<wire::AlterPartitionReassignmentsResponse> Controller::handle(
    const wire::AlterPartitionReassignmentsRequest& request, const Context& context) {
  return bounded(decide(state(), request), context);
}
Decision<wire::ListPartitionReassignmentsResponse> Controller::handle(
    const wire::ListPartitionReassignmentsRequest& request, const Context& context) {
  return applied(decide(state(), request), context);
}
Decision<wire::AssignReplicasToDirsResponse> Controller::handle(
    const wire::AssignReplicasToDirsRequest& request, const Context& context) {
  return applied(decide(state(), request), context);
}

Decision<wire::BrokerHeartbeatResponse> Controller::handle(const wire::BrokerHeartbeatRequest& request,
                                                           const Context& context) {
  HeartbeatDecision decision = decide(state(), request);
  apply(decision.records, context);
  if (decision.reply.error_code == ErrorCode::none)
    touch(request, decision.next, context.next_offset + static_cast<int64_t>(decision.records.size()) - 1,
          context.now_ms);
  return {std::move(decision.records), std::move(decision.reply)};
}

void Controller::touch(const wire::BrokerHeartbeatRequest& request, BrokerState next, int64_t end_offset,
                       int64_t now_ms) {
  Session& session = soft_.sessions[request.broker_id];
  session.last_contact_ms = now_ms;
  session.is_heard = true;
  session.metadata_offset = request.current_metadata_offset;
  if (next != BrokerState::controlled_shutdown)
    session.controlled_shutdown_offset = -1;
  else if (session.controlled_shutdown_offset < 0)
    session.controlled_shutdown_offset = end_offset;
}

std::vector<Record> Controller::take(std::vector<Record> records, const Context& context) {
  apply(records, context);
  return records;
}

void Controller::hear_own(int64_t broker_epoch) {
  const metadata::Broker* broker = image_.broker(config_.node_id);
  if (broker && broker->epoch == broker_epoch) soft_.sessions[broker->id].is_heard = true;
}

std::vector<Record> Controller::fence(int32_t broker_id, int64_t broker_epoch, const Context& context) {
  const metadata::Broker* broker = image_.broker(broker_id);
  if (!broker || broker->fenced || broker->epoch != broker_epoch) return {};
  return take(fence_broker(state(), broker_id), context);
}

std::vector<Record> Controller::tick(const Context& context) {
  std::vector<Record> records;
  if (const auto stale = find_stale_broker(state(), context.now_ms)) {
    records = fence_broker(state(), *stale);
  } else if (config_.auto_leader_rebalance && context.now_ms >= next_balance_ms_) {
    records = balance_leaders(state());
    if (records.size() < elections_per_round_max)
      next_balance_ms_ = context.now_ms + config_.leader_imbalance_check_interval_ms;
  } else if (context.now_ms >= next_unclean_election_ms_) {
    records = elect_unclean_leaders(state());
    if (records.size() < elections_per_round_max)
      next_unclean_election_ms_ = context.now_ms + config_.unclean_leader_election_interval_ms;
  } else if (config_.idle_interval_ms > 0 && context.now_ms >= last_append_ms_ + config_.idle_interval_ms) {
    records.push_back(wire::NoOpRecord{});
  }
  apply(records, context);
  return records;
}

int64_t Controller::deadline_ms() const {
  int64_t deadline = next_unclean_election_ms_;
  if (config_.auto_leader_rebalance) deadline = std::min(deadline, next_balance_ms_);
  if (config_.idle_interval_ms > 0) deadline = std::min(deadline, last_append_ms_ + config_.idle_interval_ms);
  for (const auto& [id, session] : soft_.sessions)
    if (image_.is_alive(id))
      deadline = std::min(deadline, session.last_contact_ms + config_.session_timeout_ms + 1);
  return deadline;
}

void Controller::check_invariants(const std::vector<Record>& records) const {
  const auto check = [&](const Uuid& topic_id, int32_t index) {
    const Partition* partition = image_.partition(topic_id, index);
    if (!partition) return;  // gone by a later record
    const std::set<int32_t> replicas(partition->replicas.begin(), partition->replicas.end());
    const std::set<int32_t> isr(partition->isr.begin(), partition->isr.end());
    KT_ASSERT(replicas.size() == partition->replicas.size());
    KT_ASSERT(isr.size() == partition->isr.size());
    KT_ASSERT(std::ranges::includes(replicas, isr));
    KT_ASSERT(partition->directories.size() == partition->replicas.size());
    for (const int32_t id : partition->elr) {
      KT_ASSERT(replicas.contains(id));
      KT_ASSERT(!isr.contains(id));
    }
    for (const int32_t id : partition->adding_replicas) KT_ASSERT(replicas.contains(id));
    for (const int32_t id : partition->removing_replicas) KT_ASSERT(replicas.contains(id));
    KT_ASSERT(!partition->has_leader() || isr.contains(partition->leader));
    KT_ASSERT(partition->leader_recovery == metadata::LeaderRecovery::recovered || isr.size() <= 1);
  };
  for (const Record& record : records) {
    if (const auto* created = std::get_if<wire::PartitionRecord>(&record))
      check(created->topic_id, created->partition_id);
    else if (const auto* changed = std::get_if<wire::PartitionChangeRecord>(&record))
      check(changed->topic_id, changed->partition_id);
  }
}

}  // namespace kt::controller
