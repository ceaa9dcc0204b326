#include <algorithm>

#include "libbroker/node/partition_shard.h"

namespace kt::node {

Result<void> PartitionShard::check_follower(int32_t leader_epoch) const {
  if (retired_ != ErrorCode::none) return fail(retired_);
  if (follows_in_ != leader_epoch || log_->is_closed()) return fail(ErrorCode::fenced_leader_epoch);
  return {};
}

Result<PartitionShard::FetchPosition> PartitionShard::fetch_position(int32_t leader_epoch) {
  const std::lock_guard lock(mutex_);
  if (auto follows = check_follower(leader_epoch); !follows) return fail(follows.error());
  const bool is_behind = leaders_high_watermark_ < 0 || log_->end_offset() < leaders_high_watermark_;
  return FetchPosition{
      .offset = log_->end_offset(),
      .last_epoch = log_->epochs().latest_epoch().value_or(-1),
      .log_start = log_->log_start_offset(),
      .is_flushed = log_->stable_end() == log_->end_offset() ||
                    services_.mutants.has(Mutant::partition_vouches_for_unflushed),
      .is_throttled = follows_throttled_ && is_behind &&
                      services_.throttles.follower.is_exceeded(services_.clock.monotonic_ms())};
}

Result<partition::LogCut> PartitionShard::append_from_leader(int32_t leader_epoch, const FromLeader& from) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    if (auto follows = check_follower(leader_epoch); !follows) return fail(follows.error());
    if (from.offset != log_->end_offset()) return partition::LogCut{};  // of a fetch that was given up
    if (from.diverging)
      return partition::on_diverging(*from.diverging, log_->epochs(), log_->end_offset(), services_.mutants);
    if (const auto first = record::BatchView::parse(from.batches.bytes);
        first && first->base_offset() < from.offset && first->verify_crc()) {
      const partition::LogCut needed = partition::on_earlier_batch(
          first->base_offset(), first->last_offset(), log_->log_start_offset(), log_->end_offset());
      if (needed.kind != partition::LogCut::Kind::none) return needed;
    }
    const auto appended =
        log_->append(from.batches, {.origin = record::Origin::replica, .now_ms = services_.clock.wall_ms()});
    if (!appended) {
      failed(appended.error());
      return fail(appended.error());
    }
    if (appended->last_offset >= appended->first_offset) count_appended(*appended, from.batches.size());
    if (follows_throttled_)
      services_.throttles.follower.record(static_cast<int64_t>(from.batches.size()),
                                          services_.clock.monotonic_ms());
    leaders_high_watermark_ = from.high_watermark;
    high_watermark_ = std::max(high_watermark_, std::min(from.high_watermark, log_->end_offset()));
    if (const int64_t start = std::min(from.log_start, high_watermark_); start > log_->log_start_offset()) {
      if (auto moved_on = log_->increment_log_start(start, high_watermark_); !moved_on)
        return fail(moved_on.error());
    }
    wakes = moved();
  }
  wake(wakes);
  return partition::LogCut{};
}

Result<void> PartitionShard::cut(int32_t leader_epoch, const partition::LogCut& cut) {
  using Kind = partition::LogCut::Kind;
  bool is_checkpoint_behind = false;
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    if (auto follows = check_follower(leader_epoch); !follows) return fail(follows.error());
    if (cut.kind == Kind::none) return {};
    const int64_t recovery_point = log_->recovery_point();
    const int64_t log_start = log_->log_start_offset();
    auto done = cut.kind == Kind::truncate ? log_->truncate_to(cut.offset)
                                           : log_->truncate_fully_and_start_at(cut.offset);
    high_watermark_ = std::clamp(high_watermark_, log_->log_start_offset(),
                                 std::max(log_->log_start_offset(), log_->end_offset()));
    if (!done) {
      failed(done.error());
      return done;
    }
    wakes = moved();  // what begins anew is to be flushed
    is_checkpoint_behind = log_->recovery_point() < recovery_point || log_->log_start_offset() != log_start;
  }
  wake(wakes);
  if (is_checkpoint_behind) services_.checkpoint();
  return {};
}

void PartitionShard::expire_isr() {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    if (!leader_ || !is_open()) return;
    leader_->expire(services_.clock.monotonic_ms());
    wakes = moved();
  }
  wake(wakes);
}

void PartitionShard::broker_left(int32_t id) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    if (!leader_ || !is_open()) return;
    leader_->left(id);
    wakes = moved();
    collect(low_watermark_waits_, wakes);
  }
  wake(wakes);
}

void PartitionShard::isr_changed(const partition::IsrChange& change,
                                 const Result<partition::Leader::Answer>& answer) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    if (!leader_ || leader_->leader_epoch() != change.leader_epoch || retired_ != ErrorCode::none) return;
    leader_->answered(change, answer);
    wakes = moved();
  }
  wake(wakes);
}

}  // namespace kt::node
