#include "libcli/commands/storage/features.h"

#include <fmt/core.h>

#include <algorithm>
#include <ostream>

#include "libbroker/metadata/records.h"
#include "libcli/commands/argv/java_number.h"
#include "libcli/term/text.h"

namespace kt::cli::storage {
namespace {

using metadata::metadata_version_latest;
using metadata::metadata_version_min;

constexpr std::string_view metadata_feature = "metadata.version", kraft_feature = "kraft.version";

/// A feature of Kafka 4.1 and from which metadata.version on its latest level is the default (KIP-1022).
struct Feature {
  std::string_view name;
  int16_t latest;
  int16_t default_from;  // beyond metadata_version_latest: not yet
  int16_t requires_metadata_version = 0;
};
constexpr int16_t metadata_version_4_1 = 27, not_yet = 32767;
constexpr Feature features[] = {
    {kraft_feature, 1, 21},
    {"transaction.version", 2, 24},
    {"group.version", 1, 22},
    {metadata::eligible_leaders_feature, 1, metadata_version_4_1, metadata::metadata_version_elr},
    {"share.version", 1, not_yet},
    {"streams.version", 1, not_yet},
};

std::unexpected<Error> refused(std::string sentence) {
  return fail(ErrorCode::invalid_config, std::move(sentence));
}

const Feature* find_feature(std::string_view name) {
  const auto found = std::ranges::find(features, name, &Feature::name);
  return found == std::end(features) ? nullptr : found;
}

bool is_metadata_version(int16_t level) {
  return level >= metadata_version_min && level <= metadata_version_latest;
}

/// "metadata.version=23 (4.0-IV1)"
std::string named(int16_t metadata_version) {
  return fmt::format("{}={} ({})", metadata_feature, metadata_version, release_name(metadata_version));
}

Result<std::string> dependencies_of(const FeatureLevel& level) {
  if (level.name == metadata_feature) {
    if (!is_metadata_version(level.level))
      return refused(fmt::format("Unknown metadata.version {}", level.level));
    return named(level.level) + " has no dependencies.\n";
  }
  const Feature* feature = find_feature(level.name);
  if (!feature) return refused("Unknown feature: " + level.name);
  if (level.level < 0 || level.level > feature->latest)
    return refused(fmt::format("Feature level {} is not supported for feature {}", level.level, level.name));
  const bool requires_one = level.level > 0 && feature->requires_metadata_version > 0;
  const std::string text = fmt::format("{}={}", level.name, level.level);
  if (!requires_one) return text + " has no dependencies.\n";
  return text + " requires:\n    " + named(feature->requires_metadata_version) + "\n";
}

/// On unless a release is asked for, which says itself, or it is told otherwise.
Result<void> finalize_eligible_leaders(Options& options) {
  const Feature& feature = *find_feature(metadata::eligible_leaders_feature);
  const auto given = std::ranges::find(options.features, feature.name, &FeatureLevel::name);
  const bool is_given = given != options.features.end();
  const bool is_possible = options.metadata_version >= feature.requires_metadata_version;
  const bool is_default = options.release.empty() || options.metadata_version >= feature.default_from;
  if (is_given ? given->level == 0 : !is_default || !is_possible) return {};
  if (!is_possible)
    return refused(fmt::format("{} could not be set to {} because it depends on {} level {}", feature.name,
                               given->level, metadata_feature, feature.requires_metadata_version));
  options.finalized.push_back({std::string(feature.name), feature.latest});
  return {};
}

}  // namespace

Result<FeatureLevel> parse_feature_level(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == text.npos)
    return refused(fmt::format("Can't parse feature=level string {}: equals sign not found.", text));
  const std::string number = text.substr(equals + 1);
  const auto level = java_integer(number);
  if (!level || *level != static_cast<int16_t>(*level))
    return refused(
        fmt::format("Can't parse feature=level string {}: unable to parse {} as a short.", text, number));
  return FeatureLevel{text.substr(0, equals), static_cast<int16_t>(*level)};
}

Result<void> print_version_mapping(const std::string& release, std::ostream& out) {
  const std::string wanted = release.empty() ? release_name(metadata_version_latest) : release;
  const auto version = metadata_version_of(wanted);
  if (!version) {
    return refused(fmt::format("Unknown release version '{}'. Supported versions are: {} to {}", wanted,
                               release_name(metadata_version_min), release_name(metadata_version_latest)));
  }
  out << fmt::format("{}={} ({})\n", metadata_feature, *version, wanted);
  for (const Feature& feature : features)
    out << fmt::format("{}={}\n", feature.name, *version >= feature.default_from ? feature.latest : 0);
  return {};
}

Result<void> print_dependencies(const std::vector<FeatureLevel>& levels, std::ostream& out) {
  for (const FeatureLevel& level : levels) {
    const auto text = dependencies_of(level);
    if (!text) return fail(text.error());
    out << *text;
  }
  return {};
}

Result<void> apply_features(Options& options) {
  for (const auto& [name, level] : options.features) {
    if (name == metadata_feature) {
      if (!options.release.empty())
        return refused("Use --release-version instead of --feature metadata.version=X to avoid ambiguity.");
      if (!is_metadata_version(level))
        return refused(fmt::format("No MetadataVersion with feature level {}", level));
      options.metadata_version = level;
      continue;
    }
    const Feature* feature = find_feature(name);
    if (!feature) {
      std::vector<std::string> known;
      for (const Feature& one : features) known.emplace_back(one.name);
      std::ranges::sort(known);
      return refused(
          fmt::format("Unsupported feature: {}. Supported features are: {}", name, term::join(known, ", ")));
    }
    if (level < 0 || level > feature->latest)
      return refused(fmt::format("No feature:{} with feature level {}", name, level));
    if (name == metadata::eligible_leaders_feature) continue;  // served at both of its levels
    const bool has_voters = options.standalone || !options.initial_controllers.empty();
    const int16_t served = name == kraft_feature && has_voters ? 1 : 0;
    if (level != served)
      return refused(fmt::format("This build of kt serves {} at level {} only", name, served));
  }
  return finalize_eligible_leaders(options);
}

}  // namespace kt::cli::storage
