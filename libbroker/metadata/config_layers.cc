#include "libbroker/metadata/config_layers.h"

#include <limits>

#include "libbroker/base/assert.h"

namespace kt::metadata {
namespace {

const std::string* find_in(const ConfigMap& map, std::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

int64_t ms_per_unit(std::string_view broker_name) {
  if (broker_name.ends_with(".hours")) return 3'600'000;
  if (broker_name.ends_with(".minutes")) return 60'000;
  return 1;
}

/// What a broker key's text means for the topic key it stands for; null when it cannot be parsed.
ConfigValue as_topic_value(std::string_view broker_name, std::string_view text) {
  const ConfigDef* def = broker_configs().find(broker_name);
  KT_ASSERT(def);
  Result<ConfigValue> value = parse_config(*def, text);
  if (!value) return {};
  const int64_t unit = ms_per_unit(broker_name);
  if (unit == 1) return *std::move(value);
  const int64_t count = std::get<int64_t>(*value);
  return count < 0 ? int64_t{-1} : count * unit;  // -1 hour is without limit, as -1 ms is
}

}  // namespace

BrokerLayers::Found BrokerLayers::find(std::string_view name) const {
  if (const auto* text = find_in(dynamic_broker, name)) return {text, ConfigSource::dynamic_broker};
  if (const auto* text = find_in(dynamic_default, name)) return {text, ConfigSource::dynamic_default};
  if (const auto* text = find_in(static_broker, name)) return {text, ConfigSource::static_broker};
  return {};
}

ConfigValue BrokerLayers::value_of(const ConfigDef& def) const {
  for (const ConfigMap* layer : {&dynamic_broker, &dynamic_default, &static_broker}) {
    if (const auto* text = find_in(*layer, def.name))
      if (Result<ConfigValue> value = parse_config(def, *text)) return *std::move(value);
  }
  return fallback_of(def);
}

ResolvedConfig resolve_topic_config(const ConfigDef& def, const ConfigMap& overrides,
                                    const BrokerLayers& broker) {
  if (const auto* text = find_in(overrides, def.name))
    if (Result<ConfigValue> value = parse_config(def, *text)) return {*std::move(value), ConfigSource::topic};
  const std::pair<const ConfigMap*, ConfigSource> layers[] = {
      {&broker.dynamic_broker, ConfigSource::dynamic_broker},
      {&broker.dynamic_default, ConfigSource::dynamic_default},
      {&broker.static_broker, ConfigSource::static_broker},
  };
  for (const auto& [layer, source] : layers) {
    for (const std::string_view name : def.broker_names) {
      const auto* text = name.empty() ? nullptr : find_in(*layer, name);
      if (!text) continue;
      ConfigValue value = as_topic_value(name, *text);
      if (!std::holds_alternative<std::monostate>(value)) return {std::move(value), source};
    }
  }
  return {fallback_of(def), ConfigSource::fallback};
}

}  // namespace kt::metadata
