#pragma once
#include <map>
#include <memory>
#include <vector>

#include "libbroker/base/loop.h"
#include "libbroker/sim/scheduler.h"
#include "libbroker/sim/sim_clock.h"

namespace kt::sim {

/// A loop on a simulated thread. Timers keep the machine's clock, which may run fast or slow.
class SimLoop final : public Loop {
 public:
  SimLoop(Scheduler& scheduler, const SimClock& clock, std::shared_ptr<Thread> thread)
      : scheduler_(scheduler), clock_(clock), thread_(std::move(thread)) {}

  void post(Task task) override { scheduler_.at(scheduler_.now_ns(), "post", thread_, std::move(task)); }
  Id after(int64_t delay_ms, Task task) override;
  void cancel(Id id) override;
  /// Forgets every timer, in the order of their ids.
  void cancel_all();

 private:
  void fire(Id id);

  Scheduler& scheduler_;
  const SimClock& clock_;
  const std::shared_ptr<Thread> thread_;
  Id last_id_ = 0;
  std::map<Id, Task> timers_;
};

/// A pool of simulated threads. Work starts in the order it was given and takes a while before its effects
/// are there.
class SimExecutor final : public Executor {
 public:
  SimExecutor(Scheduler& scheduler, Rng& rng, std::vector<std::shared_ptr<Thread>> threads)
      : scheduler_(scheduler), rng_(rng), threads_(std::move(threads)), free_at_ns_(threads_.size()) {}

  void set_latency_ns_mean(int64_t ns) { latency_ns_mean_ = ns; }
  void run(Task work) override;

 private:
  Scheduler& scheduler_;
  Rng& rng_;
  const std::vector<std::shared_ptr<Thread>> threads_;
  std::vector<int64_t> free_at_ns_;  // by thread
  int64_t latency_ns_mean_ = 0;
};

}  // namespace kt::sim
