#include "libbroker/sim/sim_loop.h"

#include <algorithm>
#include <utility>

#include "libbroker/sim/chance.h"

namespace kt::sim {

Timers::Id SimLoop::after(int64_t delay_ms, Task task) {
  if (!thread_->is_alive) return 0;
  const Id id = ++last_id_;
  timers_.emplace(id, std::move(task));
  const int64_t delay_ns = clock_.real_ns(std::max<int64_t>(delay_ms, 0) * 1'000'000);
  scheduler_.at(scheduler_.now_ns() + delay_ns, "timer", thread_, [this, id] { fire(id); });
  return id;
}

void SimLoop::fire(Id id) {
  if (auto timer = timers_.extract(id)) timer.mapped()();
}

void SimLoop::cancel(Id id) { timers_.extract(id); }

void SimLoop::cancel_all() {
  for (auto& [id, task] : std::exchange(timers_, {})) task = nullptr;
}

void SimExecutor::run(Task work) {
  const auto first_free = std::ranges::min_element(free_at_ns_);
  *first_free = std::max(*first_free, scheduler_.now_ns()) + exponential(rng_, latency_ns_mean_);
  const auto& thread = threads_[static_cast<size_t>(first_free - free_at_ns_.begin())];
  scheduler_.at(*first_free, "work", thread, std::move(work));
}

}  // namespace kt::sim
