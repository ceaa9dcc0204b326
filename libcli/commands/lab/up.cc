#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/rng.h"
#include "libbroker/base/uuid.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/commands/lab/log_tail.h"
#include "libcli/commands/lab/node_files.h"
#include "libcli/commands/lab/readiness.h"
#include "libcli/lab/launch.h"
#include "libcli/lab/ports.h"
#include "libcli/lab/unsynced_disk.h"
#include "libcli/term/report.h"

namespace kt::cli::lab {
namespace {

using kt::lab::Launched;
using kt::lab::NodeSpec;
using kt::lab::Place;
using kt::lab::ReservedPorts;
using kt::lab::Spec;

constexpr uint16_t next_base_distance = 10;
constexpr int bases_tried_max = 50;
constexpr size_t log_lines_shown = 10;
constexpr int64_t down_ms_max = kt::lab::stop_ms_max * 3;

class Up {
 public:
  Up(const Options& options, Environment& environment, Streams& streams)
      : options_(options.up),
        as_json_(options.setting.output == Output::json),
        environment_(environment),
        streams_(streams),
        disk_(environment.disk),
        labs_(labs_of(environment, disk_)),
        place_(labs_.place(options.up.name)),
        begun_ms_(environment.clock.monotonic_ms()) {}

  Exit run() {
    auto lock = lock_lab();
    if (!lock) return refuse(lock.error(), streams_);
    auto ports = prepare();
    if (!ports) return refuse(ports.error(), streams_);
    streams_.out.flush();
    streams_.err.flush();
    auto lab = kt::lab::launch(environment_.clock, spec_, place_, std::move(*ports), options_.ttl_ms);
    if (!lab) return refuse(lab.error(), streams_);
    folder_ = net::OwnedDescriptor();
    *lock = net::OwnedDescriptor();  // from now on the supervisor's own says that the lab is there
    if (auto ready = wait(); !ready) return give_up(*lab, ready.error());
    if (auto chosen = labs_.make_current(spec_.name); !chosen) return give_up(*lab, chosen.error());
    tell();
    if (!options_.is_foreground) return kt::lab::let_go(*lab), Exit::done;
    streams_.out.flush();
    return stay(*lab);
  }

 private:
  /// Keeps others from making or removing a lab of this name.
  Result<net::OwnedDescriptor> lock_lab() {
    if (auto absent = is_absent(); !absent) return fail(absent.error());  // no need to wait to say so
    return labs_.lock(options_.name, kt::lab::lock_wait_ms_max);
  }

  Result<void> is_absent() {
    if (!place_.is_running()) return {};
    return fail(ErrorCode::unknown_server_error,
                fmt::format("lab {} is running: kt lab down {} ends it", options_.name, options_.name));
  }

  /// Everything that the supervisor needs: a place, ports, files.
  Result<ReservedPorts> prepare() {
    if (auto absent = is_absent(); !absent) return fail(absent.error());
    if (auto placed = find_place(); !placed) return fail(placed.error());
    if (auto chosen = choose_spec(); !chosen) return fail(chosen.error());
    auto ports = reserve();
    if (!ports) return ports;
    if (auto written = write_files(); !written) return fail(written.error());
    return ports;
  }

  /// A folder is this lab's when it is empty, or has its lab.json and no lab that runs.
  Result<void> is_its(const std::string& directory) {
    constexpr std::string_view next = "give --dir a folder of its own";
    const Place place{directory};
    const auto there = disk_.list(directory);
    if (!there || there->empty()) return {};
    if (place.is_running())
      return fail(ErrorCode::invalid_config, fmt::format("a lab is running in {}: {}", directory, next));
    if (!disk_.exists(place.spec()).value_or(false))
      return fail(ErrorCode::invalid_config,
                  fmt::format("{} is not empty, and no lab's: {}", directory, next));
    const auto text = disk_.read_all(place.spec());
    const auto spec = text ? kt::lab::spec_from_json(*text) : fail(text.error());
    if (!spec)
      return fail(ErrorCode::invalid_config,
                  fmt::format("{} is no lab's ({}): {}", place.spec(), spec.error().message, next));
    if (spec->name == options_.name) return {};
    return fail(ErrorCode::invalid_config, fmt::format("{} is lab {}'s: {}", directory, spec->name, next));
  }

  /// Another one may want it for a lab of another name.
  Result<void> hold(const std::string& directory) {
    folder_ = net::OwnedDescriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder_.get() >= 0 && ::flock(folder_.get(), LOCK_EX | LOCK_NB) == 0) return {};
    return fail(
        ErrorCode::invalid_config,
        fmt::format("another kt lab is making a lab in {}: give --dir a folder of its own", directory));
  }

  Result<void> find_place() {
    if (options_.directory) {
      if (auto made = disk_.make_directory(*options_.directory); !made) return made;
      if (auto held = hold(*options_.directory); !held) return held;
      if (auto its = is_its(*options_.directory); !its) return its;
      if (auto linked = labs_.link(options_.name, *options_.directory); !linked) return linked;
    }
    if (options_.keeps || !labs_.exists(options_.name)) return {};
    if (auto removed = labs_.remove(options_.name); !removed) return removed;
    return options_.directory ? find_place() : Result<void>();
  }

  Result<void> choose_spec() {
    if (options_.keeps && labs_.exists(options_.name)) {
      auto kept = labs_.read(options_.name);
      if (!kept) return fail(kept.error());
      spec_ = std::move(*kept);
      is_kept_ = true;
      return {};
    }
    SeededRng seeded(options_.seed.value_or(0));
    Rng& rng = options_.seed ? seeded : environment_.rng;
    spec_ = {.name = options_.name,
             .cluster_id = Uuid::random(rng).text(),
             .is_fast = options_.is_fast,
             .nodes = {},
             .properties = options_.properties,
             .seed = options_.seed};
    return {};
  }

  /// Where nothing else is asked for, one port that is taken moves the lab, and says who has it.
  Result<ReservedPorts> reserve() {
    std::string first_taken;
    uint16_t base = options_.port_base.value_or(kt::lab::random_port_base(environment_.rng));
    for (int tried = 1;; ++tried) {
      if (!is_kept_) spec_.nodes = kt::lab::lay_out(options_.brokers, options_.controllers, base);
      std::vector<uint16_t> ports;
      for (const NodeSpec& node : spec_.nodes) ports.push_back(node.port);
      auto reserved = ReservedPorts::take(ports);
      const bool may_move = !is_kept_ && (options_.may_move || !options_.port_base);
      if (reserved && !first_taken.empty() && options_.port_base)
        streams_.err << fmt::format("{}: the lab begins at {}\n", first_taken, base);
      if (reserved || !may_move || tried == bases_tried_max) return reserved;
      if (first_taken.empty()) first_taken = reserved.error().message;
      base = options_.port_base ? static_cast<uint16_t>(base + next_base_distance)
                                : kt::lab::random_port_base(environment_.rng);
    }
  }

  Result<void> write_files() {
    if (auto made = disk_.make_directory(place_.run()); !made) return made;
    for (const NodeSpec& node : spec_.nodes) {
      if (auto made = make_node_files(spec_, node, place_, disk_, environment_); !made) return made;
    }
    const auto client = kt::lab::client_properties(spec_);
    if (auto written = disk_.replace(place_.client_properties(), kt::lab::properties_text(client)); !written)
      return written;
    return disk_.replace(place_.spec(), kt::lab::to_json(spec_));  // last: from now on there is a lab
  }

  Result<void> wait() {
    const int64_t deadline_ms = begun_ms_ + options_.timeout_ms;
    const auto served = kt::lab::ask(place_, {.ask = "await", .node = {}}, options_.timeout_ms);
    if (!served && served.error().code == ErrorCode::request_timed_out)
      return fail(ErrorCode::request_timed_out,
                  fmt::format("the lab was not ready within {} ms", options_.timeout_ms));
    if (!served) return fail(served.error());
    return wait_until_ready(spec_, environment_, deadline_ms);
  }

  Exit give_up(const Launched& lab, const Error& error) {
    const auto status = kt::lab::ask(place_, {.ask = "status", .node = {}}, down_ms_max);
    for (const auto& node : status ? status->nodes : std::vector<kt::lab::NodeStatus>()) {
      if (node.state == kt::lab::NodeState::up) continue;
      streams_.err << fmt::format("{} is {}; it logged:\n", node.spec.name(), name_of(node.state));
      for (const std::string& line : last_lines(disk_, place_.node_log(node.spec), log_lines_shown))
        streams_.err << "  " << line << '\n';
    }
    ::kill(lab.pid, SIGTERM);
    ::waitpid(lab.pid, nullptr, 0);
    return refuse(error, streams_);
  }

  void tell() const {
    const int64_t took_ms = environment_.clock.monotonic_ms() - begun_ms_;
    if (as_json_) {
      term::print_document(streams_.out, "lab.up",
                           {{{"lab", spec_.name},
                             {"bootstrap_servers", spec_.bootstrap_servers()},
                             {"directory", place_.directory},
                             {"brokers", spec_.brokers()},
                             {"ready_ms", took_ms}}},
                           {});
      return;
    }
    const auto controllers = static_cast<int32_t>(spec_.nodes.size()) - spec_.brokers();
    streams_.out << fmt::format("lab {} is ready after {} ms: {} broker{}, {} controller{}\n", spec_.name,
                                took_ms, spec_.brokers(), spec_.brokers() == 1 ? "" : "s", controllers,
                                controllers == 1 ? "" : "s");
    streams_.out << "  brokers   " << spec_.bootstrap_servers() << '\n';
    streams_.out << "  files     " << place_.directory << '\n';
    if (spec_.is_fast) tell_timers();
    streams_.out << fmt::format(
        "  next      eval \"$(kt lab env {})\" && kt topics create my-topic --partitions 13\n", spec_.name);
    if (options_.is_foreground) streams_.out << "  Ctrl-C ends it\n";
  }

  void tell_timers() const {
    for (const auto& timers : {kt::lab::fast_broker_timers(), kt::lab::client_properties(spec_)}) {
      for (const auto& [key, value] : timers) streams_.out << "  timer     " << key << '=' << value << '\n';
    }
  }

  /// Until the lab is down, by a signal or by kt lab down.
  Exit stay(const Launched& lab) {
    sigset_t heeded;
    sigemptyset(&heeded);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&heeded, signal);
    sigprocmask(SIG_BLOCK, &heeded, nullptr);
    Exit exit = Exit::done;
    for (;;) {
      if (::waitpid(lab.pid, nullptr, WNOHANG) == lab.pid) return exit;
      const int signal = sigwaitinfo(&heeded, nullptr);
      if (signal < 0 || signal == SIGCHLD) continue;
      exit = signal == SIGINT ? Exit::interrupted : Exit::terminated;
      ::kill(lab.pid, SIGTERM);
    }
  }

  const UpOptions& options_;
  const bool as_json_;
  Environment& environment_;
  Streams& streams_;
  kt::lab::UnsyncedDisk disk_;
  kt::lab::Labs labs_;
  const Place place_;
  const int64_t begun_ms_;
  net::OwnedDescriptor folder_;  // of --dir, while the lab is being made
  Spec spec_;
  bool is_kept_ = false;
};

}  // namespace

Exit up(const Options& options, Environment& environment, Streams& streams) {
  return Up(options, environment, streams).run();
}

}  // namespace kt::cli::lab
