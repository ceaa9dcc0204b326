#include <algorithm>

#include "libbroker/sim/history/checks.h"
#include "libbroker/sim/history/process_positions.h"

namespace kt::sim {

void check_producers(const Knowledge& known, Report& report) {
  ProcessPositions positions;
  for (const auto& row : known.history.rows()) {
    const bool is_assignment = row.kind == OpKind::assign || row.kind == OpKind::subscribe;
    if (is_assignment && row.type != OpType::fail) positions.keep_only(row.process, known.history.keys(row));
    std::vector<std::pair<Key, Value>> sent;  // by this row so far, the last of each key at the end
    const auto before_in_row = [&](Key key) -> const Value* {
      const auto found = std::ranges::find(sent.rbegin(), sent.rend(), key, &std::pair<Key, Value>::first);
      return found == sent.rend() ? nullptr : &found->second;
    };
    known.history.for_each_send(row, [&](const auto& mop) {
      const Value* in_row = before_in_row(mop.key);
      const auto* in_process =
          in_row || row.type == OpType::fail ? nullptr : positions.find(row.process, mop.key);
      if (in_row || in_process) {
        const Value before = in_row ? *in_row : in_process->value;
        const int64_t from = known.orders[mop.key].place_of(before);
        const int64_t to = known.orders[mop.key].place_of(mop.record.value);
        const bool is_known = from != VersionOrder::nowhere && to != VersionOrder::nowhere;
        const bool is_back = is_known && to < from + 1, is_skip = is_known && in_row && to > from + 1;
        Case found{
            .key = mop.key, .values = {before, mop.record.value}, .delta = to - from, .ops = {row.index}};
        if (!in_row) found.ops.insert(found.ops.begin(), in_process->op);
        found.anomaly = is_skip  ? Anomaly::int_send_skip
                        : in_row ? Anomaly::int_nonmonotonic_send
                                 : Anomaly::nonmonotonic_send;
        if (is_back || is_skip) report.add(std::move(found));
      }
      sent.emplace_back(mop.key, mop.record.value);
    });
    if (row.type == OpType::fail) continue;
    for (const auto& [key, value] : sent) positions.set(row.process, key, {value, row.index});
  }
}

}  // namespace kt::sim
