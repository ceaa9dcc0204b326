#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libbroker/base/buggify.h"
#include "libbroker/base/rng.h"
#include "libbroker/sim/network.h"
#include "libbroker/sim/sim_clock.h"
#include "libbroker/sim/sim_disk.h"
#include "libbroker/sim/sim_loop.h"

namespace kt::sim {

class Machine;

/// What runs on a machine: built anew at each start, destroyed at each kill, then unable to touch anything
/// any more.
using Process = std::shared_ptr<void>;
using Program = std::function<Process(Machine&)>;

/// What a machine has, and how fast it is.
struct MachineOptions {
  size_t loops = 1, pool_threads = 4;
  int64_t event_cost_ns_mean = 2'000;      // a loop is busy for so long with each event
  int64_t work_latency_ns_mean = 300'000;  // of work in the pool: a flush, a cold read
};

/// A computer: all that a program may reach of the world. Its disk and clock outlive the process that runs on
/// it.
class Machine {
 public:
  Machine(uint32_t id, std::string host, uint64_t seed, Scheduler& scheduler, Trace& trace, Network& network);
  ~Machine();

  uint32_t id() const { return id_; }
  const std::string& host() const { return host_; }
  Loop& loop(size_t index = 0) { return *loops_.at(index); }
  std::vector<Loop*> loops();
  Executor& executor() { return *executor_; }
  Net& net() { return net_; }
  SimDisk& disk() { return disk_; }
  SimClock& clock() { return clock_; }
  Rng& rng() { return rng_; }
  Buggify& buggify() { return buggify_; }
  /// The process asks to end, as by exit(): it is killed soon, and its supervisor is told. Until then its
  /// other threads go on.
  void exit();
  /// What the process does when it is asked to end (SIGTERM); without it, it is killed.
  void set_on_terminate(std::function<void()> on_terminate) { on_terminate_ = std::move(on_terminate); }

  bool is_running() const { return process_ != nullptr; }
  bool is_paused() const { return is_paused_; }
  /// How often a process was started.
  uint64_t starts() const { return starts_; }
  bool has_power() const { return has_power_; }
  /// The process, as its Program made it.
  template <class T>
  T& process() {
    return *static_cast<T*>(process_.get());
  }

  void set_supervisor(std::function<void()> on_exit) { on_exit_ = std::move(on_exit); }
  /// None of these may be called from an event of a machine: they are the world's.
  void start(const Program& program, const MachineOptions& options);
  /// The process ends at once (SIGKILL): the kernel closes its connections, and keeps its unsynced writes.
  void kill();
  /// The power goes: connections and unsynced writes are gone. Needs power_on() before start().
  void power_off();
  void power_on();
  /// The machine gets another, empty disk; its process dies.
  void wipe();
  /// SIGTERM.
  void terminate();
  enum class Cut { kill, power_off };
  /// Once the process has made so many more changes to the disk, in the middle of whatever it does, it is
  /// killed, or the power goes; then its supervisor is told. For a moment its other threads go on. Only
  /// changes of files whose paths hold `of` count.
  void cut_after(uint64_t changes, Cut cut, std::string_view of = {});
  void pause();
  void resume();

 private:
  void end_process();

  const uint32_t id_;
  const std::string host_;
  Scheduler& scheduler_;
  Trace& trace_;
  Network& network_;
  SeededRng rng_, hardware_rng_;
  Buggify buggify_;
  SimClock clock_;
  SimDisk disk_;
  SimNet net_;
  std::vector<std::shared_ptr<Thread>> threads_;  // the loops', then the pool's
  std::vector<std::unique_ptr<SimLoop>> loops_;
  std::unique_ptr<SimExecutor> executor_;
  Process process_;
  std::function<void()> on_exit_, on_terminate_;
  bool is_paused_ = false, has_power_ = true;
  uint64_t starts_ = 0;
};

}  // namespace kt::sim
