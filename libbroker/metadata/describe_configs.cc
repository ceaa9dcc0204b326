#include "libbroker/metadata/describe_configs.h"

#include <algorithm>
#include <span>

namespace kt::metadata {
namespace {

using Entry = wire::DescribeConfigsResponse::DescribeConfigsResourceResult;
using Synonym = wire::DescribeConfigsResponse::DescribeConfigsSynonym;

bool wanted(const DescribeWhat& what, std::string_view name) {
  return !what.keys || what.keys->empty() || std::ranges::count(*what.keys, name) > 0;
}

/// Broker keys that mean the same in other units, the strongest first.
std::vector<std::string_view> broker_synonyms(std::string_view name) {
  constexpr std::string_view families[][3] = {
      {"log.roll.ms", "log.roll.hours"},
      {"log.roll.jitter.ms", "log.roll.jitter.hours"},
      {"log.flush.interval.ms", "log.flush.scheduler.interval.ms"},
      {"log.retention.ms", "log.retention.minutes", "log.retention.hours"},
  };
  for (const auto& family : families) {
    const bool asked_by_default = name == "log.flush.scheduler.interval.ms";
    if (asked_by_default || std::ranges::count(family, name) == 0) continue;
    std::vector<std::string_view> names;
    std::ranges::copy_if(family, std::back_inserter(names), [](auto n) { return !n.empty(); });
    return names;
  }
  return {name};
}

/// Where a broker key and its synonyms are set, strongest layer first, from `name` itself on.
std::vector<Synonym> synonyms_of(std::string_view name, const BrokerLayers& broker, bool sensitive) {
  const std::vector<std::string_view> names = broker_synonyms(name);
  std::vector<Synonym> found;
  const auto add = [&](std::string_view key, std::string_view text, ConfigSource source) {
    if (found.empty() && key != name) return;
    found.push_back({.name = std::string(key),
                     .value = sensitive ? std::nullopt : std::optional<std::string>(text),
                     .source = static_cast<int8_t>(source)});
  };
  const auto add_layer = [&](const ConfigMap& layer, ConfigSource source) {
    for (const std::string_view key : names)
      if (const auto set = layer.find(key); set != layer.end()) add(key, set->second, source);
  };
  add_layer(broker.dynamic_broker, ConfigSource::dynamic_broker);
  add_layer(broker.dynamic_default, ConfigSource::dynamic_default);
  add_layer(broker.static_broker, ConfigSource::static_broker);
  for (const std::string_view key : names) {
    const ConfigDef* def = broker_configs().find(key);
    if (def && def->fallback) add(key, *text_of(fallback_of(*def)), ConfigSource::fallback);
  }
  return found;
}

/// An entry whose source is that of its first synonym.
Entry entry_of(const ConfigDef& def, const ConfigValue& value, std::vector<Synonym> synonyms,
               const DescribeWhat& what) {
  const auto source =
      synonyms.empty() ? static_cast<int8_t>(ConfigSource::fallback) : synonyms.front().source;
  if (!what.synonyms) synonyms.clear();
  return {.name = std::string(def.name),
          .value = def.sensitive() ? std::nullopt : text_of(value),
          .config_source = source,
          .is_sensitive = def.sensitive(),
          .synonyms = std::move(synonyms),
          .config_type = static_cast<int8_t>(def.type),
          .documentation = std::nullopt};
}

/// A key that no table has: it may hold anything, so its value is not shown.
Entry unknown_entry(const std::string& name, const BrokerLayers& broker, const DescribeWhat& what) {
  Entry entry =
      entry_of({.name = name, .type = ConfigType::password}, {}, synonyms_of(name, broker, true), what);
  entry.read_only = true;
  entry.config_type = static_cast<int8_t>(ConfigType::unknown);
  return entry;
}

/// Kafka sets broker.id and node.id by each other.
ConfigMap with_both_ids(ConfigMap file) {
  for (const auto& [from, to] : {std::pair("node.id", "broker.id"), std::pair("broker.id", "node.id")})
    if (const auto set = file.find(from); set != file.end()) file.emplace(to, set->second);
  return file;
}

}  // namespace

ConfigEntries describe_topic(const DescribeWhat& what, const ConfigMap& overrides,
                             const BrokerLayers& broker) {
  ConfigEntries entries;
  for (const ConfigDef& def : topic_configs()) {
    if (!wanted(what, def.name)) continue;
    const ResolvedConfig resolved = resolve_topic_config(def, overrides, broker);
    std::vector<Synonym> synonyms;
    if (!def.broker_names[0].empty()) synonyms = synonyms_of(def.broker_names[0], broker, def.sensitive());
    if (overrides.contains(def.name))
      synonyms.insert(synonyms.begin(), {.name = std::string(def.name),
                                         .value = text_of(resolved.value),
                                         .source = static_cast<int8_t>(ConfigSource::topic)});
    entries.push_back(entry_of(def, resolved.value, std::move(synonyms), what));
  }
  return entries;
}

ConfigEntries describe_broker(const DescribeWhat& what, const BrokerLayers& layers) {
  const ConfigMap file = with_both_ids(layers.static_broker);
  const BrokerLayers broker{layers.dynamic_broker, layers.dynamic_default, file};
  ConfigEntries entries;
  for (const ConfigDef& def : broker_configs()) {
    if (!wanted(what, def.name) || (def.internal && !broker.find(def.name).text)) continue;
    Entry entry = entry_of(def, broker.value_of(def), synonyms_of(def.name, broker, def.sensitive()), what);
    entry.read_only = def.scope == ConfigScope::read_only;
    entries.push_back(std::move(entry));
  }
  ConfigMap unknown;
  for (const ConfigMap* layer : {&broker.dynamic_broker, &broker.dynamic_default, &broker.static_broker})
    for (const auto& [name, text] : *layer)
      if (!broker_configs().find(name) && wanted(what, name)) unknown.emplace(name, text);
  for (const auto& [name, text] : unknown) entries.push_back(unknown_entry(name, broker, what));
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

ConfigEntries describe_broker_default(const DescribeWhat& what, const BrokerLayers& broker) {
  ConfigEntries entries;
  for (const auto& [name, text] : broker.dynamic_default) {
    if (!wanted(what, name)) continue;
    const ConfigDef* def = broker_configs().find(name);
    Entry entry = unknown_entry(name, broker, {what.keys, true});
    if (def) {
      entry = entry_of(*def, text, synonyms_of(name, broker, def->sensitive()), {what.keys, true});
      entry.read_only = def->scope == ConfigScope::read_only;
    }
    const auto from_elsewhere = [](const Synonym& synonym) {
      return synonym.source != static_cast<int8_t>(ConfigSource::dynamic_default);
    };
    std::erase_if(entry.synonyms, from_elsewhere);
    entry.config_source = static_cast<int8_t>(ConfigSource::dynamic_default);
    if (!what.synonyms) entry.synonyms.clear();
    entries.push_back(std::move(entry));
  }
  return entries;
}

ConfigEntries describe_group(const DescribeWhat& what, const ConfigMap& overrides,
                             const BrokerLayers& broker) {
  ConfigEntries entries;
  for (const ConfigDef& def : group_configs()) {
    if (!wanted(what, def.name)) continue;
    const ConfigValue value = resolve_topic_config(def, overrides, broker).value;
    const auto source = overrides.contains(def.name) ? ConfigSource::group : ConfigSource::fallback;
    std::vector<Synonym> self = {
        {.name = std::string(def.name), .value = text_of(value), .source = static_cast<int8_t>(source)}};
    entries.push_back(entry_of(def, value, std::move(self), what));
  }
  return entries;
}

ConfigEntries describe_client_metrics(const DescribeWhat& what, const ConfigMap& configs) {
  ConfigEntries entries;
  for (const auto& [name, text] : configs) {
    if (!wanted(what, name)) continue;
    constexpr auto source = static_cast<int8_t>(ConfigSource::client_metrics);
    entries.push_back({.name = name, .value = text, .config_source = source, .documentation = std::nullopt});
    if (what.synonyms) entries.back().synonyms.push_back({.name = name, .value = text, .source = source});
  }
  return entries;
}

}  // namespace kt::metadata
