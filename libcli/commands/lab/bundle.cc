#include <fmt/core.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "libcli/commands/lab/child_command.h"
#include "libcli/commands/lab/lab.h"

namespace kt::cli::lab {
namespace {

namespace fs = std::filesystem;

/// A folder that is gone with this.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "kt-bundle-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// What the lab has of it; a node that never started has no log.
void take(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::exists(from, error)) return;
  fs::create_directories(to.parent_path(), error);
  fs::copy(from, to, fs::copy_options::recursive, error);
}

/// What the cluster says of itself now, as far as it says anything.
void ask(const std::vector<std::string>& words, const Chosen& lab, const fs::path& to) {
  const auto outcome =
      run_child(words, {{"KT_BOOTSTRAP_SERVERS", lab.spec.bootstrap_servers()}, {"KT_LAB", lab.spec.name}});
  std::ofstream file(to);
  if (outcome)
    file << outcome->out << outcome->err;
  else
    file << outcome.error().message << '\n';
}

}  // namespace

Exit bundle(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const TemporaryFolder folder;
  if (folder.path().empty())
    return refuse({ErrorCode::kafka_storage_error, "cannot make a temporary folder"}, streams);
  const fs::path root = folder.path() / lab->spec.name, from = lab->place.directory;
  std::error_code error;
  fs::create_directories(root, error);
  for (const char* file : {"lab.json", "client.properties", "events.ndjson", "supervisor.log"})
    take(from / file, root / file);
  take(from / "clients", root / "clients");
  for (const auto& node : lab->spec.nodes) {
    take(lab->place.node_log(node), root / node.name() / "server.log");
    take(lab->place.node_properties(node), root / node.name() / "server.properties");
    take(lab->place.node(node) + "/data/__cluster_metadata-0", root / node.name() / "__cluster_metadata-0");
  }
  ask({"kt", "lab", "status"}, *lab, root / "status.txt");
  ask({"kt", "topics", "--describe"}, *lab, root / "topics.txt");
  ask({"kt", "groups", "--describe", "--all-groups"}, *lab, root / "groups.txt");
  const auto packed = run_child({"tar", "-czf", options.file, "-C", folder.path(), lab->spec.name}, {});
  if (!packed) return refuse(packed.error(), streams);
  if (packed->status != 0) return refuse({ErrorCode::kafka_storage_error, packed->err}, streams);
  streams.out << fmt::format("{}: logs, events and metadata of lab {}\n", options.file, lab->spec.name);
  return Exit::done;
}

}  // namespace kt::cli::lab
