#include <algorithm>
#include <set>

#include "libbroker/sim/history/checks.h"

namespace kt::sim {
namespace {

void find_inconsistent_offsets(Key key, const VersionOrder& order, Report& report) {
  const auto log = order.log();
  for (size_t i = 0; i < log.size();) {
    const auto same = std::ranges::find_if(log.begin() + i, log.end(),
                                           [&](const Read& read) { return read.offset != log[i].offset; });
    const auto next = static_cast<size_t>(same - log.begin());
    if (next - i > 1) {
      Case found{.anomaly = Anomaly::inconsistent_offsets, .key = key, .offsets = {log[i].offset}};
      for (size_t j = i; j < next; ++j) found.values.push_back(log[j].value);
      report.add(std::move(found));
    }
    i = next;
  }
}

void find_duplicates(Key key, const VersionOrder& order, Report& report) {
  std::set<Value> duplicated;
  order.for_each_value([&](Value value, const VersionOrder::Position& position) {
    if (position.first != position.last) duplicated.insert(value);
  });
  if (duplicated.empty()) return;
  std::map<Value, std::vector<int64_t>> offsets;
  for (const Read& read : order.log()) {
    if (duplicated.contains(read.value)) offsets[read.value].push_back(read.offset);
  }
  for (auto& [value, at] : offsets) {
    report.add({.anomaly = Anomaly::duplicate, .key = key, .values = {value}, .offsets = std::move(at)});
  }
}

/// Who has read up to some value has had the chance to read all before it. A value counts by its last
/// position, and the bound by first ones, so that a duplicate or a conflict at one offset cannot make a write
/// look lost.
void find_lost_writes(Key key, const Knowledge& known, Report& report) {
  const VersionOrder& order = known.orders[key];
  int64_t bound = -1;
  Value bounding = 0;
  for (const auto& write : known.writes[key].by_value) {
    const auto first = order.position_of(write.value).first;
    if (!write.is_read || first == VersionOrder::nowhere || first <= bound) continue;
    bound = first;
    bounding = write.value;
  }
  const auto rows = known.history.rows();
  for (const auto& write : known.writes[key].by_value) {
    const auto position = order.position_of(write.value);
    if (write.is_read || !known.has_committed[write.row]) continue;
    if (position.last == VersionOrder::nowhere || position.last > bound) continue;
    report.add({.anomaly = Anomaly::lost_write,
                .key = key,
                .values = {write.value, bounding},
                .offsets = {order.at(position.last).offset},
                .ops = {rows[write.row].index}});
  }
}

void find_unseen(Key key, const Knowledge& known, Report& report) {
  const auto rows = known.history.rows();
  for (const auto& write : known.writes[key].by_value) {
    if (write.is_read || rows[write.row].type != OpType::ok) continue;
    report.add(
        {.anomaly = Anomaly::unseen, .key = key, .values = {write.value}, .ops = {rows[write.row].index}});
  }
}

}  // namespace

void check_logs(const Knowledge& known, const Promises& promises, Report& report) {
  for (Key key = 0; key < known.orders.size(); ++key) {
    find_inconsistent_offsets(key, known.orders[key], report);
    find_duplicates(key, known.orders[key], report);
    if (promises.is_compacted) continue;
    find_lost_writes(key, known, report);
    if (promises.is_polled_to_end) find_unseen(key, known, report);
  }
}

}  // namespace kt::sim
