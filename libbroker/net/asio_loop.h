#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/loop.h"
#include "libbroker/net/timer_queue.h"

namespace boost::asio {
class io_context;
}

namespace kt::net {

/// A loop on one boost::asio::io_context, which is used as a reactor only. run() makes the calling thread the
/// loop's. Timers are exact to the millisecond and never early; an idle loop sleeps until its next deadline.
/// Streams and acceptors of the loop are destroyed before it, or on its thread.
class AsioLoop final : public Loop {
 public:
  explicit AsioLoop(Clock& clock);
  ~AsioLoop() override;

  /// Turns until stop(). May be called again afterwards.
  void run();
  /// From any thread: run() returns once the callbacks under way have. What is queued stays queued.
  void stop();

  void post(Task task) override;
  Id after(int64_t delay_ms, Task task) override;
  void cancel(Id id) override;

  /// Forgets tasks and timers, with all that they own. Not while it runs.
  void forget_tasks();

  boost::asio::io_context& context();

 private:
  struct Reactor;
  void run_posted();
  void run_due();
  void arm();

  Clock& clock_;
  std::unique_ptr<Reactor> reactor_;
  TimerQueue timers_;
  int64_t armed_ms_;  // when the reactor will call run_due()
  std::mutex mutex_;
  std::vector<Task> posted_;  // guarded by mutex_
  std::vector<Task> running_;
};

}  // namespace kt::net
