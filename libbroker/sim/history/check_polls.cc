#include <algorithm>
#include <optional>
#include <utility>

#include "libbroker/sim/history/checks.h"

namespace kt::sim {
namespace {

/// What an ok poll must not return.
void check_values(const Knowledge& known, uint32_t row, Report& report) {
  const auto rows = known.history.rows();
  if (rows[row].type != OpType::ok) return;
  known.history.for_each_poll(rows[row], [&](Key key, std::span<const Read> reads) {
    for (const Read& read : reads) {
      const auto* write = known.writes[key].find(read.value);
      const auto add = [&](Anomaly anomaly, std::vector<uint64_t> ops) {
        report.add({.anomaly = anomaly,
                    .key = key,
                    .values = {read.value},
                    .offsets = {read.offset},
                    .ops = std::move(ops)});
      };
      if (!write) {
        add(Anomaly::phantom, {rows[row].index});
      } else if (rows[write->row].type == OpType::fail) {
        add(Anomaly::aborted_read, {rows[write->row].index, rows[row].index});
      } else if (write->row == row) {
        add(Anomaly::precommitted_read, {rows[row].index});
      }
    }
  });
}

/// The last value of each key that the row's polls have returned so far. Few keys, so a plain list.
struct LastReads {
  std::vector<std::pair<Key, Value>> values;
  std::optional<Value> exchange(Key key, Value value) {
    for (auto& [k, last] : values) {
      if (k == key) return std::exchange(last, value);
    }
    values.emplace_back(key, value);
    return std::nullopt;
  }
};

void check_order(const Knowledge& known, const History::Row& row, const Promises& promises, Report& report) {
  LastReads last;
  const auto rebalanced = known.history.rebalanced(row);
  known.history.for_each_poll(row, [&](Key key, std::span<const Read> reads) {
    if (std::ranges::find(rebalanced, key) != rebalanced.end()) return;
    for (const Read& read : reads) {
      const auto before = last.exchange(key, read.value);
      if (!before) continue;
      const int64_t from = known.orders[key].place_of(*before), to = known.orders[key].place_of(read.value);
      if (from == VersionOrder::nowhere || to == VersionOrder::nowhere) continue;
      const int64_t delta = to - from;
      const bool is_skip = delta > 1 && !promises.is_compacted;
      if (!is_skip && delta >= 1) continue;
      report.add({.anomaly = is_skip ? Anomaly::int_poll_skip : Anomaly::int_nonmonotonic_poll,
                  .key = key,
                  .values = {*before, read.value},
                  .delta = delta,
                  .ops = {row.index}});
    }
  });
}

}  // namespace

void check_polls(const Knowledge& known, const Promises& promises, Report& report) {
  const auto rows = known.history.rows();
  for (uint32_t row = 0; row < rows.size(); ++row) {
    check_values(known, row, report);
    check_order(known, rows[row], promises, report);
  }
}

}  // namespace kt::sim
