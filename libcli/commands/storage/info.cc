#include <fmt/core.h>

#include <ostream>

#include "libbroker/base/disk.h"
#include "libbroker/log/meta_files.h"
#include "libcli/commands/storage/directories.h"
#include "libcli/term/text.h"

namespace kt::cli::storage {
namespace {

/// As Java prints the sorted properties of the file.
std::string text_of(const log::MetaProperties& properties) {
  std::vector<std::string> entries;
  if (properties.version == 0 && properties.node_id) entries.push_back(fmt::format("broker.id={}", *properties.node_id));
  if (properties.cluster_id) entries.push_back("cluster.id=" + *properties.cluster_id);
  if (properties.directory_id) entries.push_back("directory.id=" + properties.directory_id->text());
  if (properties.version != 0 && properties.node_id) entries.push_back(fmt::format("node.id={}", *properties.node_id));
  entries.push_back(fmt::format("version={}", properties.version));
  return "{" + term::join(entries, ", ") + "}";
}

void print_list(std::ostream& out, std::string_view one, std::string_view several, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  out << (lines.size() == 1 ? one : several) << '\n';
  for (const std::string& line : lines) out << "  " << line << '\n';
  out << '\n';
}

/// What the directories are found to be.
struct Findings {
  std::vector<std::string> found, problems;
  std::optional<log::MetaProperties> first;

  Result<void> look_at(Disk& disk, const std::string& path) {
    const auto exists = disk.exists(path);
    if (!exists) return fail(exists.error());
    if (!*exists) return problems.push_back(path + " does not exist"), Result<void>();
    if (!disk.list(path)) return problems.push_back(path + " is not a directory"), Result<void>();
    found.push_back(path);
    const auto properties = log::read_meta_properties(disk, path);
    if (!properties) {
      problems.push_back(fmt::format("Error loading {}/meta.properties: {}", path, properties.error().message));
    } else if (!*properties) {
      problems.push_back(path + " is not formatted.");
    } else if (!first) {
      first = **properties;
    } else if (first->cluster_id != (*properties)->cluster_id) {
      problems.push_back("Mismatched cluster IDs between storage directories.");
    } else if (first->node_id != (*properties)->node_id) {
      problems.push_back("Mismatched node IDs between storage directories.");
    }
    return {};
  }

  void compare_with(const NodeFile& node) {
    if (!first) return;
    if (node.has_roles && first->version == 0) {
      problems.push_back(
          "The kafka configuration file appears to be for a cluster in KRaft mode, but the directories are formatted for "
          "legacy mode.");
    } else if (!node.has_roles && first->version == 1) {
      problems.push_back(
          "The kafka configuration file appears to be for a legacy cluster, but the directories are formatted for a "
          "cluster in KRaft mode.");
    }
  }
};

}  // namespace

Result<Exit> info(const NodeFile& node, Disk& disk, std::ostream& out) {
  Findings findings;
  for (const std::string& path : node.directories) {
    if (auto done = findings.look_at(disk, path); !done) return fail(done.error());
  }
  findings.compare_with(node);
  print_list(out, "Found log directory:", "Found log directories:", findings.found);
  if (findings.first) out << "Found metadata: " << text_of(*findings.first) << "\n\n";
  print_list(out, "Found problem:", "Found problems:", findings.problems);
  return findings.problems.empty() ? Exit::done : Exit::failed;
}

}  // namespace kt::cli::storage
