#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "libbroker/base/loop.h"
#include "libbroker/fault/orders.h"

namespace kt::fault {

/// Where a node's orders hang, for all its connections and files to see. Any thread.
class Board {
 public:
  explicit Board(Orders first) : orders_(std::make_shared<const Orders>(std::move(first))) {}

  int32_t self() const { return orders()->node; }
  std::shared_ptr<const Orders> orders() const {
    const std::lock_guard lock(mutex_);
    return orders_;
  }
  /// Replaces them; everyone who watches is told, on their loop.
  void set(Orders orders);
  /// Takes `amount` of what the fault has a count of; false when there was not so much left, or it is healed.
  bool spend(const Fault& fault, int64_t amount);

  /// Told of a change on its loop, for as long as it lives.
  struct Watcher {
    std::function<void()> changed;
  };
  void watch(Loop& loop, std::weak_ptr<Watcher> watcher);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Orders> orders_;
  std::map<int32_t, int64_t> spent_;  // by fault
  std::vector<std::pair<Loop*, std::weak_ptr<Watcher>>> watchers_;
};

}  // namespace kt::fault
