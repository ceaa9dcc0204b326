#include "libbroker/group/open_transactions.h"

#include <utility>

namespace kt::group {

void OpenTransactions::hold(int64_t producer_id, int64_t offset, Record record) {
  held_[record.key][producer_id] = {offset, std::move(record.value)};
  keys_of_[producer_id].push_back(std::move(record.key));
}

void OpenTransactions::overtake(const Record& record) { held_.erase(record.key); }

std::vector<Record> OpenTransactions::end(int64_t producer_id, bool is_commit) {
  std::vector<Record> counting;
  auto ended = keys_of_.extract(producer_id);
  if (ended.empty()) return counting;
  for (Key& key : ended.mapped()) {
    const auto of_key = held_.find(key);
    if (of_key == held_.end()) continue;
    auto& by_producer = of_key->second;
    const auto mine = by_producer.find(producer_id);
    if (mine == by_producer.end()) continue;  // written twice in the transaction, or overtaken
    Held taken = std::move(mine->second);
    by_producer.erase(mine);
    if (is_commit) {
      std::erase_if(by_producer, [&](const auto& other) { return other.second.offset < taken.offset; });
    }
    if (by_producer.empty()) held_.erase(of_key);
    if (is_commit) counting.push_back({std::move(key), std::move(taken.value)});
  }
  return counting;
}

}  // namespace kt::group
