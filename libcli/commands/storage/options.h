#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/wire/control_records.h"
#include "libcli/commands/framework/command.h"

namespace kt::cli::storage {

enum class Verb : uint8_t { info, format, version_mapping, feature_dependencies, random_uuid };

struct FeatureLevel {
  std::string name;
  int16_t level = 0;
};

struct Options {
  Setting setting;
  Verb verb = Verb::random_uuid;
  std::string config_file;
  std::string cluster_id;
  bool ignore_formatted = false;
  std::string release;  // as given; empty: the latest
  int16_t metadata_version = 0;
  std::vector<FeatureLevel> features;   // as given
  std::vector<FeatureLevel> finalized;  // what the log begins with besides metadata.version, above level 0
  bool standalone = false;
  bool no_initial_controllers = false;
  std::vector<wire::VotersRecord::Voter> initial_controllers;  // endpoints without a listener's name
};

extern const Syntax syntax;
std::expected<Options, UsageError> parse(const Call& call);

/// "4.0-IV3", of the levels this build knows.
std::string release_name(int16_t metadata_version);
/// From "4.0-IV3", or the last of "4.0" or "4.0.1".
std::optional<int16_t> metadata_version_of(const std::string& release);

/// "1@host:9093:<directory id>,…" (KIP-853). Errors: invalid_config with Kafka's sentences.
Result<std::vector<wire::VotersRecord::Voter>> parse_initial_controllers(const std::string& text);

}  // namespace kt::cli::storage
