#include "libcli/commands/configs/changes.h"

#include <algorithm>

#include "libcli/commands/argv/java_number.h"
#include "libcli/term/text.h"

namespace kt::cli::configs {
namespace {

constexpr std::string_view quota_names[] = {"producer_byte_rate", "consumer_byte_rate", "request_percentage",
                                            "controller_mutation_rate"};
constexpr std::string_view ip_quota_names[] = {"connection_creation_rate"};
constexpr std::string_view scram_mechanisms[] = {"SCRAM-SHA-256", "SCRAM-SHA-512"};

bool is_quota(std::string_view name) { return std::ranges::find(quota_names, name) != std::end(quota_names); }
bool is_ip_quota(std::string_view name) {
  return std::ranges::find(ip_quota_names, name) != std::end(ip_quota_names);
}
bool is_scram(std::string_view name) {
  return std::ranges::find(scram_mechanisms, name) != std::end(scram_mechanisms);
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return std::string(text);
}

/// Whether a separator here counts: the next bracket, if any, opens.
bool outside_brackets(std::string_view after) {
  const size_t bracket = after.find_first_of("[]");
  return bracket == std::string_view::npos || after[bracket] == '[';
}

std::vector<std::string_view> split_outside_brackets(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != separator || !outside_brackets(text.substr(i + 1))) continue;
    parts.push_back(text.substr(start, i - start));
    start = i + 1;
  }
  parts.push_back(text.substr(start));
  return parts;
}

std::string without_brackets(std::string_view text) {
  std::string result(text);
  std::erase_if(result, [](char c) { return c == '[' || c == ']'; });
  return result;
}

/// "iterations=8192,password=secret", the first part optional.
std::expected<ScramCredential, std::string> parse_credential(const std::string& mechanism,
                                                             const std::string& text) {
  ScramCredential credential{.mechanism = mechanism};
  std::string_view rest = text;
  constexpr std::string_view iterations = "iterations=", password = "password=";
  if (rest.starts_with(iterations)) {
    const size_t comma = rest.find(',');
    const std::string_view number = rest.substr(iterations.size(), comma - iterations.size());
    if (comma != std::string_view::npos && number != "-1") {
      const auto value = java_integer(number);
      if (!value) return std::unexpected("For input string: \"" + std::string(number) + "\"");
      credential.iterations = *value;
    }
    rest.remove_prefix(std::min(comma, rest.size() - 1) + 1);
  }
  if (!rest.starts_with(password)) {
    std::string name = mechanism;
    std::ranges::replace(name, '-', '_');
    return std::unexpected("Invalid credential property " + name + "=" + text);
  }
  if (credential.iterations < scram_iterations_min) {
    return std::unexpected("Iterations " + std::to_string(credential.iterations) +
                           " is less than the minimum " + std::to_string(scram_iterations_min) +
                           " required for " + mechanism);
  }
  credential.password = rest.substr(password.size());
  return credential;
}

/// The names a rule does not allow, as Scala prints a set of them: "Set(a, b)".
template <class Allowed>
std::string unknown_set(const config::Properties& set, Allowed allowed) {
  std::vector<std::string> names;
  for (const auto& [name, value] : set) {
    if (!allowed(name)) names.push_back(name);
  }
  return names.empty() ? "" : "Set(" + term::join(names, ", ") + ")";
}

template <class Allowed>
std::string unknown_list(const std::vector<std::string>& remove, Allowed allowed) {
  std::vector<std::string> names;
  std::ranges::copy_if(remove, std::back_inserter(names),
                       [&](const std::string& name) { return !allowed(name); });
  return names.empty() ? "" : "ArrayBuffer(" + term::join(names, ", ") + ")";
}

template <class Allowed>
std::optional<std::string> refuse_names(const std::string& kinds, const std::string& type,
                                        const config::Properties& set, const std::vector<std::string>& remove,
                                        Allowed allowed) {
  const std::string added = unknown_set(set, allowed), deleted = unknown_list(remove, allowed);
  const auto sentence = [&](const std::string& verb, const std::string& names) {
    return "Only " + kinds + " configs can be " + verb + " for '" + type +
           "' using --bootstrap-server. Unexpected config names: " + names;
  };
  if (!added.empty()) return sentence("added", added);
  if (!deleted.empty()) return sentence("deleted", deleted);
  return std::nullopt;
}

std::optional<std::string> refuse_user_changes(const EntityOptions& entities, const config::Properties& set,
                                               const std::vector<std::string>& remove) {
  const auto allowed = [](const std::string& name) { return is_quota(name) || is_scram(name); };
  if (auto refused = refuse_names("quota and SCRAM credential", "users", set, remove, allowed))
    return refused;
  const auto has = [&](auto is) {
    return std::ranges::any_of(set, [&](const auto& entry) { return is(entry.first); }) ||
           std::ranges::any_of(remove, is);
  };
  if (!has(is_scram)) return std::nullopt;
  if (entities.has_default()) {
    return "The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using "
           "--bootstrap-server.";
  }
  if (has(is_quota)) {
    return "Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using "
           "--bootstrap-server.";
  }
  return std::nullopt;
}

std::optional<std::string> refuse_ip_changes(const config::Properties& set,
                                             const std::vector<std::string>& remove) {
  std::vector<std::string> names;
  for (const auto& [name, value] : set) names.push_back(name);
  names.insert(names.end(), remove.begin(), remove.end());
  std::erase_if(names, is_ip_quota);
  if (names.empty()) return std::nullopt;
  return "Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected config "
         "names: " +
         term::join(names, ",");
}

std::expected<Changes, std::string> quotas_and_credentials(const config::Properties& set,
                                                           const std::vector<std::string>& remove) {
  Changes changes;
  for (const auto& [name, text] : set) {
    if (is_scram(name)) {
      auto credential = parse_credential(name, text);
      if (!credential) return std::unexpected(credential.error());
      changes.set_credentials.push_back(std::move(*credential));
      continue;
    }
    const auto value = java_double(text);
    if (!value) return std::unexpected("Cannot parse quota configuration value for " + name + ": " + text);
    changes.set_quotas.emplace(name, *value);
  }
  for (const std::string& name : remove) {
    (is_scram(name) ? changes.remove_credentials : changes.remove_quotas).push_back(name);
  }
  return changes;
}

}  // namespace

std::expected<config::Properties, std::string> parse_additions(std::string_view text) {
  config::Properties properties;
  for (const std::string_view part : split_outside_brackets(text, ',')) {
    const auto pair = split_outside_brackets(part, '=');
    if (pair.size() != 2) {
      return std::unexpected(
          "requirement failed: Invalid entity config: all configs to be added must be in the format "
          "\"key=val\" or  "
          "\"key=[val1,val2]\" to group values which contain commas.");
    }
    properties.insert_or_assign(trimmed(pair[0]), trimmed(without_brackets(pair[1])));
  }
  return properties;
}

std::optional<std::string> refuse_keys(const config::Properties& properties) {
  for (const auto& [key, value] : properties) {
    const bool fine = std::ranges::all_of(key, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
             c == '_' || c == '-';
    });
    if (!fine) return "Invalid character found for config key: " + key;
  }
  return std::nullopt;
}

std::expected<Changes, std::string> sort_changes(const EntityOptions& entities, const config::Properties& set,
                                                 const std::vector<std::string>& remove) {
  std::optional<std::string> refused;
  if (entities.has_type("clients")) {
    refused =
        refuse_names("quota", "clients", set, remove, [](const std::string& name) { return is_quota(name); });
  } else if (entities.has_type("users")) {
    refused = refuse_user_changes(entities, set, remove);
  } else if (entities.has_type("ips")) {
    refused = refuse_ip_changes(set, remove);
  } else {
    return Changes{.set = set, .remove = remove};
  }
  if (refused) return std::unexpected(*refused);
  return quotas_and_credentials(set, remove);
}

}  // namespace kt::cli::configs
