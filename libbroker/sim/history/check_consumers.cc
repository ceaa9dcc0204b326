#include <algorithm>
#include <set>
#include <tuple>

#include "libbroker/sim/history/checks.h"
#include "libbroker/sim/history/process_positions.h"

namespace kt::sim {
namespace {

/// Compares where a row's polls begin in each key with where the process's last ok ones ended.
void check_beginnings(const Knowledge& known, const History::Row& row, const Promises& promises,
                      ProcessPositions& positions, Report& report) {
  std::vector<Key> begun;
  std::vector<std::pair<Key, Value>> ends;
  known.history.for_each_poll(row, [&](Key key, std::span<const Read> reads) {
    if (reads.empty()) return;
    ends.emplace_back(key, reads.back().value);
    if (std::ranges::find(begun, key) != begun.end()) return;
    begun.push_back(key);
    const auto* last = positions.find(row.process, key);
    if (!last) return;
    const VersionOrder& order = known.orders[key];
    const int64_t from = order.place_of(last->value), to = order.place_of(reads.front().value);
    if (from == VersionOrder::nowhere || to == VersionOrder::nowhere) return;
    const int64_t delta = to - from;
    const bool is_skip = delta > 1 && !promises.is_compacted;
    if (!is_skip && delta >= 1) return;
    report.add({.anomaly = is_skip ? Anomaly::poll_skip : Anomaly::nonmonotonic_poll,
                .key = key,
                .values = {last->value, reads.front().value},
                .delta = delta,
                .ops = {last->op, row.index}});
  });
  if (row.type != OpType::ok) return;  // its consumer goes back to where it was
  for (const auto& [key, value] : ends) positions.set(row.process, key, {value, row.index});
}

using Consumption = std::tuple<int32_t, Key, Value>;  // by a process

void find_repeated_consumption(std::vector<Consumption>& all, Report& report) {
  std::ranges::sort(all);
  for (size_t i = 1; i < all.size(); ++i) {
    const bool is_second = all[i] == all[i - 1] && (i == 1 || all[i - 2] != all[i]);
    const auto& [process, key, value] = all[i];
    if (is_second) report.add({.anomaly = Anomaly::repeated_consumption, .key = key, .values = {value}});
  }
}

}  // namespace

void check_consumers(const Knowledge& known, const Promises& promises, Report& report) {
  ProcessPositions positions;
  std::set<int32_t> subscribed;
  std::vector<Consumption> consumed;
  for (const auto& row : known.history.rows()) {
    const bool is_assignment = row.kind == OpKind::assign || row.kind == OpKind::subscribe;
    if (is_assignment && row.type != OpType::fail) positions.keep_only(row.process, known.history.keys(row));
    if (row.kind == OpKind::subscribe && row.type == OpType::ok) subscribed.insert(row.process);
    check_beginnings(known, row, promises, positions, report);
    if (row.kind != OpKind::txn || row.type != OpType::ok || !subscribed.contains(row.process)) continue;
    known.history.for_each_poll(row, [&](Key key, std::span<const Read> reads) {
      for (const Read& read : reads) consumed.emplace_back(row.process, key, read.value);
    });
  }
  find_repeated_consumption(consumed, report);
}

}  // namespace kt::sim
