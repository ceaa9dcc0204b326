#include "libbroker/metadata/config_validation.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "libbroker/metadata/java_text.h"

namespace kt::metadata {
namespace {

constexpr size_t topic_name_bytes_max = 249;

int64_t integer(const ConfigValue& value) { return std::get<int64_t>(value); }

Result<void> invalid(std::string message) { return fail(ErrorCode::invalid_config, std::move(message)); }

/// Names and values of `configs`, each by itself; `what` names the table in the error.
Result<void> validate_each(ConfigDefs defs, const ConfigMap& configs, std::string_view what) {
  for (const auto& [name, text] : configs)
    if (!defs.find(name)) return invalid(fmt::format("Unknown {} config name: {}", what, name));
  for (const auto& [name, text] : configs) {
    const Result<ConfigValue> value = parse_config(*defs.find(name), text);
    if (!value) return fail(value.error());
  }
  return {};
}

/// Keys that may only change for one listener of a broker (SslConfigs.RECONFIGURABLE_CONFIGS).
bool is_per_listener(std::string_view name) {
  return name.starts_with("ssl.keystore.") || name.starts_with("ssl.truststore.") ||
         name == "ssl.key.password";
}

/// "listener.name.internal.ssl.keystore.type" -> "ssl.keystore.type"; other names as they are.
std::string_view without_listener(std::string_view name) {
  constexpr std::string_view prefix = "listener.name.";
  if (!name.starts_with(prefix)) return name;
  const size_t dot = name.find('.', prefix.size());
  return dot == name.npos ? name : name.substr(dot + 1);
}

/// Configs of SASL mechanisms stand after "<mechanism>.": "scram-sha-256.sasl.jaas.config".
const ConfigDef* find_broker_def(std::string_view name) {
  std::string_view base = without_listener(name);
  while (true) {
    if (const ConfigDef* def = broker_configs().find(base)) return def;
    const size_t dot = base.find('.');
    if (base.size() == name.size() || dot == base.npos) return nullptr;
    base.remove_prefix(dot + 1);
  }
}

Result<void> refuse_some(const ConfigMap& configs, std::string_view sentence, auto&& refused) {
  std::string names;
  for (const auto& [name, text] : configs)
    if (refused(name)) names += (names.empty() ? "" : ", ") + name;
  if (names.empty()) return {};
  return fail(ErrorCode::invalid_request, fmt::format("{}: Set({})", sentence, names));
}

bool is_thread_count(std::string_view name) {
  return name == "num.io.threads" || name == "num.network.threads" || name == "num.replica.fetchers" ||
         name == "num.recovery.threads.per.data.dir" || name == "background.threads";
}

/// The bounds that a broker sets for a group's key.
struct GroupBound {
  std::string_view name, at_least, at_most;
};
constexpr GroupBound group_bounds[] = {
    {"consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms",
     "group.consumer.max.heartbeat.interval.ms"},
    {"consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms",
     "group.consumer.max.session.timeout.ms"},
    {"share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms",
     "group.share.max.heartbeat.interval.ms"},
    {"share.session.timeout.ms", "group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"},
    {"share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms",
     "group.share.max.record.lock.duration.ms"},
};

int64_t group_value(std::string_view name, const ConfigMap& configs) {
  const ConfigDef& def = *group_configs().find(name);
  const auto found = configs.find(name);
  return integer(found == configs.end() ? fallback_of(def) : *parse_config(def, found->second));
}

}  // namespace

Result<void> validate_config_value_size(std::string_view value) {
  if (value.size() <= config_value_bytes_max) return {};
  return invalid(fmt::format(
      "The configuration value cannot be added because it exceeds the maximum value size of {} bytes.",
      config_value_bytes_max));
}

Result<void> validate_topic_configs(const ConfigMap& overrides, const BrokerLayers& broker) {
  if (const auto each = validate_each(topic_configs(), overrides, "topic"); !each) return each;
  const auto effective = [&](std::string_view name) {
    return resolve_topic_config(*topic_configs().find(name), overrides, broker).value;
  };
  const int64_t least = integer(effective("min.compaction.lag.ms"));
  const int64_t most = integer(effective("max.compaction.lag.ms"));
  if (least > most)
    return invalid(
        fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})",
                    least, most));
  if (std::get<bool>(effective("remote.storage.enable")))
    return invalid(
        "Tiered Storage functionality is disabled in the broker. "
        "Topic cannot be configured with remote log storage.");
  return {};
}

Result<void> validate_group_configs(const ConfigMap& configs, const BrokerLayers& broker) {
  if (const auto each = validate_each(group_configs(), configs, "group"); !each) return each;
  for (const GroupBound& bound : group_bounds) {
    const int64_t value = group_value(bound.name, configs);
    if (value < integer(broker.value_of(*broker_configs().find(bound.at_least))))
      return invalid(fmt::format("{} must be greater than or equal to {}", bound.name, bound.at_least));
    if (value > integer(broker.value_of(*broker_configs().find(bound.at_most))))
      return invalid(fmt::format("{} must be less than or equal to {}", bound.name, bound.at_most));
  }
  for (const std::string kind : {"consumer", "share"}) {
    const std::string session = kind + ".session.timeout.ms", heartbeat = kind + ".heartbeat.interval.ms";
    if (group_value(session, configs) <= group_value(heartbeat, configs))
      return invalid(fmt::format("{} must be greater than {}", session, heartbeat));
  }
  return {};
}

Result<void> validate_client_metrics_configs(std::string_view subscription, const ConfigMap& configs) {
  if (subscription.empty()) return fail(ErrorCode::invalid_request, "Subscription name can't be empty");
  for (const auto& [name, text] : configs) {
    const ConfigDef* def = client_metrics_configs().find(name);
    if (!def) return fail(ErrorCode::invalid_request, "Unknown client metrics configuration: " + name);
    const Result<ConfigValue> value = parse_config(*def, text);
    if (!value) return fail(value.error());
    if (name == "interval.ms" && (integer(*value) < 100 || integer(*value) > 3'600'000))
      return fail(
          ErrorCode::invalid_request,
          fmt::format("Invalid value {} for interval.ms, interval must be between 100 and 3600000 (1 hour)",
                      integer(*value)));
    if (name != "match") continue;
    constexpr std::string_view known[] = {"client_instance_id",    "client_id",
                                          "client_software_name",  "client_software_version",
                                          "client_source_address", "client_source_port"};
    for (const std::string& pattern : std::get<std::vector<std::string>>(*value)) {
      const size_t equals = pattern.find('=');
      const bool legal = equals != pattern.npos && equals + 1 < pattern.size() &&
                         !pattern.substr(equals + 1).contains('=') &&
                         std::ranges::count(known, java::trim(std::string_view(pattern).substr(0, equals)));
      if (!legal) return invalid("Illegal client matching pattern: " + pattern);
    }
  }
  return {};
}

Result<void> validate_log_times(const ConfigMap& configs) {
  // Of the keys that say the same the first holds; that of hours has a bound of its own.
  const auto first_of = [&](std::initializer_list<std::string_view> names) -> std::optional<int64_t> {
    for (const std::string_view name : names)
      if (const auto found = configs.find(name); found != configs.end())
        return integer(*parse_config(*broker_configs().find(name), found->second));
    return std::nullopt;
  };
  if (first_of({"log.retention.ms", "log.retention.minutes", "log.retention.hours"}) == 0)
    return invalid("log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
  if (first_of({"log.roll.ms"}).value_or(1) < 1)
    return invalid("log.roll.ms must be greater than or equal to 1");
  if (first_of({"log.roll.jitter.ms"}).value_or(0) < 0)
    return invalid("log.roll.jitter.ms must be greater than or equal to 0");
  return {};
}

/// Keys that no table has are somebody's own: Kafka's plugins read them.
Result<void> validate_dynamic_broker_configs(const ConfigMap& configs, DynamicScope scope) {
  const auto has_scope = [](const std::string& name, ConfigScope of) {
    const ConfigDef* def = find_broker_def(name);
    return def && def->scope == of;
  };
  auto checked =
      refuse_some(configs, "Cannot update these configs dynamically", [&](const std::string& name) {
        return without_listener(name) == name && has_scope(name, ConfigScope::read_only);
      });
  if (checked)
    checked = refuse_some(
        configs,
        "These security configs can be dynamically updated only per-listener using the listener prefix",
        [](const std::string& name) { return is_per_listener(name); });
  for (const auto& [name, text] : configs) {
    if (!checked) return checked;
    const ConfigDef* def = find_broker_def(name);
    if (!def) continue;
    const Result<ConfigValue> value = parse_config(*def, text);
    if (!value) return fail(ErrorCode::invalid_request, value.error().message);
  }
  if (checked) {
    if (auto times = validate_log_times(configs); !times)
      return fail(ErrorCode::invalid_request,
                  fmt::format("Invalid value java.lang.IllegalArgumentException: requirement failed: {} for "
                              "configuration Invalid dynamic configuration",
                              times.error().message));
  }
  if (checked && scope == DynamicScope::every_broker)
    checked = refuse_some(configs,
                          "Cannot update these configs at default cluster level, broker id must be specified",
                          [&](const std::string& name) { return has_scope(name, ConfigScope::per_broker); });
  return checked;
}

Result<void> validate_thread_count(std::string_view name, std::string_view text, const BrokerLayers& broker) {
  if (!is_thread_count(name)) return {};
  const ConfigDef& def = *broker_configs().find(name);
  const Result<ConfigValue> value = parse_config(def, text);
  if (!value) return fail(ErrorCode::invalid_request, value.error().message);
  const int64_t wanted = integer(*value), now = integer(broker.value_of(def));
  const auto refuse =
      [&](std::string_view why) {  // Kafka's sentence, with the exception's name that it lets through
        return fail(
            ErrorCode::invalid_request,
            fmt::format(
                "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update "
                "validation failed for {}={}, {} for configuration Invalid dynamic configuration",
                name, wanted, why));
      };
  if (wanted < now / 2) return refuse(fmt::format("value should be at least half the current value {}", now));
  if (wanted > now * 2)
    return refuse(fmt::format("value should not be greater than double the current value {}", now));
  return {};
}

Result<void> validate_topic_name(std::string_view name) {
  const auto refuse = [](std::string why) {
    return fail(ErrorCode::invalid_topic_exception, "Topic name is invalid: " + why);
  };
  if (name.empty()) return refuse("the empty string is not allowed");
  if (name == "." || name == "..") return refuse(fmt::format("'{}' is not allowed", name));
  if (name.size() > topic_name_bytes_max)
    return refuse(fmt::format("the length of '{}' is longer than the max allowed length {}", name,
                              topic_name_bytes_max));
  const auto legal = [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (!std::ranges::all_of(name, legal))
    return refuse(fmt::format(
        "'{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'", name));
  return {};
}

}  // namespace kt::metadata
