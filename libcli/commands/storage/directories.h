#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libcli/commands/framework/exit_code.h"
#include "libcli/commands/storage/options.h"

namespace kt::cli::storage {

/// What a property file says of a node's directories.
struct NodeFile {
  int32_t node_id = -1;
  bool has_roles = false;  // process.roles: not a file of the ZooKeeper age
  bool is_controller = false;
  bool has_static_voters = false;           // controller.quorum.voters
  std::string controller_listener;          // its name
  std::string controller_host;              // where others reach it
  uint16_t controller_port = 0;
  std::vector<std::string> directories;     // sorted
  std::string metadata_directory;
};

/// Errors: the path when there is no file; invalid_config with Kafka's sentence.
Result<NodeFile> read_node_file(Disk& disk, const std::string& path);

/// Makes the directories this node's, telling of each on `out`. Errors: invalid_config with Kafka's sentences, or the
/// disk's.
Result<void> format(const NodeFile& node, const Options& options, Environment& environment, std::ostream& out);

/// Tells what the directories are and what is wrong with them: failed when something is.
Result<Exit> info(const NodeFile& node, Disk& disk, std::ostream& out);

}  // namespace kt::cli::storage
