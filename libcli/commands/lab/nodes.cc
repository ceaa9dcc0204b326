#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <ostream>
#include <string>
#include <vector>

#include "libbroker/base/clock.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/commands/lab/quorum.h"
#include "libcli/commands/lab/readiness.h"

namespace kt::cli::lab {
namespace {

using kt::lab::NodeSpec;

constexpr int64_t answer_ms_max = 30'000;
constexpr int64_t controller_answer_ms_max = 5'000;

/// The leader of the metadata quorum, as the brokers know it.
Result<int32_t> active_controller(const kt::lab::Spec& spec, Environment& environment) {
  const auto first = spec.nodes.begin();  // controllers come first
  if (first->is_controller && !std::next(first)->is_controller) return first->id;
  Connection connection{.addresses = spec.bootstrap_servers(), .properties = {}};
  connection.properties["request.timeout.ms"] = std::to_string(controller_answer_ms_max);
  const auto session = Session::open(connection, environment, "kt-lab");
  if (!session) return fail(session.error());
  return quorum_leader(**session);
}

std::string ids_of(const kt::lab::Spec& spec) {
  std::string ids;
  for (const NodeSpec& node : spec.nodes) ids += fmt::format("{}{}", ids.empty() ? "" : ", ", node.id);
  return ids;
}

std::string done_text(std::string_view verb) {
  if (verb == "kill") return "is killed";
  if (verb == "stop") return "is stopped";
  if (verb == "pause") return "is paused";
  if (verb == "resume") return "goes on";
  return "serves";
}

/// One broker after the other, each only when the cluster is whole again.
Result<void> restart_rolling(const Chosen& lab, Environment& environment, Streams& streams) {
  for (const NodeSpec& node : lab.spec.nodes) {
    if (node.is_controller) continue;
    const int64_t begun_ms = environment.clock.monotonic_ms();
    const auto done = kt::lab::ask(lab.place, {.ask = "restart", .node = node.id}, answer_ms_max);
    if (!done) return fail(done.error());
    if (auto ready = wait_until_ready(lab.spec, environment, begun_ms + answer_ms_max); !ready) return ready;
    streams.out << fmt::format("{} serves after {} ms\n", node.name(),
                               environment.clock.monotonic_ms() - begun_ms);
    streams.out.flush();
  }
  return {};
}

Result<void> end(const std::string& name, const Options& options, kt::lab::Labs& labs, Streams& streams) {
  const kt::lab::Place place = labs.place(name);
  const bool was_running = place.is_running();
  if (was_running) {
    constexpr int64_t down_ms_max = kt::lab::stop_ms_max * 3;
    if (auto done = kt::lab::take_down(place, down_ms_max); !done) return done;
  }
  if (options.wipes) {
    const auto lock = labs.lock(name, kt::lab::lock_wait_ms_max);
    if (!lock) return fail(lock.error());
    if (auto removed = labs.wipe(name); !removed) return removed;
  }
  streams.out << fmt::format("lab {} {}{}\n", name, was_running ? "is down" : "was down",
                             options.wipes ? ", its files are gone" : "");
  return {};
}

}  // namespace

Result<NodeSpec> node_of(const std::string& word, const kt::lab::Spec& spec, Environment& environment) {
  if (word == "controller") {
    const auto id = active_controller(spec, environment);
    if (!id) return fail(id.error());
    if (const NodeSpec* node = spec.find(*id)) return *node;
  }
  for (const NodeSpec& node : spec.nodes) {
    if (word == std::to_string(node.id) || word == node.name()) return node;
  }
  return fail(ErrorCode::resource_not_found,
              fmt::format("lab {} has no node {}: it has {}, and controller", spec.name, word, ids_of(spec)));
}

Exit down(const Options& options, Environment& environment, Streams& streams) {
  kt::lab::Labs labs = labs_of(environment);
  std::vector<std::string> names;
  if (options.all) {
    names = labs.names();
  } else {
    const auto name = labs.choose(options.lab);
    if (!name) return refuse(name.error(), streams);
    names = {*name};
  }
  Exit exit = Exit::done;
  for (const std::string& name : names) {
    if (auto ended = end(name, options, labs, streams); !ended) exit = refuse(ended.error(), streams);
  }
  return exit;
}

Exit act_on_node(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  if (options.is_rolling) {
    const auto done = restart_rolling(*lab, environment, streams);
    return done ? Exit::done : refuse(done.error(), streams);
  }
  const auto node = node_of(options.node, lab->spec, environment);
  if (!node) return refuse(node.error(), streams);
  const auto done =
      kt::lab::ask(lab->place, {.ask = std::string(options.verb), .node = node->id, .signal = options.signal},
                   answer_ms_max);
  if (!done) return refuse(done.error(), streams);
  streams.out << fmt::format("{} {}\n", node->name(), done_text(options.verb));
  return Exit::done;
}

}  // namespace kt::cli::lab
