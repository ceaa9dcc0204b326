#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "libbroker/base/loop.h"
#include "libbroker/base/rng.h"
#include "libbroker/sim/trace.h"

namespace kt::sim {

/// A thread of a simulated machine: one event at a time. It may be paused, and it dies with its process.
struct Thread {
  uint32_t machine = 0, index = 0;
  int64_t event_cost_ns_mean = 0;  // how long it is busy with each event
  bool is_alive = true, is_paused = false;
  int64_t busy_until_ns = 0;
};

/// Virtual time: events in order of (time, when they were due, when they were asked for). An event belongs to
/// a thread, or to nobody: the network and the scenario are never busy, paused or dead.
class Scheduler {
 public:
  Scheduler(Trace& trace, Rng& rng) : trace_(trace), rng_(rng) {}
  Scheduler(const Scheduler&) = delete;

  int64_t now_ns() const { return now_ns_; }
  /// Runs `task` at `time_ns`, or now if that has passed. For a dead thread: never, and `task` is destroyed
  /// here. `what` is a literal.
  void at(int64_t time_ns, std::string_view what, const std::shared_ptr<Thread>& thread, Task task);
  void after(int64_t delay_ns, std::string_view what, Task task) {
    at(now_ns_ + delay_ns, what, nullptr, std::move(task));
  }
  /// Runs the next event, or finds its thread dead, paused or busy; false when there is none.
  bool step();
  /// When the next event is due; only when there is one.
  int64_t next_ns() const { return queue_.front().time_ns; }
  bool is_idle() const { return queue_.empty(); }
  /// Nothing is due until then: time passes.
  void advance_to(int64_t time_ns) { now_ns_ = std::max(now_ns_, time_ns); }
  uint64_t events() const { return ran_; }
  /// Whose event is going on; null when nobody's is.
  const Thread* running() const { return running_; }
  /// The machine whose event the last step() was; none: nobody's.
  std::optional<uint32_t> last_machine() const { return last_machine_; }

  /// A paused thread's events wait; this lets them go on.
  void resume(Thread& thread);
  /// Destroys what waits for dead threads.
  void sweep_dead();
  /// Destroys everything that waits.
  void clear();

 private:
  struct Event {
    std::string_view what;
    std::shared_ptr<Thread> thread;
    Task task;
  };
  /// Of an event in the queue: small, as it moves about.
  struct Place {
    int64_t time_ns, due_ns;
    uint64_t number;
    uint32_t slot;  // in events_
  };
  static bool is_later(const Place& a, const Place& b);
  void push(const Place& place);
  Event take(uint32_t slot);

  Trace& trace_;
  Rng& rng_;
  int64_t now_ns_ = 0;
  const Thread* running_ = nullptr;
  std::optional<uint32_t> last_machine_;
  uint64_t asked_ = 0, ran_ = 0;
  std::vector<Place> queue_;  // a heap, the next event in front
  std::vector<Place> held_;   // of paused threads
  std::vector<Event> events_;
  std::vector<uint32_t> free_;  // slots of events_
};

}  // namespace kt::sim
