#include "libbroker/net/thread_pool.h"

#include <utility>

#include "libbroker/base/assert.h"

namespace kt::net {

ThreadPool::ThreadPool(size_t threads) {
  KT_ASSERT(threads > 0);
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() { finish(); }

void ThreadPool::finish() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ThreadPool::run(Task work) {
  {
    const std::lock_guard lock(mutex_);
    KT_ASSERT(!threads_.empty());
    queue_.push_back(std::move(work));
  }
  ready_.notify_one();
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Task task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it owns dies outside the lock
    lock.lock();
  }
}

}  // namespace kt::net
