#include "libbroker/sim/scheduler.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/sim/chance.h"

namespace kt::sim {

bool Scheduler::is_later(const Event& a, const Event& b) {
  return std::tie(a.time_ns, a.due_ns, a.number) > std::tie(b.time_ns, b.due_ns, b.number);
}

void Scheduler::push(Event event) {
  queue_.push_back(std::move(event));
  std::ranges::push_heap(queue_, is_later);
}

void Scheduler::at(int64_t time_ns, std::string_view what, const std::shared_ptr<Thread>& thread, Task task) {
  if (thread && !thread->is_alive) return;
  const int64_t due_ns = std::max(time_ns, now_ns_);
  push({due_ns, due_ns, asked_++, what, thread, std::move(task)});
}

bool Scheduler::step() {
  if (queue_.empty()) return false;
  std::ranges::pop_heap(queue_, is_later);
  Event event = std::move(queue_.back());
  queue_.pop_back();
  KT_ASSERT(event.time_ns >= now_ns_);
  now_ns_ = event.time_ns;
  last_machine_.reset();
  Thread* thread = event.thread.get();
  if (thread && !thread->is_alive) return true;
  if (thread && thread->is_paused) {
    held_.push_back(std::move(event));
    return true;
  }
  if (thread && thread->busy_until_ns > now_ns_) {
    event.time_ns = thread->busy_until_ns;
    push(std::move(event));
    return true;
  }
  if (thread) thread->busy_until_ns = now_ns_ + exponential(rng_, thread->event_cost_ns_mean);
  ++events_;
  trace_.note(now_ns_, event.what, thread ? thread->machine + 1 : 0, thread ? thread->index : 0);
  running_ = thread;
  event.task();
  event.task = nullptr;  // what it holds dies as part of the event
  running_ = nullptr;
  if (thread) last_machine_ = thread->machine;
  return true;
}

void Scheduler::resume(Thread& thread) {
  thread.is_paused = false;
  std::vector<Event> still_held;
  for (Event& event : std::exchange(held_, {})) {
    if (event.thread.get() != &thread) {
      still_held.push_back(std::move(event));
      continue;
    }
    event.time_ns = now_ns_;
    push(std::move(event));
  }
  held_ = std::move(still_held);
}

void Scheduler::sweep_dead() {
  // Out of the queues first: destroying a task may schedule and cancel.
  std::vector<Event> dead;
  const auto sweep = [&](std::vector<Event>& events) {
    const auto rest = std::ranges::stable_partition(
        events, [](const Event& event) { return !event.thread || event.thread->is_alive; });
    std::ranges::move(rest, std::back_inserter(dead));
    events.erase(rest.begin(), rest.end());
  };
  sweep(queue_);
  sweep(held_);
  std::ranges::make_heap(queue_, is_later);
  // In an order that does not depend on how the heap lay.
  std::ranges::sort(dead, {}, &Event::number);
  for (Event& event : dead) event.task = nullptr;
}

void Scheduler::clear() {
  while (!queue_.empty() || !held_.empty()) {
    const auto events = std::exchange(queue_, {}), held = std::exchange(held_, {});
  }
}

}  // namespace kt::sim
