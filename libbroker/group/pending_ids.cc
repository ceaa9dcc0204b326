#include "libbroker/group/pending_ids.h"

#include "libbroker/group/types.h"

namespace kt::group {

void PendingIds::add(const std::string& id, int64_t expires_ms) {
  erase(id);
  expiry_of_.emplace(id, expires_ms);
  by_expiry_.emplace(expires_ms, id);
}

bool PendingIds::erase(std::string_view id) {
  const auto found = expiry_of_.find(id);
  if (found == expiry_of_.end()) return false;
  by_expiry_.erase({found->second, found->first});
  expiry_of_.erase(found);
  return true;
}

void PendingIds::expire(int64_t now_ms) {
  while (deadline_ms() <= now_ms) erase(std::string(by_expiry_.begin()->second));
}

int64_t PendingIds::deadline_ms() const { return by_expiry_.empty() ? never_ms : by_expiry_.begin()->first; }

}  // namespace kt::group
