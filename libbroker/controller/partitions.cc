#include "libbroker/controller/partitions.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "libbroker/controller/partition_draft.h"
#include "libbroker/controller/shown_name.h"

namespace kt::controller {
namespace {

using metadata::LeaderRecovery;
using metadata::no_leader;
using metadata::Partition;
using metadata::Topic;
using AlterPartition = wire::AlterPartitionRequest;

/// Distinct ids, all of them replicas.
bool is_valid_isr(const Partition& partition, const std::vector<int32_t>& isr) {
  const std::set<int32_t> distinct(isr.begin(), isr.end());
  return distinct.size() == isr.size() &&
         std::ranges::all_of(isr, [&](int32_t id) { return std::ranges::count(partition.replicas, id) > 0; });
}

/// Versions before 3 name ids alone; an epoch of -1 is not checked.
std::vector<AlterPartition::BrokerState> wanted_isr(const AlterPartition::PartitionData& data,
                                                    int16_t api_version) {
  if (api_version >= 3) return data.new_isr_with_epochs;
  std::vector<AlterPartition::BrokerState> out;
  for (const int32_t id : data.new_isr) out.push_back({.broker_id = id, .broker_epoch = -1});
  return out;
}

std::vector<int32_t> ids_of(const std::vector<AlterPartition::BrokerState>& members) {
  std::vector<int32_t> out;
  for (const auto& member : members) out.push_back(member.broker_id);
  return out;
}

bool may_be_in_isr(const State& state, const AlterPartition::BrokerState& member) {
  const metadata::Broker* broker = state.image.broker(member.broker_id);
  return broker && !broker->fenced && !broker->in_controlled_shutdown &&
         (member.broker_epoch == -1 || member.broker_epoch == broker->epoch ||
          state.config.mutants.has(Mutant::controller_ignores_broker_epochs));
}

ErrorCode check(const State& state, int32_t sender, const Partition& now,
                const AlterPartition::PartitionData& data,
                const std::vector<AlterPartition::BrokerState>& members) {
  // A leader that knows more than we do says that we are not the controller any more.
  if (data.leader_epoch > now.leader_epoch) return ErrorCode::not_controller;
  if (data.partition_epoch > now.partition_epoch) return ErrorCode::not_controller;
  if (data.leader_epoch < now.leader_epoch) return ErrorCode::fenced_leader_epoch;
  if (sender != now.leader) return ErrorCode::invalid_request;
  if (data.partition_epoch < now.partition_epoch) return ErrorCode::invalid_update_version;
  const std::vector<int32_t> isr = ids_of(members);
  if (!is_valid_isr(now, isr)) return ErrorCode::invalid_request;
  if (std::ranges::count(isr, now.leader) == 0) return ErrorCode::invalid_request;
  if (data.leader_recovery_state != static_cast<int8_t>(LeaderRecovery::recovered) &&
      data.leader_recovery_state != static_cast<int8_t>(LeaderRecovery::recovering))
    return ErrorCode::invalid_request;
  const auto recovery = static_cast<LeaderRecovery>(data.leader_recovery_state);
  if (recovery == LeaderRecovery::recovering && isr.size() > 1) return ErrorCode::invalid_request;
  if (recovery == LeaderRecovery::recovering && now.leader_recovery == LeaderRecovery::recovered)
    return ErrorCode::invalid_request;
  const bool eligible =
      std::ranges::all_of(members, [&](const auto& member) { return may_be_in_isr(state, member); });
  return eligible ? ErrorCode::none : ErrorCode::ineligible_replica;
}

wire::AlterPartitionResponse::PartitionData alter(const State& state, const AlterPartition& request,
                                                  const Topic& topic,
                                                  const AlterPartition::PartitionData& data,
                                                  int16_t api_version, PartitionDraft& draft) {
  wire::AlterPartitionResponse::PartitionData answer{.partition_index = data.partition_index};
  const Partition* now = draft.find(topic, data.partition_index);
  const auto members = wanted_isr(data, api_version);
  answer.error_code =
      now ? check(state, request.broker_id, *now, data, members) : ErrorCode::unknown_topic_or_partition;
  if (answer.error_code != ErrorCode::none) return answer;

  PartitionTarget target(*now);
  target.isr = ids_of(members);
  target.recovery = static_cast<LeaderRecovery>(data.leader_recovery_state);
  if (state.unclean_election_enabled(topic.name)) target.election = Election::unclean;
  const auto change = change_partition(topic.id, data.partition_index, *now, std::move(target),
                                       rules_for(state, topic, *now));
  if (change) draft.change(*now, *change);
  const Partition& after = *draft.find(topic, data.partition_index);
  if (after.leader != request.broker_id) {  // the end of a reassignment took the leadership away
    answer.error_code = ErrorCode::new_leader_elected;
    return answer;
  }
  answer.leader_id = after.leader;
  answer.leader_epoch = after.leader_epoch;
  answer.isr = after.isr;
  answer.leader_recovery_state = static_cast<int8_t>(after.leader_recovery);
  answer.partition_epoch = after.partition_epoch;
  return answer;
}

struct ElectionResult {
  ErrorCode code = ErrorCode::none;
  std::optional<std::string> message = {};
};

ElectionResult elect(const State& state, std::string_view topic_name, int32_t index, Election election,
                     PartitionDraft& draft) {
  const Topic* topic = state.image.topic(topic_name);
  if (!topic)
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("No such topic as {}", shown_name(topic_name))};
  const Partition* now = draft.find(*topic, index);
  if (!now)
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("No such partition as {}-{}", topic_name, index)};
  const bool is_preferred = election == Election::preferred;
  if (is_preferred ? now->leader == now->preferred_replica() : now->has_leader())
    return {ErrorCode::election_not_needed, "Leader election not needed for topic partition."};
  PartitionTarget target(*now);
  target.election = election;
  const auto change =
      change_partition(topic->id, index, *now, std::move(target), rules_for(state, *topic, *now));
  if (!change)
    return is_preferred ? ElectionResult{ErrorCode::preferred_leader_not_available,
                                         "The preferred leader was not available."}
                        : ElectionResult{ErrorCode::eligible_leaders_not_available,
                                         "Eligible topic partition leaders are not available."};
  draft.change(*now, *change);
  return {};
}

ElectionResult unknown_election_type(int8_t type) {
  return {ErrorCode::invalid_request, fmt::format("Unknown election type {}", type)};
}

/// Calls `visit(topic, index, partition)` for every partition until it returns false.
void for_each_partition(const metadata::Image& image, auto&& visit) {
  for (const auto& [id, topic] : image.topics)
    for (const auto& [index, partition] : topic->partitions)
      if (!visit(*topic, index, *partition)) return;
}

void put_directory(Partition& partition, int32_t replica, const Uuid& directory) {
  for (size_t i = 0; i < partition.replicas.size() && i < partition.directories.size(); ++i)
    if (partition.replicas[i] == replica) partition.directories[i] = directory;
}

}  // namespace

ElectionRules rules_for(const State& state, const Topic& topic, const Partition& partition,
                        const std::function<bool(int32_t)>& acceptable) {
  ElectionRules rules{.metadata_version = state.image.metadata_version(),
                      .elr_enabled = state.elr_enabled(),
                      .min_isr = state.effective_min_isr(topic),
                      .mutants = state.config.mutants};
  rules.may_lead = [&state, &partition, acceptable](int32_t id) {
    if (!(acceptable ? acceptable(id) : state.image.is_active(id))) return false;
    const metadata::Broker* broker = state.image.broker(id);
    const auto replica = std::ranges::find(partition.replicas, id);
    if (!broker || replica == partition.replicas.end()) return false;
    const auto at = static_cast<size_t>(replica - partition.replicas.begin());
    return at >= partition.directories.size() || broker->has_online(partition.directories[at]);
  };
  rules.default_directory = [&state](int32_t id) { return state.default_directory(id); };
  return rules;
}

Decision<wire::AlterPartitionResponse> decide(const State& state, const AlterPartition& request,
                                              const Context& context) {
  Decision<wire::AlterPartitionResponse> decision;
  if (const auto known = state.check_broker_epoch(request.broker_id, request.broker_epoch); !known) {
    decision.reply.error_code = known.error().code;
    return decision;
  }
  PartitionDraft draft;
  for (const auto& wanted : request.topics) {
    auto& answer = decision.reply.topics.emplace_back();
    answer.topic_id = wanted.topic_id;
    const Topic* topic = state.image.topic(wanted.topic_id);
    for (const auto& partition : wanted.partitions) {
      if (topic)
        answer.partitions.push_back(alter(state, request, *topic, partition, context.api_version, draft));
      else
        answer.partitions.push_back(
            {.partition_index = partition.partition_index, .error_code = ErrorCode::unknown_topic_id});
    }
  }
  decision.records = draft.take_records();
  return decision;
}

Decision<wire::ElectLeadersResponse> decide(const State& state, const wire::ElectLeadersRequest& request) {
  Decision<wire::ElectLeadersResponse> decision;
  PartitionDraft draft;
  const bool is_known = request.election_type == 0 || request.election_type == 1;
  const Election election = request.election_type == 0 ? Election::preferred : Election::unclean;
  const auto answer_one = [&](auto& results, std::string_view topic, int32_t index, bool tell_not_needed) {
    ElectionResult result =
        is_known ? elect(state, topic, index, election, draft) : unknown_election_type(request.election_type);
    if (result.code != ErrorCode::election_not_needed || tell_not_needed)
      results.push_back(
          {.partition_id = index, .error_code = result.code, .error_message = std::move(result.message)});
  };
  if (!is_known) decision.reply.error_code = ErrorCode::invalid_request;
  if (request.topic_partitions) {
    for (const auto& wanted : *request.topic_partitions) {
      auto& answer = decision.reply.replica_election_results.emplace_back();
      answer.topic = wanted.topic;
      for (const int32_t index : wanted.partitions)
        answer_one(answer.partition_result, wanted.topic, index, true);
    }
  } else if (is_known) {
    for (const auto& [id, topic] : state.image.topics) {
      auto& answer = decision.reply.replica_election_results.emplace_back();
      answer.topic = topic->name;
      for (const auto& [index, partition] : topic->partitions)
        answer_one(answer.partition_result, topic->name, index, false);
    }
  }
  decision.records = draft.take_records();
  return decision;
}

Decision<wire::AssignReplicasToDirsResponse> decide(const State& state,
                                                    const wire::AssignReplicasToDirsRequest& request) {
  Decision<wire::AssignReplicasToDirsResponse> decision;
  if (const auto known = state.check_broker_epoch(request.broker_id, request.broker_epoch); !known) {
    decision.reply.error_code = known.error().code;
    return decision;
  }
  const metadata::Broker& broker = *state.image.broker(request.broker_id);
  PartitionDraft draft;
  const auto assign = [&](const Uuid& directory, const Topic* topic, int32_t index) {
    if (!topic) return ErrorCode::unknown_topic_id;
    const Partition* now = draft.find(*topic, index);
    if (!now) return ErrorCode::unknown_topic_or_partition;
    if (std::ranges::count(now->replicas, request.broker_id) == 0) return ErrorCode::not_leader_or_follower;
    PartitionTarget target(*now);
    target.directories[request.broker_id] = directory;
    if (!broker.has_online(directory)) {
      std::erase(target.isr, request.broker_id);
      if (state.unclean_election_enabled(topic->name)) target.election = Election::unclean;
    }
    const auto acceptable = [&](int32_t id) {
      return state.image.is_active(id) && (id != request.broker_id || broker.has_online(directory));
    };
    Partition judged = *now;
    if (state.config.leads_from_new_directories && !now->has_leader())
      put_directory(judged, request.broker_id, directory);
    const auto rules = rules_for(state, *topic, judged, acceptable);
    if (const auto change = change_partition(topic->id, index, *now, std::move(target), rules))
      draft.change(*now, *change);
    return ErrorCode::none;
  };
  for (const auto& wanted : request.directories) {
    auto& directory = decision.reply.directories.emplace_back();
    directory.id = wanted.id;
    for (const auto& wanted_topic : wanted.topics) {
      auto& topic = directory.topics.emplace_back();
      topic.topic_id = wanted_topic.topic_id;
      for (const auto& partition : wanted_topic.partitions)
        topic.partitions.push_back({.partition_index = partition.partition_index,
                                    .error_code = assign(wanted.id, state.image.topic(wanted_topic.topic_id),
                                                         partition.partition_index)});
    }
  }
  decision.records = draft.take_records();
  return decision;
}

std::vector<metadata::Record> balance_leaders(const State& state) {
  PartitionDraft draft;
  for_each_partition(state.image, [&](const Topic& topic, int32_t index, const Partition& partition) {
    if (partition.leader != partition.preferred_replica())
      elect(state, topic.name, index, Election::preferred, draft);
    return draft.size() < elections_per_round_max;
  });
  return draft.take_records();
}

std::vector<metadata::Record> elect_unclean_leaders(const State& state) {
  PartitionDraft draft;
  for_each_partition(state.image, [&](const Topic& topic, int32_t index, const Partition& partition) {
    if (!partition.has_leader() && state.unclean_election_enabled(topic.name))
      elect(state, topic.name, index, Election::unclean, draft);
    return draft.size() < elections_per_round_max;
  });
  return draft.take_records();
}

void update_leaders_and_isrs(const State& state, const BrokerChange& change,
                             const std::function<bool(const Partition&)>& concerns,
                             std::vector<metadata::Record>& records) {
  // While the records are being made the image still shows brokers as they were: who comes may lead although
  // fenced, who goes may not although alive.
  const auto acceptable = [&](int32_t id) {
    return id != change.leaves && id != change.unclean_shutdown &&
           (id == change.may_now_lead || state.image.is_active(id));
  };
  for_each_partition(state.image, [&](const Topic& topic, int32_t index, const Partition& partition) {
    if (!concerns(partition)) return true;
    PartitionTarget target(partition);
    std::erase(target.isr, change.leaves);
    std::erase(target.isr, change.unclean_shutdown);
    if (change.unclean_shutdown != no_leader) target.unclean_shutdown = change.unclean_shutdown;
    if (state.unclean_election_enabled(topic.name)) target.election = Election::unclean;
    const auto rules = rules_for(state, topic, partition, acceptable);
    if (const auto record = change_partition(topic.id, index, partition, std::move(target), rules))
      records.push_back(*record);
    return true;
  });
}

}  // namespace kt::controller
