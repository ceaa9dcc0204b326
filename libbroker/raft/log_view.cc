#include "libbroker/raft/log_view.h"

#include <algorithm>

#include "libbroker/base/assert.h"

namespace kt::raft {

LogView::LogView(Restored restored)
    : epochs_(std::move(restored.epochs)),
      start_(restored.start),
      end_offset_(restored.end_offset),
      durable_end_(restored.end_offset),
      snapshot_(restored.snapshot) {
  KT_ASSERT(start_.offset <= end_offset_);
  KT_ASSERT(start_.offset == 0 || snapshot_);
  KT_ASSERT(!snapshot_ || snapshot_->offset <= end_offset_);
}

LogEnd LogView::end() const { return {epochs_.latest_epoch().value_or(start_.epoch), end_offset_}; }

LogEnd LogView::end_of(int32_t epoch) const {
  const auto earliest = epochs_.earliest();
  if (!earliest || epoch < earliest->epoch) return start_;
  return epochs_.end_offset_for(epoch, end_offset_).value_or(end());
}

LogView::Match LogView::match(LogEnd follower) const {
  using enum Match::Kind;
  if (follower.offset == 0) {
    // An empty follower is better served by a snapshot than by the records that led to it.
    if (snapshot_) return {snapshot, *snapshot_};
    return {valid, {}};
  }
  const bool before_start = follower.offset < start_.offset || follower.epoch < start_.epoch ||
                            (follower.offset == start_.offset && follower.epoch != start_.epoch);
  if (start_.offset > 0 && before_start) return {snapshot, *snapshot_};
  const LogEnd mine = end_of(follower.epoch);
  if (mine.epoch == follower.epoch && follower.offset <= mine.offset) return {valid, follower};
  return {diverging, mine};
}

int64_t LogView::agreed_end(LogEnd diverging) const {
  const LogEnd mine = end_of(diverging.epoch);
  return mine.epoch == diverging.epoch ? std::min(mine.offset, diverging.offset) : mine.offset;
}

void LogView::append(int32_t epoch, int64_t count) {
  KT_ASSERT(count > 0);
  KT_ASSERT(epoch >= end().epoch);
  epochs_.assign(epoch, end_offset_);
  end_offset_ += count;
}

void LogView::truncate(int64_t end_offset) {
  KT_ASSERT(start_.offset <= end_offset);
  KT_ASSERT(end_offset < end_offset_);
  epochs_.truncate_from_end(end_offset);
  end_offset_ = end_offset;
  durable_end_ = std::min(durable_end_, end_offset);
  ++generation_;
}

void LogView::restart_at(LogEnd snapshot) {
  epochs_.clear();
  start_ = snapshot;
  snapshot_ = snapshot;
  end_offset_ = durable_end_ = snapshot.offset;
  ++generation_;
}

void LogView::snapshot_taken(LogEnd id) {
  KT_ASSERT(id.offset <= end_offset_);
  if (!snapshot_ || *snapshot_ < id) snapshot_ = id;
}

void LogView::trimmed(LogEnd id) {
  KT_ASSERT(snapshot_);
  KT_ASSERT(id <= *snapshot_);
  if (id.offset <= start_.offset) return;
  epochs_.truncate_from_start(id.offset);
  start_ = id;
}

void LogView::flushed(const Flushed& report) {
  if (report.generation == generation_) durable_end_ = std::max(durable_end_, report.end_offset);
  KT_ASSERT(durable_end_ <= end_offset_);
}

}  // namespace kt::raft
