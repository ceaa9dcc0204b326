#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "libbroker/base/loop.h"

namespace kt::net {

/// A fixed number of threads and one queue. run() may be called from any thread. Destroying the pool finishes
/// what is queued first: work that was accepted is done.
class ThreadPool final : public Executor {
 public:
  explicit ThreadPool(size_t threads);
  ~ThreadPool() override;
  void run(Task work) override;
  /// Finishes what is queued and ends the threads, as destroying it would; nothing may be given to it any
  /// more.
  void finish();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Task> queue_;  // guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace kt::net
