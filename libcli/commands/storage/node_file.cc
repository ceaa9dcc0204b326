#include <algorithm>

#include "libbroker/base/disk.h"
#include "libbroker/metadata/broker_config.h"
#include "libcli/commands/storage/directories.h"
#include "libcli/config/properties.h"

namespace kt::cli::storage {

Result<NodeFile> read_node_file(Disk& disk, const std::string& path) {
  auto properties = config::load_properties(disk, path);
  if (!properties) return fail(std::move(properties.error()));
  const metadata::ConfigMap none;
  const auto config = metadata::BrokerConfig::from({none, none, *properties});
  if (!config) return fail(config.error());
  NodeFile node{.node_id = config->node_id,
                .has_roles = properties->contains("process.roles"),
                .is_controller = config->is_controller,
                .has_static_voters = !config->quorum_voters.empty(),
                .directories = config->log_dirs,
                .metadata_directory = config->metadata_log_dir};
  node.directories.push_back(node.metadata_directory);
  std::ranges::sort(node.directories);
  const auto [first, last] = std::ranges::unique(node.directories);
  node.directories.erase(first, last);
  if (!config->controller_listener_names.empty()) node.controller_listener = config->controller_listener_names.front();
  const auto listener = std::ranges::find(config->listeners, node.controller_listener, &metadata::Endpoint::listener);
  if (listener != config->listeners.end()) {
    node.controller_host = listener->host.empty() ? "localhost" : listener->host;
    node.controller_port = listener->port;
  }
  return node;
}

}  // namespace kt::cli::storage
