#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>
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

constexpr int64_t answer_ms_max = 30'000;

std::string folder_of(const Chosen& lab, const std::string& name) {
  return lab.place.snapshots() + "/" + name;
}

Result<void> copy(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::remove_all(to, error);
  if (!error) fs::create_directories(fs::path(to).parent_path(), error);
  if (!error) fs::copy(from, to, fs::copy_options::recursive, error);
  if (!error) return {};
  return fail(ErrorCode::kafka_storage_error,
              fmt::format("cannot copy {} to {}: {}", from, to, error.message()));
}

Result<std::vector<NodeSpec>> nodes_in(const Chosen& lab, NodeState state) {
  std::vector<NodeSpec> nodes;
  if (!lab.place.is_running()) return nodes;
  const auto status = kt::lab::ask(lab.place, {.ask = "status", .node = {}}, answer_ms_max);
  if (!status) return fail(status.error());
  for (const auto& node : status->nodes) {
    if (node.state == state) nodes.push_back(node.spec);
  }
  return nodes;
}

Result<void> ask_each(const Chosen& lab, const std::vector<NodeSpec>& nodes, const std::string& verb) {
  for (const NodeSpec& node : nodes) {
    if (auto done = kt::lab::ask(lab.place, {.ask = verb, .node = node.id}, answer_ms_max); !done)
      return fail(done.error());
  }
  return {};
}

bool is_snapshot_name(const std::string& name) { return kt::lab::is_lab_name(name); }

}  // namespace

/// All nodes stand still while their files are copied, which is what they would find after a crash at that
/// moment.
Exit snapshot(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const std::string& name = options.snapshot;
  if (!is_snapshot_name(name))
    return refuse({ErrorCode::invalid_config, name + " is no name: letters, digits, '-', '_' and '.'"},
                  streams);
  if (fs::exists(folder_of(*lab, name)))
    return refuse({ErrorCode::invalid_config, fmt::format("there is a snapshot {} already", name)}, streams);
  const auto up = nodes_in(*lab, NodeState::up);
  if (!up) return refuse(up.error(), streams);
  Result<void> done = ask_each(*lab, *up, "pause");
  for (const NodeSpec& node : lab->spec.nodes) {
    if (done) done = copy(lab->place.node(node) + "/data", folder_of(*lab, name) + "/" + node.name());
  }
  const auto paused = nodes_in(*lab, NodeState::paused);
  const auto resumed = paused ? ask_each(*lab, *paused, "resume") : fail(paused.error());
  if (done) done = resumed;
  if (!done) {
    std::error_code ignored;
    fs::remove_all(folder_of(*lab, name), ignored);
    return refuse(done.error(), streams);
  }
  streams.out << fmt::format("snapshot {}: kt lab restore {} brings the lab back to this\n", name, name);
  return Exit::done;
}

Exit restore(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
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
  for (const NodeState state : {NodeState::up, NodeState::paused, NodeState::starting}) {
    const auto nodes = nodes_in(*lab, state);
    if (!nodes) return refuse(nodes.error(), streams);
    if (auto done = ask_each(*lab, *nodes, "kill"); !done) return refuse(done.error(), streams);
  }
  for (const NodeSpec& node : lab->spec.nodes) {
    if (auto done = copy(folder + "/" + node.name(), lab->place.node(node) + "/data"); !done)
      return refuse(done.error(), streams);
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
