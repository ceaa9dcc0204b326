#include <algorithm>

#include "libbroker/log/cleaning.h"
#include "libbroker/node/partition_shard.h"

namespace kt::node {

log::LogConfig log_config(const metadata::TopicConfig& topic, int64_t producer_id_expiration_ms) {
  log::LogConfig config;
  config.segment_bytes = static_cast<uint32_t>(topic.segment_bytes);
  // What has to be compacted in time has to be sealed in time [LogConfig.maxSegmentMs].
  config.segment_ms =
      topic.compact ? std::min(topic.segment_ms, topic.compaction_lag_ms_max) : topic.segment_ms;
  config.segment_jitter_ms = topic.segment_jitter_ms;
  config.segment_index_bytes = static_cast<uint32_t>(topic.index_bytes_max);
  config.index_interval_bytes = static_cast<uint32_t>(topic.index_interval_bytes);
  config.cleanup_delete = topic.remove;
  config.cleanup_compact = topic.compact;
  config.retention_ms = topic.retention_ms;
  config.retention_bytes = topic.retention_bytes;
  config.file_delete_delay_ms = topic.file_delete_delay_ms;
  config.delete_retention_ms = topic.delete_retention_ms;
  config.min_cleanable_dirty_ratio = topic.cleanable_dirty_ratio_min;
  config.min_compaction_lag_ms = topic.compaction_lag_ms_min;
  config.max_compaction_lag_ms = topic.compaction_lag_ms_max;
  config.flush_messages = topic.flush_messages;
  config.flush_ms = topic.flush_ms;
  config.log_append_time = topic.timestamp_type == metadata::TimestampType::log_append_time;
  config.producer_id_expiration_ms = producer_id_expiration_ms;
  return config;
}

/// Looks into files without the mutex, so that what follows need not.
void PartitionShard::learn_segments() {
  std::vector<log::SegmentLook> looks;
  {
    const std::lock_guard lock(mutex_);
    looks = log_->unknown_segments();
  }
  for (const log::SegmentLook& look : looks) {
    const auto facts = look.run();
    if (!facts) return;  // gone, or broken: who needs it hears of it from the log
    const std::lock_guard lock(mutex_);
    log_->learn(look, *facts);
  }
}

void PartitionShard::roll(std::move_only_function<void(Result<void>)> rolled) {
  Result<void> outcome = fail(ErrorCode::not_leader_or_follower, "the replica is not here any more");
  {
    const std::lock_guard lock(mutex_);
    if (is_open()) outcome = log_->roll(services_.clock.wall_ms());
    if (!outcome && log_->has_failed()) failed(outcome.error());
    if (outcome && log_->wants_flush()) {
      rolled_.push_back(std::move(rolled));
      return start_group_commit();
    }
  }
  rolled(std::move(outcome));
}

Result<std::vector<std::string>> PartitionShard::delete_old_segments() {
  learn_segments();
  const std::lock_guard lock(mutex_);
  if (retired_ != ErrorCode::none) return std::vector<std::string>{};
  return log_->delete_old_segments(services_.clock.wall_ms(), high_watermark_);
}

bool PartitionShard::is_compacted() {
  const std::lock_guard lock(mutex_);
  return config_.compact && is_open();
}

bool PartitionShard::is_retired() {
  const std::lock_guard lock(mutex_);
  return !is_open();
}

Result<log::CleaningPlan> PartitionShard::plan_cleaning(std::optional<int64_t> clean_offset) {
  learn_segments();
  const std::lock_guard lock(mutex_);
  if (!is_open()) return log::CleaningPlan{};
  return log_->plan_cleaning(clean_offset, high_watermark_, services_.clock.wall_ms());
}

Result<std::unique_ptr<log::Cleaning>> PartitionShard::begin_cleaning(const log::CleaningPlan& plan,
                                                                      log::OffsetMap map) {
  const std::lock_guard lock(mutex_);
  if (!is_open()) return fail(ErrorCode::not_leader_or_follower);
  return log_->begin_cleaning(plan, std::move(map), services_.clock.wall_ms());
}

Result<std::vector<std::string>> PartitionShard::swap_in(log::Cleaning& cleaning) {
  const std::lock_guard lock(mutex_);
  if (!is_open()) return fail(ErrorCode::not_leader_or_follower);
  auto removed = log_->swap_in(cleaning);
  if (!removed && log_->has_failed()) failed(removed.error());
  return removed;
}

bool PartitionShard::is_current(const log::Cleaning& cleaning) {
  const std::lock_guard lock(mutex_);
  return is_open() && log_->is_current(cleaning);
}

void PartitionShard::end_cleaning() {
  const std::lock_guard lock(mutex_);
  log_->end_cleaning();
}

void PartitionShard::remove_expired_producers() {
  const std::lock_guard lock(mutex_);
  log_->remove_expired_producers(services_.clock.wall_ms());
}

void PartitionShard::close(std::move_only_function<void(Result<void>)> closed) {
  retire(ErrorCode::not_leader_or_follower);
  const std::lock_guard lock(mutex_);
  if (is_flushing_) {
    closed_ = std::move(closed);
    return;
  }
  services_.disk_pool.run(
      [self = shared_from_this(), closed = std::move(closed)]() mutable { closed(self->close_log()); });
}

Result<void> PartitionShard::close_log() {
  const std::lock_guard lock(mutex_);
  if (auto job = log_->prepare_close()) {
    auto outcome = job->run(services_.disk);
    const auto result = outcome.result;
    log_->finish_flush(std::move(*job), std::move(outcome));
    return result;
  }
  if (log_->has_failed())  // so it was not closed, and its directory is not clean
    return fail(ErrorCode::kafka_storage_error, name_ + " could not be written before");
  return {};
}

}  // namespace kt::node
