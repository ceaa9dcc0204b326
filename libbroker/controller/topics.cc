#include "libbroker/controller/topics.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "libbroker/controller/replica_placer.h"
#include "libbroker/metadata/config_validation.h"

namespace kt::controller {
namespace {

using metadata::ConfigMap;
using metadata::Partition;
using metadata::Record;
using metadata::ResourceType;
using CreateTopics = wire::CreateTopicsRequest;
using Assignment = std::vector<std::vector<int32_t>>;  // replicas by partition

constexpr std::string_view cluster_metadata_topic = "__cluster_metadata";

/// Names that stand in the request more than once.
template <class Topics>
std::set<std::string> names_given_twice(const Topics& topics) {
  std::set<std::string> once, twice;
  for (const auto& topic : topics)
    if (!once.insert(topic.name).second) twice.insert(topic.name);
  return twice;
}

// A new topic, checked step by step.

/// Whether two names are one in the names of metrics.
bool collide(std::string_view a, std::string_view b) {
  const auto unified = [](char c) { return c == '.' ? '_' : c; };
  return std::ranges::equal(a, b, {}, unified, unified);
}

Result<void> check_new_name(const State& state, const std::string& name) {
  if (state.image.topic_ids.contains(name))
    return fail(ErrorCode::topic_already_exists, fmt::format("Topic '{}' already exists.", name));
  if (auto valid = metadata::validate_topic_name(name); !valid) return valid;
  if (name.find_first_of("._") == name.npos) return {};
  for (const auto& [existing, id] : state.image.topic_ids)
    if (collide(existing, name))
      return fail(ErrorCode::invalid_topic_exception,
                  fmt::format("Topic '{}' collides with existing topic: {}", name, existing));
  return {};
}

Result<ConfigMap> new_configs(const State& state, const CreateTopics::CreatableTopic& topic) {
  ConfigMap configs;
  std::string nulls;
  for (const auto& config : topic.configs) {
    if (config.value)
      configs.insert_or_assign(config.name, *config.value);
    else
      nulls += (nulls.empty() ? "" : ",") + config.name;
  }
  if (!nulls.empty())
    return fail(ErrorCode::invalid_config, "Null value not supported for topic configs: " + nulls);
  for (const auto& [name, value] : configs)
    if (const auto size = metadata::validate_config_value_size(value); !size) return fail(size.error());
  if (const auto valid = metadata::validate_topic_configs(configs, state.config_layers()); !valid)
    return fail(valid.error());
  return configs;
}

std::vector<int32_t> active_among(const State& state, const std::vector<int32_t>& replicas) {
  std::vector<int32_t> out;
  std::ranges::copy_if(replicas, std::back_inserter(out),
                       [&](int32_t id) { return state.image.is_active(id); });
  return out;
}

Result<Assignment> manual_assignment(const State& state, const CreateTopics::CreatableTopic& topic) {
  if (topic.replication_factor != -1)
    return fail(ErrorCode::invalid_request,
                "A manual partition assignment was specified, but replication factor was not set to -1.");
  if (topic.num_partitions != -1)
    return fail(ErrorCode::invalid_request,
                "A manual partition assignment was specified, but numPartitions was not set to -1.");
  std::map<int32_t, std::vector<int32_t>> by_index;
  std::optional<size_t> replication_factor;
  for (const auto& wanted : topic.assignments) {
    if (by_index.contains(wanted.partition_index))
      return fail(ErrorCode::invalid_replica_assignment,
                  fmt::format("Found multiple manual partition assignments for partition {}",
                              wanted.partition_index));
    if (const auto valid = check_manual_replicas(state, wanted.broker_ids, replication_factor); !valid)
      return fail(valid.error());
    replication_factor = wanted.broker_ids.size();
    if (active_among(state, wanted.broker_ids).empty())
      return fail(
          ErrorCode::invalid_replica_assignment,
          fmt::format("All brokers specified in the manual partition assignment for partition {} are fenced "
                      "or in controlled shutdown.",
                      wanted.partition_index));
    by_index[wanted.partition_index] = wanted.broker_ids;
  }
  Assignment assignment;
  for (const auto& [index, replicas] : by_index) {
    if (index != static_cast<int32_t>(assignment.size()))
      return fail(ErrorCode::invalid_replica_assignment,
                  "partitions should be a consecutive 0-based integer sequence");
    assignment.push_back(replicas);
  }
  return assignment;
}

Result<Assignment> placed_assignment(const State& state, const CreateTopics::CreatableTopic& topic,
                                     Rng& rng) {
  if (topic.replication_factor < -1 || topic.replication_factor == 0)
    return fail(ErrorCode::invalid_replication_factor,
                "Replication factor must be larger than 0, or -1 to use the default value.");
  if (topic.num_partitions < -1 || topic.num_partitions == 0)
    return fail(ErrorCode::invalid_partitions,
                "Number of partitions was set to an invalid non-positive value.");
  const int32_t partitions = topic.num_partitions == -1 ? state.config.num_partitions : topic.num_partitions;
  const int16_t factor =
      topic.replication_factor == -1 ? state.config.default_replication_factor : topic.replication_factor;
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::invalid_replication_factor,
                fmt::format("Unable to replicate the partition {} time(s): {}", factor, why));
  };
  Result<Assignment> placed = place_replicas(usable_brokers(state), partitions, factor, rng);
  if (!placed) return refuse(placed.error().message);
  for (const auto& replicas : *placed)
    if (active_among(state, replicas).empty())
      return refuse("All brokers are currently fenced or in controlled shutdown.");
  return placed;
}

void append_partition(const State& state, const Uuid& topic_id, int32_t index,
                      const std::vector<int32_t>& replicas, std::vector<Record>& records) {
  Partition partition{.replicas = replicas, .isr = active_among(state, replicas)};
  for (const int32_t id : replicas) partition.directories.push_back(state.default_directory(id));
  partition.leader = partition.isr.front();
  records.push_back(metadata::partition_record(topic_id, index, partition, state.image.metadata_version()));
}

std::vector<wire::CreateTopicsResponse::CreatableTopicConfigs> effective_configs(const State& state,
                                                                                 const ConfigMap& configs) {
  std::vector<wire::CreateTopicsResponse::CreatableTopicConfigs> out;
  for (const metadata::ConfigDef& def : metadata::topic_configs()) {
    const metadata::ResolvedConfig resolved =
        metadata::resolve_topic_config(def, configs, state.config_layers());
    out.push_back({.name = std::string(def.name),
                   .value = def.sensitive() ? std::nullopt : metadata::text_of(resolved.value),
                   .config_source = static_cast<int8_t>(resolved.source),
                   .is_sensitive = def.sensitive()});
  }
  return out;
}

using Created = wire::CreateTopicsResponse::CreatableTopicResult;

/// Appends the records of a topic that passes every check: itself, then its configuration, then its
/// partitions.
Result<Created> create(const State& state, const CreateTopics::CreatableTopic& topic, Rng& rng,
                       std::vector<Record>& records) {
  if (const auto name = check_new_name(state, topic.name); !name) return fail(name.error());
  const Result<ConfigMap> configs = new_configs(state, topic);
  if (!configs) return fail(configs.error());
  const Result<Assignment> assignment =
      topic.assignments.empty() ? placed_assignment(state, topic, rng) : manual_assignment(state, topic);
  if (!assignment) return fail(assignment.error());

  const Uuid id = Uuid::random(rng);
  records.push_back(wire::TopicRecord{.name = topic.name, .topic_id = id});
  for (const auto& [name, value] : *configs)
    records.push_back(wire::ConfigRecord{.resource_type = static_cast<int8_t>(ResourceType::topic),
                                         .resource_name = topic.name,
                                         .name = name,
                                         .value = value});
  for (size_t i = 0; i < assignment->size(); ++i)
    append_partition(state, id, static_cast<int32_t>(i), (*assignment)[i], records);
  return Created{.name = topic.name,
                 .topic_id = id,
                 .error_message = std::nullopt,
                 .num_partitions = static_cast<int32_t>(assignment->size()),
                 .replication_factor = static_cast<int16_t>(assignment->front().size()),
                 .configs = effective_configs(state, *configs)};
}

int64_t partitions_of(const State& state, const CreateTopics& request) {
  int64_t total = 0;
  for (const auto& topic : request.topics) {
    if (!topic.assignments.empty())
      total += static_cast<int64_t>(topic.assignments.size());
    else
      total += topic.num_partitions == -1 ? state.config.num_partitions : std::max(topic.num_partitions, 0);
  }
  return total;
}

Created refused(const std::string& name, ErrorCode code, std::string message) {
  return {.name = name, .error_code = code, .error_message = std::move(message)};
}

// Growth.

using CreatePartitionsTopic = wire::CreatePartitionsRequest::CreatePartitionsTopic;

Result<Assignment> placed_growth(const State& state, int32_t additional, size_t factor, Rng& rng) {
  Result<Assignment> placed =
      place_replicas(usable_brokers(state), additional, static_cast<int32_t>(factor), rng);
  if (!placed) return placed;
  for (const auto& replicas : *placed)
    if (active_among(state, replicas).empty())
      return fail(
          ErrorCode::invalid_replication_factor,
          fmt::format("Unable to replicate the partition {} time(s): All brokers are currently fenced or in "
                      "controlled shutdown.",
                      factor));
  return placed;
}

Result<Assignment> manual_growth(const State& state, const CreatePartitionsTopic& wanted, int32_t present,
                                 size_t factor) {
  const int32_t additional = wanted.count - present;
  if (static_cast<int32_t>(wanted.assignments->size()) != additional)
    return fail(
        ErrorCode::invalid_replica_assignment,
        fmt::format("Attempted to add {} additional partition(s), but only {} assignment(s) were specified.",
                    additional, wanted.assignments->size()));
  Assignment assignment;
  for (const auto& listed : *wanted.assignments) {
    if (const auto valid = check_manual_replicas(state, listed.broker_ids, factor); !valid)
      return fail(valid.error());
    if (active_among(state, listed.broker_ids).empty())
      return fail(
          ErrorCode::invalid_replica_assignment,
          fmt::format("All brokers specified in the manual partition assignment for partition {} are fenced "
                      "or in controlled shutdown.",
                      present + static_cast<int32_t>(assignment.size())));
    assignment.push_back(listed.broker_ids);
  }
  return assignment;
}

Result<Assignment> growth(const State& state, const metadata::Topic& topic,
                          const CreatePartitionsTopic& wanted, Rng& rng) {
  const auto present = static_cast<int32_t>(topic.partitions.size());
  if (wanted.count == present)
    return fail(ErrorCode::invalid_partitions, fmt::format("Topic already has {} partition(s).", present));
  if (wanted.count < present)
    return fail(ErrorCode::invalid_partitions,
                fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.",
                            wanted.name, present, wanted.count));
  const size_t factor = topic.partitions.begin()->second->replicas.size();
  return wanted.assignments ? manual_growth(state, wanted, present, factor)
                            : placed_growth(state, wanted.count - present, factor, rng);
}

Result<void> grow(const State& state, const wire::CreatePartitionsRequest::CreatePartitionsTopic& wanted,
                  Rng& rng, std::vector<Record>& records) {
  const metadata::Topic* topic = state.image.topic(wanted.name);
  if (!topic || topic->partitions.empty()) return fail(ErrorCode::unknown_topic_or_partition);
  if (wanted.count - static_cast<int64_t>(topic->partitions.size()) > partitions_per_request_max)
    return fail(ErrorCode::policy_violation, "Excessively large number of partitions per request.");
  const Result<Assignment> assignment = growth(state, *topic, wanted, rng);
  if (!assignment) return fail(assignment.error());
  auto index = static_cast<int32_t>(topic->partitions.size());
  for (const auto& replicas : *assignment) append_partition(state, topic->id, index++, replicas, records);
  return {};
}

}  // namespace

std::vector<UsableBroker> usable_brokers(const State& state) {
  std::vector<UsableBroker> out;
  for (const auto& [id, broker] : state.image.brokers)
    if (broker->fenced || !broker->in_controlled_shutdown) out.push_back({id, broker->rack, broker->fenced});
  return out;
}

Result<void> check_manual_replicas(const State& state, const std::vector<int32_t>& replicas,
                                   std::optional<size_t> replication_factor) {
  const auto refuse = [](std::string why) {
    return fail(ErrorCode::invalid_replica_assignment, "The manual partition assignment includes " + why);
  };
  if (replicas.empty()) return refuse("an empty replica list.");
  std::vector<int32_t> sorted = replicas;
  std::ranges::sort(sorted);
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (!state.image.broker(sorted[i]))
      return refuse(fmt::format("broker {}, but no such broker is registered.", sorted[i]));
    if (i > 0 && sorted[i] == sorted[i - 1])
      return refuse(fmt::format("the broker {} more than once.", sorted[i]));
  }
  if (replication_factor && replicas.size() != *replication_factor)
    return refuse(
        fmt::format("a partition with {} replica(s), but this is not consistent with previous partitions, "
                    "which have {} replica(s).",
                    replicas.size(), *replication_factor));
  return {};
}

Decision<wire::CreateTopicsResponse> decide(const State& state, const CreateTopics& request, Rng& rng) {
  Decision<wire::CreateTopicsResponse> decision;
  auto& answers = decision.reply.topics;
  if (partitions_of(state, request) > partitions_per_request_max) {
    for (const auto& topic : request.topics)
      answers.push_back(refused(topic.name, ErrorCode::policy_violation,
                                "Excessively large number of partitions per request."));
    return decision;
  }
  const std::set<std::string> duplicates = names_given_twice(request.topics);
  for (const auto& topic : request.topics) {
    if (duplicates.contains(topic.name)) continue;
    if (topic.name == cluster_metadata_topic) {
      answers.push_back(refused(topic.name, ErrorCode::invalid_request,
                                "Creation of internal topic __cluster_metadata is prohibited."));
      continue;
    }
    Result<Created> created = create(state, topic, rng, decision.records);
    answers.push_back(created ? *std::move(created)
                              : refused(topic.name, created.error().code, created.error().message));
  }
  for (const std::string& name : duplicates)
    answers.push_back(refused(name, ErrorCode::invalid_request, "Duplicate topic name."));
  if (request.validate_only) decision.records.clear();
  return decision;
}

Decision<wire::CreatePartitionsResponse> decide(const State& state,
                                                const wire::CreatePartitionsRequest& request, Rng& rng) {
  Decision<wire::CreatePartitionsResponse> decision;
  const std::set<std::string> duplicates = names_given_twice(request.topics);
  for (const std::string& name : duplicates)
    decision.reply.results.push_back(
        {.name = name, .error_code = ErrorCode::invalid_request, .error_message = "Duplicate topic name."});
  for (const auto& wanted : request.topics) {
    if (duplicates.contains(wanted.name)) continue;
    auto& answer = decision.reply.results.emplace_back();
    answer.name = wanted.name;
    const Result<void> grown = grow(state, wanted, rng, decision.records);
    if (decision.records.size() > records_per_operation_max) return {.refusal = oversized_operation()};
    if (grown) continue;
    answer.error_code = grown.error().code;
    if (!grown.error().message.empty()) answer.error_message = grown.error().message;
  }
  if (request.validate_only) decision.records.clear();
  return decision;
}

}  // namespace kt::controller
