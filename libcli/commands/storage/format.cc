#include <fmt/core.h>

#include <algorithm>
#include <ostream>

#include "libbroker/base/bytes.h"
#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/rng.h"
#include "libbroker/log/meta_files.h"
#include "libbroker/node/format_files.h"
#include "libcli/commands/framework/environment.h"
#include "libcli/commands/storage/directories.h"

namespace kt::cli::storage {
namespace {

using Voters = std::vector<wire::VotersRecord::Voter>;

std::unexpected<Error> refused(std::string sentence) { return fail(ErrorCode::invalid_config, std::move(sentence)); }

/// The voters of a dynamic quorum; none for a static one.
Result<Voters> voters_of(const NodeFile& node, const Options& options, Rng& rng) {
  const bool is_dynamic = options.standalone || !options.initial_controllers.empty();
  if (is_dynamic && node.has_static_voters) {
    return refused(
        "You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. If "
        "you want to use dynamic quorum, please remove controller.quorum.voters and specify "
        "controller.quorum.bootstrap.servers instead.");
  }
  if (options.standalone && !node.is_controller) return refused("You can only use --standalone on a controller.");
  if (!is_dynamic && !options.no_initial_controllers && node.is_controller && !node.has_static_voters) {
    return refused(
        "Because controller.quorum.voters is not set on this controller, you must specify one of the following: "
        "--standalone, --initial-controllers, or --no-initial-controllers.");
  }
  Voters voters = options.initial_controllers;
  if (options.standalone) {
    wire::VotersRecord::Endpoint at{.host = node.controller_host, .port = node.controller_port};
    voters.push_back({.voter_id = node.node_id,
                      .voter_directory_id = Uuid::random(rng),
                      .endpoints = {std::move(at)},
                      .k_raft_version_feature = {0, 1}});
  }
  for (auto& voter : voters) voter.endpoints.front().name = node.controller_listener;
  return voters;
}

/// Whether the directory is formatted. Errors: for another node or cluster.
Result<bool> is_formatted(Disk& disk, const std::string& path, const NodeFile& node, const Options& options) {
  const auto found = log::read_meta_properties(disk, path);
  if (!found) return fail(found.error());
  if (!*found) return false;
  const auto invalid = [&path](std::string_view key, const auto& expected, const auto& read) {
    return refused(fmt::format("Invalid {} in: {}/meta.properties. Expected {}, but read {}", key, path, expected, read));
  };
  const log::MetaProperties& properties = **found;
  if (properties.cluster_id && *properties.cluster_id != options.cluster_id) {
    return invalid("cluster.id", options.cluster_id, *properties.cluster_id);
  }
  if (properties.node_id && *properties.node_id != node.node_id) return invalid("node.id", node.node_id, *properties.node_id);
  return true;
}

Result<void> write_file(Disk& disk, const std::string& path, const std::vector<std::byte>& bytes) {
  return disk.replace(path, as_text(bytes));
}

/// The files of one directory; meta.properties comes last, for it says that all is there.
Result<void> format_one(const std::string& path, const Voters& voters, const NodeFile& node, const Options& options,
                        Environment& environment, std::ostream& out) {
  Disk& disk = environment.disk;
  const auto self = std::ranges::find(voters, node.node_id, &wire::VotersRecord::Voter::voter_id);
  const bool has_metadata = path == node.metadata_directory;
  const bool is_voters = has_metadata && self != voters.end();
  const char* kind = !has_metadata      ? "data directory"
                     : voters.empty()   ? "metadata directory"
                     : is_voters        ? "dynamic metadata voter directory"
                                        : "dynamic metadata directory";
  out << fmt::format("Formatting {} {} with metadata.version {}.\n", kind, path, release_name(options.metadata_version));
  if (auto made = disk.make_directory(path); !made) return made;
  node::sync_parents(disk, path);
  const int64_t now_ms = environment.clock.wall_ms();
  std::vector<metadata::Record> levels = {
      wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = options.metadata_version}};
  for (const auto& [name, level] : options.finalized)
    levels.push_back(wire::FeatureLevelRecord{.name = name, .feature_level = level});
  const auto bootstrap = node::encode_bootstrap_checkpoint(levels, options.metadata_version, now_ms);
  if (auto done = write_file(disk, path + "/" + node::bootstrap_checkpoint_file, bootstrap); !done) return done;
  if (has_metadata && !voters.empty()) {
    const std::string directory = path + "/__cluster_metadata-0";
    if (auto made = disk.make_directory(directory); !made) return made;
    const auto snapshot = node::encode_voters_checkpoint({.voters = voters}, now_ms);
    if (auto done = write_file(disk, directory + "/" + node::voters_checkpoint_file, snapshot); !done) return done;
  }
  log::MetaProperties properties{.version = 1, .cluster_id = options.cluster_id, .node_id = node.node_id};
  properties.directory_id = is_voters ? self->voter_directory_id : Uuid::random(environment.rng);
  return log::write_meta_properties(disk, path, properties);
}

}  // namespace

Result<void> format(const NodeFile& node, const Options& options, Environment& environment, std::ostream& out) {
  if (!node.has_roles) {
    return refused(
        "The kafka configuration file appears to be for a legacy cluster. Formatting is only supported for clusters in "
        "KRaft mode.");
  }
  const auto voters = voters_of(node, options, environment.rng);
  if (!voters) return fail(voters.error());
  std::vector<std::string> empty, formatted;
  for (const std::string& path : node.directories) {
    const auto is = is_formatted(environment.disk, path, node, options);
    if (!is) return fail(is.error());
    (*is ? formatted : empty).push_back(path);
  }
  if (!formatted.empty() && !options.ignore_formatted) {
    return refused(fmt::format("Log directory {} is already formatted. Use --ignore-formatted to ignore this directory and format the others.",
                               formatted.front()));
  }
  if (empty.empty()) out << "All of the log directories are already formatted.\n";
  for (const std::string& path : empty) {
    if (auto done = format_one(path, *voters, node, options, environment, out); !done) return done;
  }
  return {};
}

}  // namespace kt::cli::storage
