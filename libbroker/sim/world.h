#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libbroker/sim/machine.h"
#include "libbroker/sim/network.h"
#include "libbroker/sim/scheduler.h"
#include "libbroker/sim/trace.h"

namespace kt::sim {

/// What kind of world it is. The defaults are a healthy one.
struct WorldOptions {
  NetFaults net;
  DiskFaults disk;
  CrashFaults crash;
  MachineOptions machine;
  int64_t clock_offset_ms_max = 0, clock_drift_ppm_max = 0;  // either way
  int64_t write_back_ms_mean = 10'000;                       // how often a kernel writes back by itself
  int64_t restart_ms = 1'000;  // after which a process that exited is started again
};

/// Machines, a network between them, and virtual time: one thread, no waiting, and the same run for the same
/// seed.
class World {
 public:
  explicit World(uint64_t seed, const WorldOptions& options = {});
  ~World();

  /// A machine on which `program` runs once it is started. Ids count from 0.
  Machine& add(const std::string& host, Program program);
  Machine& machine(uint32_t id) { return *machines_.at(id).machine; }
  size_t size() const { return machines_.size(); }
  std::vector<uint32_t> ids() const;

  /// Starts, with the power on, what does not run.
  void start(uint32_t id);
  void start_all();
  /// Ends all faults: every machine runs, every link is open, and nothing new goes wrong.
  void heal();
  bool is_healed() const { return is_healed_; }

  enum class Outcome { met, out_of_time, out_of_events };
  struct Limits {
    int64_t ms = 60'000;  // of virtual time, from now
    uint64_t events = 20'000'000;
  };
  /// Runs until `is_met` holds after some event.
  Outcome run_until(const std::function<bool()>& is_met, Limits limits);
  Outcome run_until(const std::function<bool()>& is_met) { return run_until(is_met, Limits{}); }
  void run_for(int64_t ms);
  /// Called after every event, to hold invariants to it.
  void set_check(std::function<void()> check) { check_ = std::move(check); }

  /// The scenario's own events, at no machine.
  void after(int64_t delay_ms, Task task) {
    scheduler_.after(delay_ms * 1'000'000, "scenario", std::move(task));
  }
  int64_t now_ms() const { return scheduler_.now_ns() / 1'000'000; }
  Scheduler& scheduler() { return scheduler_; }
  Network& network() { return network_; }
  Trace& trace() { return trace_; }
  Rng& rng() { return rng_; }
  const WorldOptions& options() const { return options_; }

 private:
  struct Slot {
    std::unique_ptr<Machine> machine;
    Program program;
  };
  void write_back_later(Machine& machine);

  const WorldOptions options_;
  SeededRng rng_, net_rng_, time_rng_;
  Trace trace_;
  Scheduler scheduler_;
  Network network_;
  std::vector<Slot> machines_;
  std::function<void()> check_;
  bool is_healed_ = false;
};

}  // namespace kt::sim
