#pragma once
#include <string_view>

#include "libbroker/metadata/config_layers.h"

namespace kt::metadata {

/// A value that a record and every answer can hold. Errors: invalid_config.
inline constexpr size_t config_value_bytes_max = 32767;
Result<void> validate_config_value_size(std::string_view value);

/// Checks a topic's own configuration whole: names, values, and values against each other as they come into
/// effect. Errors: invalid_config with Kafka's sentences.
Result<void> validate_topic_configs(const ConfigMap& overrides, const BrokerLayers& broker);

/// Checks a group's own configuration against the bounds that the broker sets. Errors: invalid_config.
Result<void> validate_group_configs(const ConfigMap& configs, const BrokerLayers& broker);

/// Checks a client metrics subscription (KIP-714). Errors: invalid_request, invalid_config.
Result<void> validate_client_metrics_configs(std::string_view subscription, const ConfigMap& configs);

/// Checks what is to be all the dynamic configuration of one broker, or of every broker: names, scopes and
/// types. Errors: invalid_request, which is what Kafka answers.
enum class DynamicScope { one_broker, every_broker };
Result<void> validate_dynamic_broker_configs(const ConfigMap& configs, DynamicScope scope);
/// log.retention.* and log.roll.* of a layer of broker keys: at 0 ms everything would be deleted, or every
/// batch would get a segment. Values parse. Errors: invalid_config, with Kafka's sentence.
Result<void> validate_log_times(const ConfigMap& configs);

/// Whether a broker takes a new value of a key, if it is a thread count: at once that at most halves or
/// doubles what is in effect there. Errors: invalid_request.
Result<void> validate_thread_count(std::string_view name, std::string_view text, const BrokerLayers& broker);

/// A legal topic name (KIP-4). Errors: invalid_topic_exception with Kafka's sentence.
Result<void> validate_topic_name(std::string_view name);

}  // namespace kt::metadata
