#include <fmt/core.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/term/report.h"
#include "libcli/term/table.h"

namespace kt::cli::lab {
namespace {

using nlohmann::ordered_json;

constexpr int64_t status_ms_max = 5'000;

bool as_json(const Options& options) { return options.setting.output == Output::json; }

/// What a process holds of memory; 0 when it is gone.
int64_t resident_bytes(int64_t pid) {
  int64_t total_pages = 0, resident_pages = 0;
  std::ifstream(fmt::format("/proc/{}/statm", pid)) >> total_pages >> resident_pages;
  const int64_t page_bytes = ::sysconf(_SC_PAGESIZE);
  return resident_pages * page_bytes;
}

/// The lab as its supervisor has it; all down where there is none.
Result<kt::lab::Reply> status_of(const Chosen& lab) {
  if (lab.place.is_running()) return kt::lab::ask(lab.place, {.ask = "status", .node = {}}, status_ms_max);
  kt::lab::Reply down;
  for (const auto& spec : lab.spec.nodes) {
    kt::lab::NodeStatus node;
    node.spec = spec;
    down.nodes.push_back(std::move(node));
  }
  return down;
}

ordered_json node_json(const kt::lab::NodeStatus& node) {
  return {{"node", node.spec.name()},
          {"id", node.spec.id},
          {"state", name_of(node.state)},
          {"pid", node.pid == 0 ? ordered_json() : ordered_json(node.pid)},
          {"port", node.spec.port},
          {"starts", node.starts},
          {"ended", node.ended.empty() ? ordered_json() : ordered_json(node.ended)},
          {"resident_bytes", node.pid == 0 ? 0 : resident_bytes(node.pid)}};
}

}  // namespace

Exit status(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const auto there = status_of(*lab);
  if (!there) return refuse(there.error(), streams);
  if (as_json(options)) {
    ordered_json items = ordered_json::array();
    for (const auto& node : there->nodes) items.push_back(node_json(node));
    for (const auto& fault : there->faults) items.push_back({{"fault", fault.id}, {"what", fault.text}});
    term::print_document(streams.out, "lab.status", items, {});
    return Exit::done;
  }
  term::PaddedTable table({{"NODE", 0, true},
                           {"STATE", 0, true},
                           {"PID", 0, true},
                           {"PORT", 0, true},
                           {"MEMORY", 0, true},
                           {"STARTS", 0, true},
                           {"LAST-END", 0, true}});
  constexpr double mebibyte = 1 << 20;
  for (const auto& node : there->nodes) {
    const bool runs = node.pid != 0;
    table.add({node.spec.name(), std::string(name_of(node.state)), runs ? std::to_string(node.pid) : "",
               std::to_string(node.spec.port),
               runs ? fmt::format("{:.1f}MiB", static_cast<double>(resident_bytes(node.pid)) / mebibyte) : "",
               std::to_string(node.starts), node.ended});
  }
  table.print(streams.out);
  for (const auto& fault : there->faults) streams.out << fmt::format("fault {}: {}\n", fault.id, fault.text);
  return Exit::done;
}

Exit list(const Options& options, Environment& environment, Streams& streams) {
  const kt::lab::Labs labs = labs_of(environment);
  const auto current = labs.current();
  ordered_json items = ordered_json::array();
  term::PaddedTable table({{"LAB", 0, true},
                           {"STATE", 0, true},
                           {"BROKERS", 0, true},
                           {"CURRENT", 0, true},
                           {"BOOTSTRAP-SERVERS", 0, true}});
  std::vector<term::Failure> failures;
  for (const std::string& name : labs.names()) {
    const auto spec = labs.read(name);
    if (!spec) {
      failures.push_back({.message = fmt::format("{}: {}", name, spec.error().message)});
      continue;
    }
    const char* state = labs.place(name).is_running() ? "running" : "down";
    items.push_back({{"lab", name},
                     {"state", state},
                     {"brokers", spec->brokers()},
                     {"current", current == name},
                     {"bootstrap_servers", spec->bootstrap_servers()},
                     {"directory", labs.place(name).directory}});
    table.add({name, state, std::to_string(spec->brokers()), current == name ? "yes" : "no",
               spec->bootstrap_servers()});
  }
  if (as_json(options)) {
    term::print_document(streams.out, "lab.list", items, failures);
  } else {
    if (table.has_rows()) table.print(streams.out);
    for (const auto& failure : failures) refuse({ErrorCode::invalid_config, failure.message}, streams);
  }
  return failures.empty() ? Exit::done : Exit::failed;
}

Exit use(const Options& options, Environment& environment, Streams& streams) {
  kt::lab::Labs labs = labs_of(environment);
  const auto name = labs.choose(options.lab);
  if (!name) return refuse(name.error(), streams);
  const auto done = labs.make_current(*name);
  return done ? Exit::done : refuse(done.error(), streams);
}

Exit env(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const bool is_fish = options.shell == "fish";
  const auto tell = [&](std::string_view name, std::string value) {
    for (size_t at = 0; (at = value.find('\'', at)) != value.npos; at += 4) value.replace(at, 1, "'\\''");
    streams.out << (is_fish ? fmt::format("set -gx {} '{}'\n", name, value)
                            : fmt::format("export {}='{}'\n", name, value));
  };
  tell("KT_LAB", lab->spec.name);
  tell("KT_LAB_DIR", lab->place.directory);
  tell("KT_BOOTSTRAP_SERVERS", lab->spec.bootstrap_servers());
  return Exit::done;
}

Exit gc(const Options&, Environment& environment, Streams& streams) {
  kt::lab::Labs labs = labs_of(environment);
  Exit exit = Exit::done;
  for (const std::string& name : labs.names()) {
    const auto lock = labs.lock(name, 0);
    if (!lock || labs.place(name).is_running()) continue;  // it is, or is about to be
    if (const auto removed = labs.wipe(name); !removed) {
      exit = refuse(removed.error(), streams);
      continue;
    }
    streams.out << fmt::format("the files of lab {} are gone\n", name);
  }
  return exit;
}

}  // namespace kt::cli::lab
