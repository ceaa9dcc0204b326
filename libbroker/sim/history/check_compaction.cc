#include <algorithm>
#include <map>
#include <set>

#include "libbroker/sim/history/checks.h"

namespace kt::sim {

void check_compaction(const Knowledge& known, Report& report) {
  std::map<Key, std::set<Read>> left;  // what the scans found
  for (const auto& row : known.history.rows()) {
    for (const auto& mop : known.history.mops(row)) {
      if (mop.kind != MopKind::scan || row.type != OpType::ok) continue;
      for (const auto& part : known.history.parts(mop)) {
        const auto reads = known.history.reads(part);
        left[part.key].insert(reads.begin(), reads.end());
      }
    }
  }
  for (const auto& [key, scanned] : left) {
    const VersionOrder& order = known.orders[key];
    const auto add = [&, key = key](Value value, int64_t offset) {
      report.add({.anomaly = Anomaly::compaction_loss, .key = key, .values = {value}, .offsets = {offset}});
    };
    // By record key: the value that must have stayed. One that only the scan has seen may be it, too. One
    // that nobody acknowledged, and that was seen beyond the scan's end, may have arrived after it.
    const int64_t scan_end = scanned.empty() ? 0 : scanned.rbegin()->offset + 1;
    std::map<uint32_t, Read> last;
    const auto consider = [&](uint32_t record_key, Read record) {
      Read& latest = last.try_emplace(record_key).first->second;
      latest = std::max(latest, record);
    };
    for (const auto& write : known.writes[key].by_value) {
      const auto position = order.position_of(write.value);
      if (position.last == VersionOrder::nowhere || !known.has_committed[write.row]) continue;
      const Read record{order.at(position.last).offset, write.value};
      const bool may_be_late =
          known.history.rows()[write.row].type != OpType::ok && record.offset >= scan_end;
      if (!may_be_late) consider(write.record_key, record);
    }
    for (const Read& record : scanned) {
      const auto* write = known.writes[key].find(record.value);
      if (write) consider(write->record_key, record);
    }
    for (const auto& [record_key, record] : last) {
      if (!scanned.contains(record)) add(record.value, record.offset);
    }
    for (const Read& record : scanned) {
      const auto seen = std::ranges::lower_bound(order.log(), record.offset, {}, &Read::offset);
      const bool is_other =
          seen != order.log().end() && seen->offset == record.offset && seen->value != record.value;
      if (is_other) add(record.value, record.offset);
    }
  }
}

}  // namespace kt::sim
