#include "libbroker/controller/configs.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "libbroker/metadata/config_validation.h"
#include "libbroker/metadata/java_text.h"

namespace kt::controller {
namespace {

using metadata::ConfigDef;
using metadata::ConfigMap;
using metadata::ConfigResource;
using metadata::Record;
using metadata::ResourceType;
namespace java = metadata::java;

constexpr std::string_view min_isr = "min.insync.replicas";

/// Kafka's AlterConfigOp.
enum class Operation : int8_t { set = 0, erase = 1, append = 2, subtract = 3 };

Result<void> invalid(std::string message) { return fail(ErrorCode::invalid_request, std::move(message)); }

/// Whether the request's resource and keys are each there once, with a value where one is needed.
template <class Resource>
Result<void> check_shape(const Resource& resource, int64_t times_given, auto&& may_be_null) {
  if (times_given > 1) return invalid("Each resource must appear at most once.");
  std::set<std::string> names;
  std::string nulls;
  for (const auto& config : resource.configs) {
    if (!names.insert(config.name).second) return invalid("Error due to duplicate config keys");
    if (!config.value && !may_be_null(config)) nulls += (nulls.empty() ? "" : ", ") + config.name;
  }
  if (!nulls.empty()) return invalid("Null value not supported for : " + nulls);
  return {};
}

const ConfigDef* find_def(const ConfigResource& resource, std::string_view name) {
  switch (resource.type) {
    case ResourceType::topic:
      return metadata::topic_configs().find(name);
    case ResourceType::broker:
      return metadata::broker_configs().find(name);
    case ResourceType::group:
      return metadata::group_configs().find(name);
    case ResourceType::client_metrics:
      return metadata::client_metrics_configs().find(name);
    default:
      return nullptr;
  }
}

Result<int32_t> broker_id_of(const std::string& name) {
  const auto id = java::parse_long(name);
  if (!id || *id > INT32_MAX)
    return fail(ErrorCode::invalid_request, "Unable to parse broker name as a base 10 number.");
  if (*id < 0) return fail(ErrorCode::invalid_request, "Invalid negative broker ID.");
  return static_cast<int32_t>(*id);
}

Result<void> check_exists(const State& state, const ConfigResource& resource) {
  if (resource.type == ResourceType::topic && !state.image.topic(resource.name))
    return fail(ErrorCode::unknown_topic_or_partition,
                fmt::format("The topic '{}' does not exist.", resource.name));
  if (resource.type != ResourceType::broker || resource.name.empty()) return {};
  const Result<int32_t> id = broker_id_of(resource.name);
  if (!id) return fail(id.error());
  if (!state.image.broker(*id) && std::ranges::count(state.config.quorum_ids, *id) == 0)
    return fail(ErrorCode::broker_id_not_registered, fmt::format("No node with id {} found.", *id));
  return {};
}

/// Checks what would be all of a resource's configuration.
Result<void> check_configs(const State& state, const ConfigResource& resource, const ConfigMap& configs) {
  switch (resource.type) {
    case ResourceType::topic:
      if (resource.name.empty()) return invalid("Default topic resources are not allowed.");
      if (auto name = metadata::validate_topic_name(resource.name); !name) return name;
      return metadata::validate_topic_configs(configs, state.config_layers());
    case ResourceType::broker: {
      if (resource.name.empty())
        return metadata::validate_dynamic_broker_configs(configs, metadata::DynamicScope::every_broker);
      if (const auto id = broker_id_of(resource.name); !id) return fail(id.error());
      return metadata::validate_dynamic_broker_configs(configs, metadata::DynamicScope::one_broker);
    }
    case ResourceType::group:
      if (resource.name.empty()) return invalid("Default group resources are not allowed.");
      return metadata::validate_group_configs(configs, state.config_layers());
    case ResourceType::client_metrics:
      return metadata::validate_client_metrics_configs(resource.name, configs);
    default:
      return invalid(fmt::format("Unknown resource type {}", static_cast<int>(resource.type)));
  }
}

/// A list after append or subtract, as text. `present`: what is set, if anything.
Result<std::string> edit_list(const ConfigResource& resource, const std::string& name, Operation operation,
                              const std::string* present, const std::string& argument) {
  const ConfigDef* def = find_def(resource, name);
  const bool appends = operation == Operation::append;
  if (!def || def->type != metadata::ConfigType::list)
    return fail(ErrorCode::invalid_config, fmt::format("Can't {} to key {} because its type is not LIST.",
                                                       appends ? "APPEND" : "SUBTRACT", name));
  std::vector<std::string> items =
      java::split_list(present ? *present : std::string(def->fallback.value_or("")));
  std::erase(items, "");
  for (const std::string& item : java::split_list(argument)) {
    if (!appends)
      std::erase(items, item);
    else if (std::ranges::count(items, item) == 0)
      items.push_back(item);
  }
  return *metadata::text_of(metadata::ConfigValue(items));
}

/// What a change makes of one value: the new text, or none when it is gone.
using NewValue = std::optional<std::string>;
using NewValues = std::vector<std::pair<std::string, NewValue>>;

Result<NewValues> incremental_values(
    const ConfigResource& resource, const ConfigMap& present,
    const wire::IncrementalAlterConfigsRequest::AlterConfigsResource& wanted) {
  NewValues values;
  for (const auto& config : wanted.configs) {
    const auto found = present.find(config.name);
    const std::string* now = found == present.end() ? nullptr : &found->second;
    switch (static_cast<Operation>(config.config_operation)) {
      case Operation::set:
        values.emplace_back(config.name, config.value);
        break;
      case Operation::erase:
        values.emplace_back(config.name, std::nullopt);
        break;
      case Operation::append:
      case Operation::subtract: {
        const auto operation = static_cast<Operation>(config.config_operation);
        Result<std::string> list = edit_list(resource, config.name, operation, now, *config.value);
        if (!list) return fail(list.error());
        values.emplace_back(config.name, *std::move(list));
        break;
      }
      default:
        return fail(ErrorCode::invalid_request,
                    fmt::format("Unknown operations type {}", static_cast<int>(config.config_operation)));
    }
  }
  return values;
}

/// What AlterConfigs leaves out it takes away.
NewValues replacing_values(const ConfigMap& present,
                           const wire::AlterConfigsRequest::AlterConfigsResource& wanted) {
  NewValues values;
  for (const auto& config : wanted.configs) values.emplace_back(config.name, config.value);
  for (const auto& [name, text] : present)
    if (std::ranges::count(wanted.configs, name, &wire::AlterConfigsRequest::AlterableConfig::name) == 0)
      values.emplace_back(name, std::nullopt);
  return values;
}

/// With eligible leaders the least ISR is known to the controller for every topic, and so is no broker's own
/// (KIP-966).
Result<void> check_min_isr_scope(const State& state, const ConfigResource& resource,
                                 const NewValues& values) {
  if (!state.elr_enabled() || resource.type != ResourceType::broker) return {};
  for (const auto& [name, value] : values) {
    if (name != min_isr) continue;
    if (!resource.name.empty())
      return fail(ErrorCode::invalid_config,
                  fmt::format("Broker-level {} cannot be altered while ELR is enabled.", min_isr));
    if (!value)
      return fail(ErrorCode::invalid_config,
                  fmt::format("Cluster-level {} cannot be removed while ELR is enabled.", min_isr));
  }
  return {};
}

/// What is eligible to lead, again, where ClearElrRecord takes away the last who may: nothing was committed
/// since there is no leader. (Kafka's controller leaves such a partition without anybody.)
void remember_last_leaders(const metadata::Topic& topic, std::vector<Record>& records) {
  for (const auto& [index, partition] : topic.partitions) {
    if (!partition->isr.empty()) continue;
    wire::PartitionChangeRecord change{.partition_id = index, .topic_id = topic.id};
    if (!partition->elr.empty()) change.eligible_leader_replicas = partition->elr;
    if (!partition->last_known_elr.empty()) change.last_known_elr = partition->last_known_elr;
    if (change.eligible_leader_replicas || change.last_known_elr) records.push_back(std::move(change));
  }
}

/// A lower min.insync.replicas could turn replicas eligible that are not safe: eligible leaders are
/// forgotten.
void forget_eligible_leaders(const State& state, const ConfigResource& resource, const NewValues& values,
                             std::vector<Record>& records) {
  const bool concerns = std::ranges::any_of(values, [](const auto& v) { return v.first == min_isr; });
  if (!concerns || !state.elr_enabled()) return;
  if (resource.type == ResourceType::topic) {
    records.push_back(wire::ClearElrRecord{.topic_name = resource.name});
    remember_last_leaders(*state.image.topic(resource.name), records);
  } else if (resource.type == ResourceType::broker && resource.name.empty()) {
    records.push_back(wire::ClearElrRecord{});
    for (const auto& [id, topic] : state.image.topics) remember_last_leaders(*topic, records);
  }
}

Result<void> apply_values(const State& state, const ConfigResource& resource, const NewValues& values,
                          std::vector<Record>& records) {
  const ConfigMap& present = state.image.config(resource.type, resource.name);
  ConfigMap after = present;
  NewValues changes;
  for (const auto& [name, value] : values) {
    const auto found = present.find(name);
    const NewValue now = found == present.end() ? NewValue() : NewValue(found->second);
    if (value)
      after.insert_or_assign(name, *value);
    else
      after.erase(name);
    // Brokers reload files that a value names even when the value is the same (KAFKA-14136).
    if (value != now || resource.type == ResourceType::broker) changes.emplace_back(name, value);
  }
  if (auto scope = check_min_isr_scope(state, resource, values); !scope) return scope;
  for (const auto& [name, value] : changes)
    if (auto size = metadata::validate_config_value_size(value.value_or("")); !size) return size;
  if (auto valid = check_configs(state, resource, after); !valid) return valid;
  if (auto exists = check_exists(state, resource); !exists) return exists;
  for (const auto& [name, value] : changes)
    records.push_back(wire::ConfigRecord{.resource_type = static_cast<int8_t>(resource.type),
                                         .resource_name = resource.name,
                                         .name = name,
                                         .value = value});
  forget_eligible_leaders(state, resource, changes, records);
  return {};
}

/// Both requests: for each resource, `change(resource, wanted, records)` unless it is badly formed.
template <class Response, class Request>
Decision<Response> decide_each(const Request& request, auto&& may_be_null, auto&& change) {
  Decision<Response> decision;
  std::map<ConfigResource, int64_t> times_given;
  const auto resource_of = [](const auto& wanted) {
    return ConfigResource{static_cast<ResourceType>(wanted.resource_type), wanted.resource_name};
  };
  for (const auto& wanted : request.resources) ++times_given[resource_of(wanted)];
  for (const auto& wanted : request.resources) {
    const ConfigResource resource = resource_of(wanted);
    Result<void> changed = check_shape(wanted, times_given[resource], may_be_null);
    if (changed) changed = change(resource, wanted, decision.records);
    auto& answer = decision.reply.responses.emplace_back();
    answer.resource_type = wanted.resource_type;
    answer.resource_name = wanted.resource_name;
    answer.error_message.reset();
    if (changed) continue;
    answer.error_code = changed.error().code;
    answer.error_message = changed.error().message;
  }
  if (request.validate_only) decision.records.clear();
  return decision;
}

}  // namespace

Decision<wire::IncrementalAlterConfigsResponse> decide(const State& state,
                                                       const wire::IncrementalAlterConfigsRequest& request) {
  const auto may_be_null = [](const auto& config) {
    return config.config_operation == static_cast<int8_t>(Operation::erase);
  };
  return decide_each<wire::IncrementalAlterConfigsResponse>(
      request, may_be_null,
      [&](const ConfigResource& resource, const auto& wanted, auto& records) -> Result<void> {
        const ConfigMap& present = state.image.config(resource.type, resource.name);
        const Result<NewValues> values = incremental_values(resource, present, wanted);
        if (!values) return fail(values.error());
        return apply_values(state, resource, *values, records);
      });
}

Decision<wire::AlterConfigsResponse> decide(const State& state, const wire::AlterConfigsRequest& request) {
  const auto never_null = [](const auto&) { return false; };
  return decide_each<wire::AlterConfigsResponse>(
      request, never_null, [&](const ConfigResource& resource, const auto& wanted, auto& records) {
        const ConfigMap& present = state.image.config(resource.type, resource.name);
        return apply_values(state, resource, replacing_values(present, wanted), records);
      });
}

std::vector<Record> records_for_eligible_leaders(const State& state) {
  constexpr auto broker = static_cast<int8_t>(ResourceType::broker);
  std::vector<Record> records;
  if (!state.image.config(ResourceType::broker, "").contains(min_isr)) {
    const ConfigDef& def = *metadata::broker_configs().find(min_isr);
    const auto configured = state.config.properties.find(min_isr);
    records.push_back(wire::ConfigRecord{.resource_type = broker,
                                         .name = std::string(min_isr),
                                         .value = configured == state.config.properties.end()
                                                      ? std::string(*def.fallback)
                                                      : configured->second});
  }
  for (const auto& [resource, configs] : state.image.configs) {
    if (resource.type != ResourceType::broker || resource.name.empty() || !configs->contains(min_isr))
      continue;
    records.push_back(wire::ConfigRecord{.resource_type = broker,
                                         .resource_name = resource.name,
                                         .name = std::string(min_isr),
                                         .value = std::nullopt});
  }
  return records;
}

}  // namespace kt::controller
