#include "libbroker/node/features.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "libbroker/base/logger.h"
#include "libbroker/node/format_files.h"
#include "libbroker/node/metadata_quorum.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.Features";

// Levels of metadata.version up to here (4.2-IV1) write the same records as the latest that this build
// finalizes [MetadataVersion.didMetadataChange].
constexpr int16_t metadata_version_readable = 29;

/// Takes a feature's level down to what this build serves; false where that is nothing. Kafka's newer
/// formatters ask for more, and as long as the log is empty nobody relies on it.
bool lower_to_supported(metadata::Record& record, const metadata::FeatureRanges& supported) {
  auto* feature = std::get_if<wire::FeatureLevelRecord>(&record);
  if (!feature) return true;
  if (feature->name == metadata::kraft_version_feature) return false;
  const auto known = supported.find(feature->name);
  const int16_t level =
      known == supported.end() ? int16_t{0} : std::min(feature->feature_level, known->second.max);
  if (level != feature->feature_level) {
    log_warn(component, "formatted with {}={}, this build of kt begins with {}", feature->name,
             feature->feature_level, level);
  }
  feature->feature_level = level;
  return level > 0;
}

}  // namespace

metadata::FeatureRanges supported_features() {
  return {{"metadata.version", {metadata::metadata_version_min, metadata::metadata_version_latest}},
          {std::string(metadata::kraft_version_feature), {0, 1}},
          {"transaction.version", {0, 0}},
          {"group.version", {0, 0}},
          {std::string(metadata::eligible_leaders_feature), {0, 1}}};
}

Result<std::vector<metadata::Record>> bootstrap_records(Disk& disk, const std::string& metadata_log_dir,
                                                        const metadata::FeatureRanges& supported) {
  auto formatted = read_bootstrap_checkpoint(disk, metadata_log_dir);
  if (!formatted) return fail(std::move(formatted.error()));
  if (*formatted) {
    std::erase_if(**formatted,
                  [&](metadata::Record& record) { return !lower_to_supported(record, supported); });
    return std::move(**formatted);
  }
  std::vector<metadata::Record> latest;
  for (const auto& [name, levels] : supported)
    if (levels.max > 0 && name != metadata::kraft_version_feature)
      latest.push_back(wire::FeatureLevelRecord{.name = name, .feature_level = levels.max});
  return latest;
}

metadata::FeatureRanges enduring(metadata::FeatureRanges supported, const metadata::Image& image) {
  for (const auto& [name, level] : image.features) {
    auto& levels = supported.try_emplace(name, metadata::FeatureRange{0, 0}).first->second;
    levels.max = std::max(levels.max, level);
  }
  return supported;
}

Result<void> face_features(MetadataQuorum& quorum, const metadata::FeatureRanges& supported,
                           const std::string& metadata_log_dir) {
  std::map<std::string, int16_t> finalized;
  const auto read = quorum.for_each_batch(0, quorum.log_end_offset(), [&](const MetadataBatch& batch) {
    for (const metadata::Record& record : batch.records) {
      if (const auto* feature = std::get_if<wire::FeatureLevelRecord>(&record))
        finalized[feature->name] = feature->feature_level;
    }
  });
  if (!read) return fail(read.error());
  std::string beyond;
  for (const auto& [name, level] : finalized) {
    const auto known = supported.find(name);
    const bool is_served = level == 0 || (known != supported.end() && level <= known->second.max);
    if (is_served) continue;
    if (name != "metadata.version") {
      beyond += fmt::format("{}{}={}", beyond.empty() ? "" : ", ", name, level);
    } else if (level > metadata_version_readable) {
      return fail(ErrorCode::invalid_config,
                  fmt::format("{} is at metadata.version {}, and this build of kt reads up to {}. Take it "
                              "down with Apache Kafka first: "
                              "kafka-features.sh --bootstrap-server HOST:PORT downgrade --metadata 4.0",
                              metadata_log_dir, level, metadata_version_readable));
    }
  }
  if (!beyond.empty()) {
    log_warn(component,
             "This cluster has {}, which this build of kt does not serve: clients that ask for it are told so. "
             "kafka-features.sh downgrade takes it back.",
             beyond);
  }
  return {};
}

}  // namespace kt::node
