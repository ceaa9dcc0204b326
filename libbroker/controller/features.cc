#include "libbroker/controller/features.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "libbroker/controller/configs.h"

namespace kt::controller {
namespace {

using metadata::FeatureRange;
using metadata::FeatureRanges;

enum class UpgradeType : int8_t { unknown = 0, upgrade = 1, safe_downgrade = 2, unsafe_downgrade = 3 };

/// Levels of metadata.version at which the records changed (MetadataVersion.didMetadataChange): a downgrade
/// across one could lose something.
constexpr int16_t changed_metadata[] = {7, 8, 11, 13, 14, 15, 17, 23};

std::optional<std::string> why_not(int16_t level, const std::string& who, const FeatureRanges& ranges,
                                   const std::string& feature) {
  const auto found = ranges.find(feature);
  const FeatureRange range = found == ranges.end() ? FeatureRange{} : found->second;
  if (range.min <= level && level <= range.max) return std::nullopt;
  if (range.max == 0) return who + " does not support this feature.";
  return fmt::format("{} only supports versions {}-{}", who, range.min, range.max);
}

/// Why some node of the cluster does not speak the level; none when all do.
std::optional<std::string> why_not_supported(const State& state, const std::string& feature, int16_t level) {
  const auto& config = state.config;
  if (auto why = why_not(level, fmt::format("Local controller {}", config.node_id), config.supported_features,
                         feature))
    return why;
  for (const auto& [id, broker] : state.image.brokers)
    if (auto why = why_not(level, fmt::format("Broker {}", id), broker->features, feature)) return why;
  std::set<int32_t> found = {config.node_id};
  for (const auto& [id, controller] : state.image.controllers) {
    found.insert(id);
    if (id == config.node_id) continue;
    if (auto why = why_not(level, fmt::format("Controller {}", id), controller->features, feature))
      return why;
  }
  for (const int32_t id : config.quorum_ids)
    if (!found.contains(id))
      return fmt::format("controller {} has not registered, and may not support this feature", id);
  return std::nullopt;
}

Result<void> check_metadata_version(int16_t from, int16_t to) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::invalid_update_version, fmt::format("Invalid metadata.version {}. {}", to, why));
  };
  if (to < metadata::metadata_version_min || to > metadata::metadata_version_latest)
    return refuse("Unknown metadata.version.");
  const bool loses =
      std::ranges::any_of(changed_metadata, [&](int16_t level) { return to < level && level <= from; });
  if (loses)
    return refuse(
        "Refusing to perform the requested downgrade because it might delete metadata information.");
  return {};
}

Result<void> check(const State& state, const wire::UpdateFeaturesRequest::FeatureUpdateKey& update,
                   const Context& context) {
  const bool is_kraft_version = update.feature == metadata::kraft_version_feature;
  const int16_t to = update.max_version_level;
  const int16_t from = is_kraft_version ? context.kraft_version : state.image.feature(update.feature);
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::invalid_update_version,
                fmt::format("Invalid update version {} for feature {}. {}", to, update.feature, why));
  };
  auto type = static_cast<UpgradeType>(update.upgrade_type);
  if (context.api_version == 0)
    type = update.allow_downgrade ? UpgradeType::safe_downgrade : UpgradeType::upgrade;
  if (type != UpgradeType::upgrade && type != UpgradeType::safe_downgrade &&
      type != UpgradeType::unsafe_downgrade)
    return refuse("The controller does not support the given upgrade type.");
  if (to < 0) return refuse("A feature version cannot be less than 0.");
  if (const auto why = why_not_supported(state, update.feature, to)) return refuse(*why);
  if (to < from && type == UpgradeType::upgrade)
    return refuse(
        "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
        "unsafe "
        "downgrade.");
  if (to > from && type != UpgradeType::upgrade) return refuse("Can't downgrade to a newer version.");
  if (update.feature == "metadata.version") return check_metadata_version(from, to);
  if (is_kraft_version && to != from)
    return refuse(
        fmt::format("This build of kt keeps the level that the quorum was formatted with, {}.", from));
  return {};
}

void add_what_features_need(const State& state, std::vector<metadata::Record>& records) {
  const bool has_eligible_leaders = std::ranges::any_of(records, [](const metadata::Record& record) {
    const auto* feature = std::get_if<wire::FeatureLevelRecord>(&record);
    return feature && feature->name == metadata::eligible_leaders_feature && feature->feature_level > 0;
  });
  if (!has_eligible_leaders) return;
  const auto needed = records_for_eligible_leaders(state);
  records.insert(records.end(), needed.begin(), needed.end());
}

}  // namespace

Decision<wire::UpdateFeaturesResponse> decide(const State& state, const wire::UpdateFeaturesRequest& request,
                                              const Context& context) {
  Decision<wire::UpdateFeaturesResponse> decision;
  decision.reply.error_message.reset();
  for (const auto& update : request.feature_updates) {
    if (const auto checked = check(state, update, context); !checked) {
      decision.records.clear();
      decision.reply.error_code = checked.error().code;
      decision.reply.error_message =
          "The update failed for all features since the following feature had an error: " +
          checked.error().message;
      return decision;
    }
    if (update.feature == metadata::kraft_version_feature) continue;
    decision.records.push_back(
        wire::FeatureLevelRecord{.name = update.feature, .feature_level = update.max_version_level});
  }
  if (context.api_version <= 1)
    for (const auto& update : request.feature_updates)
      decision.reply.results.push_back({.feature = update.feature, .error_message = std::nullopt});
  add_what_features_need(state, decision.records);
  if (request.validate_only) decision.records.clear();
  return decision;
}

std::vector<metadata::Record> activation_records(const State& state,
                                                 const std::vector<metadata::Record>& bootstrap) {
  if (state.image.open_transaction) return {wire::AbortTransactionRecord{.reason = "failover"}};
  if (state.image.metadata_version() > 0) return {};
  std::vector<metadata::Record> records = bootstrap;
  add_what_features_need(state, records);
  return records;
}

}  // namespace kt::controller
