#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "libbroker/node/log_directories.h"
#include "libbroker/node/quorum_messages.h"

// Whose the directories are: before anything is written, that they are of one node and all there.
namespace kt::node {
namespace {

std::unexpected<Error> misconfigured(std::string sentence) {
  return fail(ErrorCode::invalid_config, std::move(sentence));
}

}  // namespace

// All directories belong to one node of one cluster; what is not formatted yet becomes so.
Result<void> LogDirectories::agree(const metadata::BrokerConfig& config, bool may_format,
                                   const std::string& cluster_id, const std::vector<Found>& found) {
  node_id_ = config.node_id;
  if (auto checked = check_owners(found); !checked) return checked;
  if (auto checked = check_places(config, found); !checked) return checked;
  if (auto checked = check_formatted(config, may_format, found); !checked) return checked;
  if (!cluster_id.empty() && !cluster_id_.empty() && cluster_id_ != cluster_id) {
    return misconfigured(fmt::format(
        "The Cluster ID {} doesn't match stored clusterId Some({}) in {}/meta.properties. The broker is "
        "trying to join the wrong cluster. Configured zookeeper.connect may be wrong.",
        cluster_id, cluster_id_, directories_.front().path));
  }
  if (cluster_id_.empty()) cluster_id_ = cluster_id.empty() ? Uuid::random(rng_).text() : cluster_id;
  if (node_id_ < 0) node_id_ = 1;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!is_online(directories_[i].path)) continue;
    const auto& stored = found[i].properties;
    log::MetaProperties properties = stored.value_or(log::MetaProperties{});
    const bool is_complete = stored && properties.version == 1 && properties.cluster_id &&
                             properties.node_id && properties.directory_id;
    properties.version = 1;
    properties.cluster_id = cluster_id_;
    properties.node_id = node_id_;
    if (!properties.directory_id) properties.directory_id = Uuid::random(rng_);
    directories_[i].id = *properties.directory_id;
    if (!is_complete) {
      auto written = log::write_meta_properties(disk_, directories_[i].path, properties);
      if (auto done = tolerate(std::move(written), directories_[i].path, config); !done) return done;
    }
  }
  return {};
}

/// One cluster, one node, and directories that can be told apart.
Result<void> LogDirectories::check_owners(const std::vector<Found>& found) {
  std::map<Uuid, std::string> paths;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].properties) continue;
    const auto& properties = *found[i].properties;
    const std::string& path = directories_[i].path;
    if (properties.cluster_id) {
      if (!cluster_id_.empty() && cluster_id_ != *properties.cluster_id) {
        return misconfigured(fmt::format("log.dirs belong to different clusters: {} and {} (in {})",
                                         cluster_id_, *properties.cluster_id, path));
      }
      cluster_id_ = *properties.cluster_id;
    }
    if (properties.node_id) {
      if (node_id_ >= 0 && node_id_ != *properties.node_id) {
        return misconfigured(
            fmt::format("Stored node id {} doesn't match previous node id {} in {}/meta.properties. If you "
                        "moved your data, make "
                        "sure your configured node id matches. If you intend to create a new node, you "
                        "should remove all data in "
                        "your data directories.",
                        node_id_, *properties.node_id, path));
      }
      node_id_ = *properties.node_id;
    }
    if (!properties.directory_id) continue;
    const auto [first, is_new] = paths.try_emplace(*properties.directory_id, path);
    if (!is_new)
      return misconfigured(fmt::format(
          "Duplicate directory ID {}: {} and {} both have it in meta.properties. If one is a copy of the "
          "other, take it out of log.dirs",
          first->first.text(), first->second, path));
  }
  return {};
}

/// A metadata log that lies elsewhere would be begun anew, and all partitions be strays to it.
Result<void> LogDirectories::check_places(const metadata::BrokerConfig& config,
                                          const std::vector<Found>& found) const {
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].has_metadata || directories_[i].path == config.metadata_log_dir) continue;
    return misconfigured(fmt::format(
        "Found unexpected metadata location in data directory `{0}/{1}-{2}` (the configured metadata "
        "directory is {3}). Was the order of log.dirs changed? Then set metadata.log.dir={0}",
        directories_[i].path, metadata_topic, metadata_partition, config.metadata_log_dir));
  }
  return {};
}

/// What lacks its meta.properties where others have data is a disk that is not mounted, or a new one that
/// nobody has said is meant. Where none has any yet, a first start may have been broken off.
Result<void> LogDirectories::check_formatted(const metadata::BrokerConfig& config, bool may_format,
                                             const std::vector<Found>& found) {
  const auto formatted =
      std::ranges::find_if(found, [](const Found& one) { return one.properties.has_value(); });
  const bool has_data =
      std::ranges::any_of(found, [](const Found& one) { return one.has_partitions || one.has_metadata; });
  for (size_t i = 0; i < found.size(); ++i) {
    const std::string& path = directories_[i].path;
    if (formatted == found.end() || !has_data || found[i].properties || !is_online(path)) continue;
    return misconfigured(fmt::format(
        "No meta.properties found in {}, though {} has one: is its disk mounted? If it is a new one, format "
        "it first: kt storage format --ignore-formatted -t {} -c server.properties",
        path, directories_[static_cast<size_t>(formatted - found.begin())].path, cluster_id_));
  }
  // What cannot be read may be anybody's.
  const bool are_all_read = std::ranges::all_of(
      directories_, [this](const Directory& directory) { return is_online(directory.path); });
  if (formatted != found.end() || !are_all_read || may_format) return {};
  const char* const how = config.is_quorum_of_one() ? "--standalone -t $(kt storage random-uuid)"
                          : config.is_controller    ? "-t CLUSTER_ID"
                                                    : "--no-initial-controllers -t CLUSTER_ID";
  return misconfigured(
      fmt::format("No readable meta.properties files found. Format {} first: kt storage format {} "
                  "-c server.properties",
                  directories_.front().path, how));
}

}  // namespace kt::node
