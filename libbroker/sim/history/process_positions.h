#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "libbroker/sim/history/op.h"

namespace kt::sim {

/// Where each process got to in each key: the last value it read (or sent), and the operation that did.
class ProcessPositions {
 public:
  struct Last {
    Value value = 0;
    uint64_t op = 0;
  };
  const Last* find(int32_t process, Key key) const {
    const auto found = by_process_.find(process);
    if (found == by_process_.end()) return nullptr;
    for (const auto& [k, last] : found->second) {
      if (k == key) return &last;
    }
    return nullptr;
  }
  void set(int32_t process, Key key, Last last) {
    auto& keys = by_process_[process];
    const auto found = std::ranges::find(keys, key, &std::pair<Key, Last>::first);
    if (found == keys.end()) {
      keys.emplace_back(key, last);
    } else {
      found->second = last;
    }
  }
  /// The process was given these keys: it starts anew in all others.
  void keep_only(int32_t process, std::span<const Key> keys) {
    std::erase_if(by_process_[process],
                  [&](const auto& entry) { return std::ranges::find(keys, entry.first) == keys.end(); });
  }

 private:
  std::map<int32_t, std::vector<std::pair<Key, Last>>> by_process_;  // few keys each
};

}  // namespace kt::sim
