#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libcli/lab/spec.h"

namespace kt {
class Disk;
}

namespace kt::lab {

/// Where a lab keeps what it has:
///
///     lab.json  client.properties  events.ndjson  supervisor.log
///     broker-0/  server.properties  server.log  data/
///     snapshots/NAME/broker-0/                          what its data was
///     run/       lock  control.sock                     while it runs
struct Place {
  std::string directory;

  std::string spec() const { return directory + "/lab.json"; }
  std::string client_properties() const { return directory + "/client.properties"; }
  std::string events() const { return directory + "/events.ndjson"; }
  std::string supervisor_log() const { return directory + "/supervisor.log"; }
  std::string node(const NodeSpec& node) const { return directory + "/" + node.name(); }
  std::string node_properties(const NodeSpec& of) const { return node(of) + "/server.properties"; }
  std::string node_log(const NodeSpec& of) const { return node(of) + "/server.log"; }
  std::string snapshots() const { return directory + "/snapshots"; }
  std::string run() const { return directory + "/run"; }
  std::string lock() const { return run() + "/lock"; }

  /// Whether a supervisor lives here.
  bool is_running() const;
};

/// The folder of all labs: a folder for each, or a link to one that is elsewhere, and `current`, a file with
/// a name.
class Labs {
 public:
  Labs(Disk& disk, std::string root) : disk_(disk), root_(std::move(root)) {}

  Place place(const std::string& name) const { return {root_ + "/" + name}; }
  /// Sorted. Those without a lab.json are none.
  std::vector<std::string> names() const;
  bool exists(const std::string& name) const;
  /// Errors: kafka_storage_error or invalid_config.
  Result<Spec> read(const std::string& name) const;
  std::optional<std::string> current() const;
  Result<void> make_current(const std::string& name);
  /// The folder of a lab that is kept at `directory`; what was there before is not looked at.
  Result<void> link(const std::string& name, const std::string& directory);
  /// What the lab left of files, and its folder where nothing else is in it.
  Result<void> remove(const std::string& name);

  /// The lab that is meant: `asked`, else the current one where it exists, else the only one there is.
  /// Errors: a sentence that says what to type.
  Result<std::string> choose(const std::optional<std::string>& asked) const;

 private:
  Disk& disk_;
  std::string root_;
};

}  // namespace kt::lab
