#pragma once
#include <signal.h>

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

#include "libcli/commands/framework/exit_code.h"

namespace kt::cli {

/// While it lives, SIGINT and SIGTERM wait to be read instead of ending the process, as a JVM's
/// shutdown hooks have it; those that the process was started to ignore stay ignored. Made before any thread
/// that is to be spared.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;

  /// How a process ends that was told to stop; none while it was not. From any thread, while a StopWatch
  /// lives.
  std::optional<Exit> received() const;

 private:
  friend class StopWatch;

  sigset_t heeded_, before_;
  std::atomic<int> received_ = 0;
};

/// Tells of the first signal, from a thread of its own. A second one ends the process at once.
class StopWatch {
 public:
  StopWatch(StopSignals& signals, std::function<void(Exit)> on_stop);
  ~StopWatch();

 private:
  void watch();

  StopSignals& signals_;
  const std::function<void(Exit)> on_stop_;
  const int ended_;  // an eventfd
  std::thread thread_;
};

}  // namespace kt::cli
