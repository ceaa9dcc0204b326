#include "libbroker/sim/history/history.h"

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"

namespace kt::sim {

void History::add(Op op) {
  if (op.type == OpType::invoke) {
    if (auto forgotten = invoked_.extract(op.process)) pack_as_info(forgotten.mapped());
    invoked_.emplace(op.process, std::move(op));
    return;
  }
  const auto invoked = invoked_.extract(op.process);
  if (!invoked) return pack(op, op.time_ns);
  if (op.mops.empty()) op.mops = std::move(invoked.mapped().mops);  // how it ended, of what was asked
  if (op.keys.empty()) op.keys = std::move(invoked.mapped().keys);
  pack(op, invoked.mapped().time_ns);
}

void History::finish() {
  for (auto& [process, op] : std::exchange(invoked_, {})) pack_as_info(op);
}

void History::pack_as_info(Op& op) {
  op.type = OpType::info;
  pack(op, op.time_ns);
}

void History::pack(const Op& op, int64_t invoked_ns) {
  Row row{.index = op.index, .invoked_ns = invoked_ns, .completed_ns = op.time_ns, .process = op.process};
  row.type = op.type;
  row.kind = op.kind;
  row.error = op.error;
  row.first_mop = static_cast<uint32_t>(mops_.size());
  row.mops = static_cast<uint32_t>(op.mops.size());
  for (const Mop& mop : op.mops) pack_mop(mop);
  row.first_key = static_cast<uint32_t>(keys_.size());
  row.keys = static_cast<uint32_t>(op.keys.size());
  row.rebalanced = static_cast<uint32_t>(op.rebalanced.size());
  keys_.insert(keys_.end(), op.keys.begin(), op.keys.end());
  keys_.insert(keys_.end(), op.rebalanced.begin(), op.rebalanced.end());
  rows_.push_back(row);
}

void History::note_key(Key key) {
  KT_ASSERT(key < keys_max);
  key_count_ = std::max(key_count_, key + 1);
}

void History::pack_mop(const Mop& mop) {
  const bool is_of_group = mop.kind == MopKind::commit || mop.kind == MopKind::committed;
  mops_.push_back({.kind = mop.kind,
                   .key = mop.key,
                   .record = {mop.offset, mop.value},
                   .record_key_or_group = is_of_group ? mop.group : mop.record_key,
                   .first_part = static_cast<uint32_t>(parts_.size()),
                   .parts = static_cast<uint32_t>(mop.polled.size())});
  note_key(mop.key);
  for (const Polled& polled : mop.polled) {
    note_key(polled.key);
    parts_.push_back(
        {polled.key, static_cast<uint32_t>(reads_.size()), static_cast<uint32_t>(polled.reads.size())});
    reads_.insert(reads_.end(), polled.reads.begin(), polled.reads.end());
  }
}

}  // namespace kt::sim
