#include "libcli/commands/configs/resource_configs.h"

#include <algorithm>
#include <optional>
#include <set>

#include "libbroker/metadata/config_layers.h"
#include "libbroker/metadata/image.h"
#include "libbroker/wire/44_incremental_alter_configs.h"
#include "libbroker/wire/74_list_config_resources.h"
#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/framework/answer.h"
#include "libcli/commands/groups/cluster_groups.h"

namespace kt::cli::configs {
namespace {

using metadata::ConfigSource;
using metadata::ResourceType;
using wire::IncrementalAlterConfigsRequest;
using Names = std::vector<std::string>;

/// Operations of IncrementalAlterConfigs (KIP-339).
constexpr int8_t set_operation = 0, delete_operation = 1;

struct Kind {
  std::string_view type;
  ResourceType resource;
  ConfigSource dynamic_source;  // unknown: all of it is dynamic
};
constexpr Kind kinds[] = {
    {"topics", ResourceType::topic, ConfigSource::topic},
    {"brokers", ResourceType::broker, ConfigSource::dynamic_broker},
    {"broker-loggers", ResourceType::broker_logger, ConfigSource::unknown},
    {"client-metrics", ResourceType::client_metrics, ConfigSource::client_metrics},
    {"groups", ResourceType::group, ConfigSource::group},
};
const Kind& kind_of(std::string_view type) { return *std::ranges::find(kinds, type, &Kind::type); }

bool is_dynamic(std::string_view type, const std::string& name, const ConfigEntry& entry) {
  ConfigSource wanted = kind_of(type).dynamic_source;
  if (type == "brokers" && name.empty()) wanted = ConfigSource::dynamic_default;
  return wanted == ConfigSource::unknown || entry.config_source == static_cast<int8_t>(wanted);
}

/// Names of groups or subscriptions that have configs, whether they exist or not. None: the cluster cannot
/// tell, as before KIP-1142.
Result<std::optional<Names>> configured(Session& session, ResourceType type) {
  constexpr int16_t version_with_types = 1;
  wire::ListConfigResourcesRequest request;
  client::CallOptions options;
  if (type == ResourceType::client_metrics) {
    options.version_max = version_with_types - 1;  // which is about nothing else
  } else {
    request.resource_types = {static_cast<int8_t>(type)};
  }
  auto response =
      session.ask<wire::ListConfigResourcesResponse>(client::Target::any(), std::move(request), options);
  if (!response && response.error().code == ErrorCode::unsupported_version) return std::nullopt;
  if (!response) return fail(std::move(response.error()));
  if (response->error_code != ErrorCode::none) return fail(response->error_code);
  Names names;
  for (auto& resource : response->config_resources) names.push_back(std::move(resource.resource_name));
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string_view source_name(int8_t source) {
  switch (static_cast<ConfigSource>(source)) {
    case ConfigSource::topic:
      return "DYNAMIC_TOPIC_CONFIG";
    case ConfigSource::dynamic_broker:
      return "DYNAMIC_BROKER_CONFIG";
    case ConfigSource::dynamic_default:
      return "DYNAMIC_DEFAULT_BROKER_CONFIG";
    case ConfigSource::static_broker:
      return "STATIC_BROKER_CONFIG";
    case ConfigSource::fallback:
      return "DEFAULT_CONFIG";
    case ConfigSource::broker_logger:
      return "DYNAMIC_BROKER_LOGGER_CONFIG";
    case ConfigSource::client_metrics:
      return "DYNAMIC_CLIENT_METRICS_CONFIG";
    case ConfigSource::group:
      return "DYNAMIC_GROUP_CONFIG";
    case ConfigSource::unknown:
      break;
  }
  return "UNKNOWN";
}

/// A broker knows itself best; everything else may be asked of any.
client::Target ResourceConfigs::target_of(std::string_view type, const std::string& name) const {
  const auto id = java_integer(name);
  const bool is_of_one_broker = (type == "brokers" || type == "broker-loggers") && id;
  return is_of_one_broker && !through_controllers_ ? client::Target::node(*id) : client::Target::any();
}

Result<Names> ResourceConfigs::topics() {
  const auto topology = session_.topology(std::nullopt);
  if (!topology) return fail(topology.error());
  Names names;
  for (const auto& [name, topic] : (*topology)->topics) names.push_back(name);
  return names;
}

Result<Names> ResourceConfigs::brokers() {
  const auto topology = session_.topology(Names{});
  if (!topology) return fail(topology.error());
  Names ids;
  for (const auto& [id, broker] : (*topology)->brokers) ids.push_back(std::to_string(id));
  return ids;
}

Result<Names> ResourceConfigs::groups() {
  const auto listed = cli::groups::list_groups(session_, {});
  if (!listed) return fail(listed.error());
  const auto known = configured(session_, ResourceType::group);
  if (!known) return fail(known.error());
  std::set<std::string> names;
  for (const auto& group : *listed) names.insert(group.group_id);
  if (*known) names.insert((*known)->begin(), (*known)->end());
  return Names(names.begin(), names.end());
}

/// Without the entry for all brokers.
Result<Names> ResourceConfigs::listed(std::string_view type) {
  switch (kind_of(type).resource) {
    case ResourceType::topic:
      return topics();
    case ResourceType::group:
      return groups();
    case ResourceType::client_metrics: {
      auto names = configured(session_, ResourceType::client_metrics);
      if (!names) return fail(std::move(names.error()));
      if (!*names)
        return fail(ErrorCode::unsupported_version, "the cluster cannot list client metrics resources");
      return std::move(**names);
    }
    default:
      return brokers();
  }
}

Result<Names> ResourceConfigs::names(std::string_view type) {
  auto names = listed(type);
  if (names && (type == "brokers" || type == "broker-loggers")) names->emplace_back();
  return names;
}

Result<bool> ResourceConfigs::is_known(std::string_view type, const std::string& name) {
  if (type == "brokers" && name.empty()) return true;
  const auto known = listed(type);
  if (!known) return fail(known.error());
  return std::ranges::find(*known, name) != known->end();
}

Result<std::vector<ConfigEntry>> ResourceConfigs::describe(std::string_view type, const std::string& name,
                                                           bool all) {
  wire::DescribeConfigsRequest request;
  request.resources.push_back({static_cast<int8_t>(kind_of(type).resource), name, std::nullopt});
  request.include_synonyms = true;
  auto response = session_.ask<wire::DescribeConfigsResponse>(target_of(type, name), std::move(request));
  if (!response) return fail(std::move(response.error()));
  const auto part = only_part(response->results, "the resource");
  if (!part) return fail(part.error());
  auto& result = **part;
  if (result.error_code != ErrorCode::none) return fail(result.error_code, result.error_message.value_or(""));
  std::vector<ConfigEntry> entries = std::move(result.configs);
  if (!all) std::erase_if(entries, [&](const ConfigEntry& e) { return !is_dynamic(type, name, e); });
  std::ranges::sort(entries, {}, &ConfigEntry::name);
  return entries;
}

Result<void> ResourceConfigs::alter(std::string_view type, const std::string& name, const Changes& changes) {
  IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<int8_t>(kind_of(type).resource);
  resource.resource_name = name;
  for (const std::string& key : changes.remove) resource.configs.push_back({key, delete_operation, ""});
  for (const auto& [key, value] : changes.set) resource.configs.push_back({key, set_operation, value});
  auto response =
      session_.ask<wire::IncrementalAlterConfigsResponse>(target_of(type, name), std::move(request));
  if (!response) return fail(std::move(response.error()));
  for (const auto& result : response->responses) {
    if (result.error_code != ErrorCode::none)
      return fail(result.error_code, result.error_message.value_or(""));
  }
  return {};
}

}  // namespace kt::cli::configs
