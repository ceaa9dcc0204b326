#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/net/owned_descriptor.h"
#include "libcli/lab/spec.h"

namespace kt {
class Disk;
}

namespace kt::lab {

/// How long a verb waits for another one that changes the same lab.
inline constexpr int64_t lock_wait_ms_max = 40'000;

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

/// The lock by which a supervisor shows that it lives. Who only looks takes nothing, and so never stands in
/// the way of one that comes.
class LifeLock {
 public:
  /// False when another has it. It dies with the descriptor, or with the process.
  static bool take(int descriptor);
  static bool is_taken(int descriptor);
  static void wait_until_free(int descriptor);
};

/// The folder of all labs: a folder for each, or a link to one that is elsewhere, `current`, a file with a
/// name, and `.NAME.lock`, held by who makes a lab, changes its nodes or removes it.
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
  /// For one that makes, changes or removes the lab, which need not be there yet; what was read of it before
  /// is stale. Waits for another one so long. Errors: it goes on; one sentence.
  Result<net::OwnedDescriptor> lock(const std::string& name, int64_t wait_ms) const;
  /// What the lab left of files, and its folder where nothing else is in it. Of one that is locked, as
  /// wipe().
  Result<void> remove(const std::string& name);
  /// Removes a lab that does not come again at once, with the lock that its caller has. Errors: also, it
  /// runs.
  Result<void> wipe(const std::string& name);

  /// The lab that is meant: `asked`, else the current one where it exists, else the only one there is.
  /// Errors: a sentence that says what to type.
  Result<std::string> choose(const std::optional<std::string>& asked) const;

 private:
  std::string lock_file(const std::string& name) const { return root_ + "/." + name + ".lock"; }

  Disk& disk_;
  std::string root_;
};

}  // namespace kt::lab
