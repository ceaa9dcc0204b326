#include "libbroker/sim/scheduler.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/sim/chance.h"

namespace kt::sim {

bool Scheduler::is_later(const Place& a, const Place& b) {
  return std::tie(a.time_ns, a.due_ns, a.number) > std::tie(b.time_ns, b.due_ns, b.number);
}

void Scheduler::push(const Place& place) {
  queue_.push_back(place);
  std::ranges::push_heap(queue_, is_later);
}

void Scheduler::at(int64_t time_ns, std::string_view what, const std::shared_ptr<Thread>& thread, Task task) {
  if (thread && !thread->is_alive) return;
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(events_.size()));
    events_.emplace_back();
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  events_[slot] = {what, thread, std::move(task)};
  const int64_t due_ns = std::max(time_ns, now_ns_);
  push({due_ns, due_ns, asked_++, slot});
}

Scheduler::Event Scheduler::take(uint32_t slot) {
  free_.push_back(slot);
  return std::exchange(events_[slot], {});
}

bool Scheduler::step() {
  if (queue_.empty()) return false;
  std::ranges::pop_heap(queue_, is_later);
  Place place = queue_.back();
  queue_.pop_back();
  KT_ASSERT(place.time_ns >= now_ns_);
  now_ns_ = place.time_ns;
  last_machine_.reset();
  Thread* thread = events_[place.slot].thread.get();
  if (thread && !thread->is_alive) {
    const Event of_the_dead = take(place.slot);
    return true;
  }
  if (thread && thread->is_paused) {
    held_.push_back(place);
    return true;
  }
  if (thread && thread->busy_until_ns > now_ns_) {
    place.time_ns = thread->busy_until_ns;
    push(place);
    return true;
  }
  if (thread) thread->busy_until_ns = now_ns_ + exponential(rng_, thread->event_cost_ns_mean);
  ++ran_;
  Event event = take(place.slot);
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
  std::vector<Place> still_held;
  for (Place& place : std::exchange(held_, {})) {
    if (events_[place.slot].thread.get() != &thread) {
      still_held.push_back(place);
      continue;
    }
    place.time_ns = now_ns_;
    push(place);
  }
  held_ = std::move(still_held);
}

void Scheduler::sweep_dead() {
  std::vector<Place> dead;
  const auto sweep = [&](std::vector<Place>& places) {
    const auto is_of_the_living = [&](const Place& place) {
      const Thread* thread = events_[place.slot].thread.get();
      return !thread || thread->is_alive;
    };
    const auto rest = std::ranges::stable_partition(places, is_of_the_living);
    dead.insert(dead.end(), rest.begin(), rest.end());
    places.erase(rest.begin(), rest.end());
  };
  sweep(queue_);
  sweep(held_);
  std::ranges::make_heap(queue_, is_later);
  // In an order that does not depend on how the heap lay. Destroying a task may schedule and cancel.
  std::ranges::sort(dead, {}, &Place::number);
  for (const Place& place : dead) take(place.slot);
}

void Scheduler::clear() {
  while (!queue_.empty() || !held_.empty()) {
    queue_.clear();
    held_.clear();
    free_.clear();
    const auto events = std::exchange(events_, {});
  }
}

}  // namespace kt::sim
