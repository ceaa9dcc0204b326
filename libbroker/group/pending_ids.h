#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace kt::group {

/// Member ids that were given out and nobody has joined with yet (KIP-394), each until it expires. Anybody
/// may ask for one more, so nothing here walks through all of them.
class PendingIds {
 public:
  void add(const std::string& id, int64_t expires_ms);
  /// Whether it was here.
  bool erase(std::string_view id);
  bool contains(std::string_view id) const { return expiry_of_.contains(id); }
  void expire(int64_t now_ms);
  bool empty() const { return expiry_of_.empty(); }
  /// When the first of them expires; never_ms when none is here.
  int64_t deadline_ms() const;

 private:
  std::map<std::string, int64_t, std::less<>> expiry_of_;
  std::set<std::pair<int64_t, std::string>> by_expiry_;
};

}  // namespace kt::group
