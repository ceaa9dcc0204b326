#pragma once
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcli/commands/configs/entity.h"
#include "libcli/config/properties.h"

namespace kt::cli::configs {

inline constexpr int32_t scram_iterations_default = 4096;
inline constexpr int32_t scram_iterations_min = 4096;

/// "[iterations=8192,password=secret]" of a user.
struct ScramCredential {
  std::string mechanism;  // "SCRAM-SHA-256"
  int32_t iterations = scram_iterations_default;
  std::string password;
  bool operator==(const ScramCredential&) const = default;
};

/// What alter is to do. Exactly one kind of it is filled: configs, quotas or credentials.
struct Changes {
  config::Properties set;
  std::vector<std::string> remove;
  std::map<std::string, double> set_quotas;
  std::vector<std::string> remove_quotas;
  std::vector<ScramCredential> set_credentials;
  std::vector<std::string> remove_credentials;  // mechanisms
  bool operator==(const Changes&) const = default;
};

/// "k1=v1,k2=[a,b],k3=": split at commas and '=' that stand in no brackets, the brackets dropped.
/// Errors: Kafka's sentences.
std::expected<config::Properties, std::string> parse_additions(std::string_view text);

/// "Invalid character found for config key: a!b"; none when all keys are fine.
std::optional<std::string> refuse_keys(const config::Properties& properties);

/// Sorts out what may be changed of these entities. Errors: Kafka's sentences.
std::expected<Changes, std::string> sort_changes(const EntityOptions& entities, const config::Properties& set,
                                                 const std::vector<std::string>& remove);

}  // namespace kt::cli::configs
