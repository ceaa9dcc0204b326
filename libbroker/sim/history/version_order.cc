#include "libbroker/sim/history/version_order.h"

#include <algorithm>
#include <utility>

namespace kt::sim {

Writes::Write* Writes::find(Value value) {
  const auto found = std::ranges::lower_bound(by_value, value, {}, &Write::value);
  return found == by_value.end() || found->value != value ? nullptr : &*found;
}

void VersionOrder::see(Read record) {
  if (record.offset == no_offset) return;
  log_.push_back(record);
  if (log_.size() >= 2 * distinct_ + (1 << 16)) drop_repeated();  // everything is polled many times
}

void VersionOrder::drop_repeated() {
  std::ranges::sort(log_);
  const auto rest = std::ranges::unique(log_);
  log_.erase(rest.begin(), rest.end());
  distinct_ = log_.size();
}

void VersionOrder::finish() {
  drop_repeated();
  std::vector<std::pair<Value, uint32_t>> seen;  // with the position
  seen.reserve(log_.size());
  for (uint32_t i = 0; i < log_.size(); ++i) {
    if (i == 0 || log_[i].offset != log_[i - 1].offset) positions_.push_back(i);
    seen.emplace_back(log_[i].value, static_cast<uint32_t>(positions_.size() - 1));
  }
  std::ranges::sort(seen);
  for (const auto& [value, position] : seen) {
    if (values_.empty() || values_.back().first != value) values_.push_back({value, {.first = position}});
    Position& where = values_.back().second;
    where.last = position;
    if (at(position).value == value) where.place = position;
  }
}

VersionOrder::Position VersionOrder::position_of(Value value) const {
  const auto found = std::ranges::lower_bound(values_, value, {}, &std::pair<Value, Position>::first);
  return found == values_.end() || found->first != value ? Position{} : found->second;
}

namespace {

void learn_writes(Knowledge& known) {
  const auto rows = known.history.rows();
  for (uint32_t row = 0; row < rows.size(); ++row) {
    known.history.for_each_send(rows[row], [&](const auto& mop) {
      known.writes[mop.key].by_value.push_back({mop.record.value, row, mop.record_key_or_group});
    });
  }
  for (Writes& writes : known.writes) {
    auto& all = writes.by_value;
    std::ranges::sort(all, {}, [](const auto& write) { return std::pair(write.value, ~write.row); });
    const auto rest = std::ranges::unique(all, {}, &Writes::Write::value);
    all.erase(rest.begin(), rest.end());
  }
}

void learn_commits(Knowledge& known) {
  const auto rows = known.history.rows();
  for (const auto& row : rows) {
    if (row.type != OpType::ok) continue;
    known.history.for_each_poll(row, [&](Key key, std::span<const Read> reads) {
      for (const Read& read : reads) {
        if (auto* write = known.writes[key].find(read.value)) write->is_read = true;
      }
    });
  }
  known.has_committed.resize(rows.size());
  for (uint32_t row = 0; row < rows.size(); ++row) known.has_committed[row] = rows[row].type == OpType::ok;
  for (const Writes& writes : known.writes) {
    for (const auto& write : writes.by_value) {
      if (write.is_read && rows[write.row].type == OpType::info) known.has_committed[write.row] = true;
    }
  }
}

/// Sends count when they took effect; polls always, even of operations that failed: a consumer gets no bad
/// data.
void learn_orders(Knowledge& known) {
  const auto rows = known.history.rows();
  for (uint32_t row = 0; row < rows.size(); ++row) {
    if (known.has_committed[row]) {
      known.history.for_each_send(rows[row], [&](const auto& mop) { known.orders[mop.key].see(mop.record); });
    }
    known.history.for_each_poll(rows[row], [&](Key key, std::span<const Read> reads) {
      for (const Read& read : reads) known.orders[key].see(read);
    });
  }
  for (VersionOrder& order : known.orders) order.finish();
}

}  // namespace

Knowledge learn(const History& history) {
  Knowledge known{
      history, std::vector<Writes>(history.key_count()), {}, std::vector<VersionOrder>(history.key_count())};
  learn_writes(known);
  learn_commits(known);
  learn_orders(known);
  return known;
}

}  // namespace kt::sim
