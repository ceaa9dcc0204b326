#include "libbroker/net/timer_queue.h"

#include <utility>

namespace kt::net {

Timers::Id TimerQueue::add(int64_t deadline, Task task) {
  uint32_t slot = static_cast<uint32_t>(slab_.size());
  if (free_.empty()) {
    slab_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Entry& entry = slab_[slot];
  entry.deadline = deadline;
  entry.order = added_++;
  entry.task = std::move(task);
  heap_.push_back(slot);
  sift_up(heap_.size() - 1, slot);
  return Timers::Id{entry.generation} << 32 | slot;
}

void TimerQueue::cancel(Timers::Id id) {
  const auto slot = static_cast<uint32_t>(id);
  if (slot < slab_.size() && slab_[slot].generation == id >> 32) remove(slot);
}

Task TimerQueue::take_due(int64_t now) {
  if (heap_.empty() || slab_[heap_.front()].deadline > now) return nullptr;
  return remove(heap_.front());
}

std::optional<int64_t> TimerQueue::next_deadline() const {
  if (heap_.empty()) return std::nullopt;
  return slab_[heap_.front()].deadline;
}

bool TimerQueue::before(uint32_t a, uint32_t b) const {
  const Entry &x = slab_[a], &y = slab_[b];
  return x.deadline != y.deadline ? x.deadline < y.deadline : x.order < y.order;
}

void TimerQueue::place(size_t index, uint32_t slot) {
  heap_[index] = slot;
  slab_[slot].heap_index = static_cast<uint32_t>(index);
}

void TimerQueue::sift_up(size_t index, uint32_t slot) {
  for (; index > 0 && before(slot, heap_[(index - 1) / 2]); index = (index - 1) / 2) {
    place(index, heap_[(index - 1) / 2]);
  }
  place(index, slot);
}

void TimerQueue::sift_down(size_t index, uint32_t slot) {
  for (size_t child = 2 * index + 1; child < heap_.size(); child = 2 * index + 1) {
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], slot)) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, slot);
}

/// Takes the entry out of the heap and frees its slot.
Task TimerQueue::remove(uint32_t slot) {
  Entry& entry = slab_[slot];
  const size_t index = entry.heap_index;
  const uint32_t last = heap_.back();
  heap_.pop_back();
  if (last != slot) {
    if (before(last, slot)) {
      sift_up(index, last);
    } else {
      sift_down(index, last);
    }
  }
  if (++entry.generation == 0) entry.generation = 1;
  free_.push_back(slot);
  return std::exchange(entry.task, nullptr);
}

}  // namespace kt::net
