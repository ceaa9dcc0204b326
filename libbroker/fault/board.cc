#include "libbroker/fault/board.h"

#include <algorithm>
#include <utility>

namespace kt::fault {

void Board::set(Orders orders) {
  const std::lock_guard lock(mutex_);
  std::erase_if(spent_, [&](const auto& spent) {
    return std::ranges::find(orders.faults, spent.first, &Fault::id) == orders.faults.end();
  });
  orders_ = std::make_shared<const Orders>(std::move(orders));
  std::erase_if(watchers_, [](const auto& watching) { return watching.second.expired(); });
  for (const auto& [loop, watcher] : watchers_) {
    loop->post([watcher] {
      if (const auto alive = watcher.lock()) alive->changed();
    });
  }
}

bool Board::spend(const Fault& fault, int64_t amount) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(orders_->faults, fault.id, &Fault::id) == orders_->faults.end()) return false;
  int64_t& spent = spent_[fault.id];
  if (spent + amount > fault.count) return false;
  spent += amount;
  return true;
}

void Board::watch(Loop& loop, std::weak_ptr<Watcher> watcher) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watchers_, [](const auto& watching) { return watching.second.expired(); });
  watchers_.emplace_back(&loop, std::move(watcher));
}

}  // namespace kt::fault
