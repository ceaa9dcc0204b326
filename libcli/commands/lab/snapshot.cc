#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>
#include <system_error>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/commands/lab/readiness.h"

namespace kt::cli::lab {
namespace {

namespace fs = std::filesystem;
using kt::lab::NodeSpec;
using kt::lab::NodeState;
using kt::lab::NodeStatus;

constexpr int64_t answer_ms_max = 30'000;

std::string folder_of(const Chosen& lab, const std::string& name) {
  return lab.place.snapshots() + "/" + name;
}

/// A stop that is asked for while nodes stand still waits until they go on; then it does what it always does.
class LateStop {
 public:
  LateStop() {
    sigemptyset(&heeded_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction now{};
      const bool is_ignored = ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
      if (!is_ignored) sigaddset(&heeded_, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &heeded_, &before_);
  }
  ~LateStop() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  LateStop(const LateStop&) = delete;

  bool is_due() const {
    sigset_t pending;
    sigpending(&pending);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      if (sigismember(&heeded_, signal) == 1 && sigismember(&pending, signal) == 1) return true;
    }
    return false;
  }

 private:
  sigset_t heeded_, before_;
};

Result<void> storage_result(const std::string& what, const std::error_code& error) {
  if (!error) return {};
  return fail(ErrorCode::kafka_storage_error, fmt::format("cannot {}: {}", what, error.message()));
}

/// Copies the folder file by file, so that a stop need not wait for all of it.
Result<void> copy_folder(const fs::path& from, const fs::path& to, const LateStop& stop) {
  std::error_code error;
  fs::remove_all(to, error);  // of one that was killed
  if (!error) fs::create_directories(to, error);
  fs::recursive_directory_iterator entry;
  if (!error) entry = fs::recursive_directory_iterator(from, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (stop.is_due()) return fail(ErrorCode::unknown_server_error, "it was told to stop");
    const fs::path copied = to / entry->path().lexically_relative(from);
    entry->is_directory() ? fs::create_directory(copied, error) : fs::copy_file(entry->path(), copied, error);
    if (error) break;
  }
  return storage_result(fmt::format("copy {} to {}", from.string(), to.string()), error);
}

/// Puts a folder in the place of another.
Result<void> put_in_place(const std::string& with, const std::string& what) {
  std::error_code error;
  const std::string old = what + ".old";
  fs::remove_all(old, error);
  if (!error && fs::exists(what)) fs::rename(what, old, error);
  if (error) return storage_result("replace " + what, error);
  fs::rename(with, what, error);
  std::error_code ignored;  // what is in the way is the next one's to remove
  if (error)
    fs::rename(old, what, ignored);
  else
    fs::remove_all(old, ignored);
  return storage_result("replace " + what, error);
}

void discard(const std::string& path) {
  std::error_code ignored;  // the next one of the name removes it first
  fs::remove_all(path, ignored);
}

Result<std::vector<NodeStatus>> nodes_of(const Chosen& lab) {
  if (!lab.place.is_running()) return std::vector<NodeStatus>();
  auto status = kt::lab::ask(lab.place, {.ask = "status", .node = {}}, answer_ms_max);
  if (!status) return fail(status.error());
  return std::move(status->nodes);
}

Result<void> ask(const Chosen& lab, const NodeSpec& node, const std::string& verb) {
  const auto done = kt::lab::ask(lab.place, {.ask = verb, .node = node.id}, answer_ms_max);
  return done ? Result<void>() : fail(done.error());
}

/// Those that must stand still. Errors: a node begins or ends, and what it writes is neither here nor there.
Result<std::vector<NodeSpec>> that_write(const std::vector<NodeStatus>& nodes) {
  std::vector<NodeSpec> up;
  for (const NodeStatus& node : nodes) {
    if (node.state == NodeState::starting || node.state == NodeState::stopping)
      return fail(ErrorCode::unknown_server_error, fmt::format("{} is {}: take the snapshot when it is not",
                                                               node.spec.name(), name_of(node.state)));
    if (node.state == NodeState::up) up.push_back(node.spec);
  }
  return up;
}

/// That nobody has woken or started a node meanwhile.
Result<void> stood_still(const Chosen& lab, const std::vector<NodeStatus>& before) {
  const auto now = nodes_of(lab);
  if (!now) return fail(now.error());
  for (const NodeStatus& node : *now) {
    const auto was = std::ranges::find(before, node.spec.id, [](const NodeStatus& it) { return it.spec.id; });
    const bool stands = node.state == NodeState::paused || node.state == NodeState::down;
    if (!stands || was == before.end() || was->starts != node.starts)
      return fail(ErrorCode::unknown_server_error,
                  fmt::format("{} is {}, and did not stand still", node.spec.name(), name_of(node.state)));
  }
  return {};
}

/// Copies all data while the nodes stand still. Those that were paused before are left so.
Result<void> copy_at_rest(const Chosen& lab, const std::string& to, const LateStop& stop) {
  const auto nodes = nodes_of(lab);
  if (!nodes) return fail(nodes.error());
  const auto up = that_write(*nodes);
  if (!up) return fail(up.error());
  std::vector<NodeSpec> paused;
  Result<void> done;
  for (const NodeSpec& node : *up) {
    if (!done || stop.is_due()) break;
    paused.push_back(node);  // first: a node that is late to answer stands still all the same
    done = ask(lab, node, "pause");
  }
  for (const NodeSpec& node : lab.spec.nodes) {
    if (done) done = copy_folder(lab.place.node(node) + "/data", to + "/" + node.name(), stop);
  }
  if (done) done = stood_still(lab, *nodes);
  for (const NodeSpec& node : paused) {
    const auto resumed = ask(lab, node, "resume");
    if (done) done = resumed;
  }
  return done;
}

bool is_snapshot_name(const std::string& name) { return kt::lab::is_lab_name(name); }

}  // namespace

/// All nodes stand still while their files are copied, which is what they would find after a crash at that
/// moment.
Exit snapshot(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose_to_change(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const std::string& name = options.snapshot;
  if (!is_snapshot_name(name))
    return refuse({ErrorCode::invalid_config, name + " is no name: letters, digits, '-', '_' and '.'"},
                  streams);
  if (fs::exists(folder_of(*lab, name)))
    return refuse({ErrorCode::invalid_config, fmt::format("there is a snapshot {} already", name)}, streams);
  const std::string part = folder_of(*lab, "." + name + ".part");  // no snapshot's name
  const LateStop stop;
  discard(part);
  Result<void> done = copy_at_rest(*lab, part, stop);
  std::error_code error;
  if (done) fs::rename(part, folder_of(*lab, name), error);
  if (done) done = storage_result("name the snapshot " + name, error);
  if (!done) {
    discard(part);
    return refuse(done.error(), streams);
  }
  streams.out << fmt::format("snapshot {}: kt lab restore {} brings the lab back to this\n", name, name);
  return Exit::done;
}

Exit restore(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose_to_change(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const std::string folder = folder_of(*lab, options.snapshot);
  if (!is_snapshot_name(options.snapshot) || !fs::exists(folder))
    return refuse({ErrorCode::resource_not_found, fmt::format("there is no snapshot {}", options.snapshot)},
                  streams);
  const auto has_copy = [&](const NodeSpec& node) { return fs::exists(folder + "/" + node.name()); };
  const auto copies = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  if (!std::ranges::all_of(lab->spec.nodes, has_copy) || copies != std::ssize(lab->spec.nodes))
    return refuse({ErrorCode::invalid_config,
                   fmt::format("snapshot {} is of other nodes than the lab has now", options.snapshot)},
                  streams);
  const bool is_running = lab->place.is_running();
  const int64_t begun_ms = environment.clock.monotonic_ms();
  const auto beside = [&](const NodeSpec& node) { return lab->place.node(node) + "/data.restored"; };
  const auto give_up = [&](const Error& error) {
    for (const NodeSpec& node : lab->spec.nodes) discard(beside(node));
    return refuse(error, streams);
  };
  {
    const LateStop stop;
    for (const NodeSpec& node : lab->spec.nodes) {
      if (auto done = copy_folder(folder + "/" + node.name(), beside(node), stop); !done)
        return give_up(done.error());
    }
    const auto nodes = nodes_of(*lab);
    if (!nodes) return give_up(nodes.error());
    for (const NodeStatus& node : *nodes) {
      if (node.state == NodeState::down) continue;
      if (auto done = ask(*lab, node.spec, "kill"); !done) return give_up(done.error());
    }
    for (const NodeSpec& node : lab->spec.nodes) {
      if (auto done = put_in_place(beside(node), lab->place.node(node) + "/data"); !done)
        return give_up(done.error());
    }
  }
  if (is_running) {
    if (auto done = kt::lab::ask(lab->place, {.ask = "start", .node = {}}, answer_ms_max); !done)
      return refuse(done.error(), streams);
    if (auto ready = wait_until_ready(lab->spec, environment, begun_ms + answer_ms_max); !ready)
      return refuse(ready.error(), streams);
  }
  streams.out << fmt::format("the lab is as it was at snapshot {}\n", options.snapshot);
  return Exit::done;
}

}  // namespace kt::cli::lab
