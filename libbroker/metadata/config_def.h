#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libbroker/base/result.h"

namespace kt::metadata {

/// Configuration as it is written: key to value, both as text, in the order of the keys.
using ConfigMap = std::map<std::string, std::string, std::less<>>;

/// Numbered as DescribeConfigs numbers them.
enum class ConfigType : int8_t {
  unknown = 0,
  boolean = 1,
  string = 2,
  int32 = 3,
  int16 = 4,
  int64 = 5,
  float64 = 6,
  list = 7,
  class_name = 8,
  password = 9,
};

/// How a broker key may change while the broker runs: not at all, for one broker, or for one or all.
enum class ConfigScope : uint8_t { read_only, per_broker, cluster_wide };

/// What a value has to satisfy beyond its type.
struct Valid {
  enum class Rule : uint8_t {
    anything,
    range,
    range_or,
    one_of,
    each_of,
    non_empty,
    throttled_replicas,
    offset_reset,
  };
  Rule rule = Rule::anything;
  std::optional<double> min = {}, max = {};
  double also = 0;              // range_or: allowed outside the range
  std::string_view words = {};  // one_of, each_of: what is allowed, as Kafka's error sentence lists it
};
constexpr Valid at_least(double min) { return {.rule = Valid::Rule::range, .min = min}; }
constexpr Valid between(double min, double max) {
  return {.rule = Valid::Rule::range, .min = min, .max = max};
}
constexpr Valid between_or(double min, double max, double also) {
  return {.rule = Valid::Rule::range_or, .min = min, .max = max, .also = also};
}
constexpr Valid one_of(std::string_view words) { return {.rule = Valid::Rule::one_of, .words = words}; }
constexpr Valid each_of(std::string_view words) { return {.rule = Valid::Rule::each_of, .words = words}; }

/// One configuration key: what Kafka's ConfigDef says of it, less its prose.
struct ConfigDef {
  std::string_view name;
  ConfigType type = ConfigType::string;
  std::optional<std::string_view> fallback = {};  // the default, as text; none: null
  Valid valid = {};
  ConfigScope scope = ConfigScope::read_only;  // broker keys
  bool internal = false;                       // not described to users
  std::array<std::string_view, 3> broker_names =
      {};  // topic keys: broker keys for the default, first set wins

  bool sensitive() const { return type == ConfigType::password; }
};

/// A table of keys, sorted by name.
class ConfigDefs {
 public:
  constexpr explicit ConfigDefs(std::span<const ConfigDef> rows) : rows_(rows) {}
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }
  size_t size() const { return rows_.size(); }
  const ConfigDef* find(std::string_view name) const;
  /// The key most like `name`, for a suggestion; empty when none is near.
  std::string_view nearest(std::string_view name) const;

 private:
  std::span<const ConfigDef> rows_;
};

ConfigDefs broker_configs();
ConfigDefs topic_configs();
ConfigDefs group_configs();
ConfigDefs client_metrics_configs();

/// A parsed value; monostate is null.
using ConfigValue =
    std::variant<std::monostate, bool, int64_t, double, std::string, std::vector<std::string>>;

/// The value that `text` means. Errors: invalid_config, "Invalid value x for configuration y: …".
Result<ConfigValue> parse_config(const ConfigDef& def, std::string_view text);
/// The key's default, parsed.
ConfigValue fallback_of(const ConfigDef& def);
/// As Kafka prints it: lists joined by commas, doubles as Java does; none for null.
std::optional<std::string> text_of(const ConfigValue& value);

}  // namespace kt::metadata
