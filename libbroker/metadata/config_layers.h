#pragma once
#include <string>
#include <string_view>

#include "libbroker/metadata/config_def.h"

namespace kt::metadata {

/// Where a value was set, numbered as DescribeConfigs numbers it.
enum class ConfigSource : int8_t {
  unknown = 0,
  topic = 1,
  dynamic_broker = 2,
  dynamic_default = 3,
  static_broker = 4,
  fallback = 5,
  broker_logger = 6,
  client_metrics = 7,
  group = 8,
};

/// What one broker has been told, strongest first. Borrows its maps.
struct BrokerLayers {
  const ConfigMap& dynamic_broker;   // set for this broker while the cluster runs (KIP-226)
  const ConfigMap& dynamic_default;  // set for all brokers
  const ConfigMap& static_broker;    // its property file

  struct Found {
    const std::string* text = nullptr;  // nullptr: nowhere set
    ConfigSource source = ConfigSource::fallback;
  };
  Found find(std::string_view name) const;
  /// The value in effect: the strongest layer's, else the key's default. What cannot be parsed counts as not
  /// set: it was checked before it got here, unless another implementation wrote it.
  ConfigValue value_of(const ConfigDef& def) const;
};

/// A topic key's value in effect and where it came from: the topic's own, else the broker keys that stand for
/// it, hours and minutes as milliseconds, else its default.
struct ResolvedConfig {
  ConfigValue value;
  ConfigSource source = ConfigSource::fallback;
};
ResolvedConfig resolve_topic_config(const ConfigDef& def, const ConfigMap& overrides,
                                    const BrokerLayers& broker);

}  // namespace kt::metadata
