#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "libbroker/base/loop.h"

namespace kt::net {

/// Timers by deadline: a binary heap over a slab, O(log n) to add and to cancel, nothing allocated once it is
/// warm. Deadlines may be any int64 the caller counts in. Timers of one deadline run in the order they were
/// added.
class TimerQueue {
 public:
  Timers::Id add(int64_t deadline, Task task);
  /// The task is destroyed; a finished or unknown id is no error.
  void cancel(Timers::Id id);
  /// The task that is due at `now`, earliest first; null when there is none.
  Task take_due(int64_t now);
  std::optional<int64_t> next_deadline() const;
  size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    int64_t deadline = 0;
    uint64_t order = 0;
    uint32_t generation = 1;  // an id of an earlier use of the slot does not match
    uint32_t heap_index = 0;
    Task task;
  };
  bool before(uint32_t a, uint32_t b) const;
  void place(size_t index, uint32_t slot);
  void sift_up(size_t index, uint32_t slot);
  void sift_down(size_t index, uint32_t slot);
  Task remove(uint32_t slot);

  std::vector<Entry> slab_;
  std::vector<uint32_t> free_;
  std::vector<uint32_t> heap_;  // slots, by deadline
  uint64_t added_ = 0;
};

}  // namespace kt::net
