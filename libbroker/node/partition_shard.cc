#include "libbroker/node/partition_shard.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/logger.h"

namespace kt::node {
namespace {

using api::Isolation;

/// *.replication.throttled.replicas: "*", or "partition:broker" each.
bool names_replica(const std::vector<std::string>& throttled, int32_t partition, int32_t broker) {
  return throttled == std::vector<std::string>{"*"} ||
         std::ranges::find(throttled, fmt::format("{}:{}", partition, broker)) != throttled.end();
}

bool is_same(const std::weak_ptr<api::Waiter>& one, const std::weak_ptr<api::Waiter>& other) {
  return !one.owner_before(other) && !other.owner_before(one);
}

/// Who waits for several partitions asks all of them each time that one wakes it: were it noted each time, it
/// would be woken as many times more often with each round as there are partitions.
void note_once(std::vector<std::weak_ptr<api::Waiter>>& waits, std::weak_ptr<api::Waiter> waiter) {
  if (std::ranges::none_of(waits, [&](const auto& noted) { return is_same(noted, waiter); }))
    waits.push_back(std::move(waiter));
}

}  // namespace

PartitionShard::PartitionShard(const ShardServices& services, std::string topic, Uuid topic_id, int32_t index,
                               std::string log_dir, std::unique_ptr<log::Log> log, int64_t high_watermark,
                               const metadata::TopicConfig& config)
    : services_(services),
      topic_(std::move(topic)),
      topic_id_(topic_id),
      index_(index),
      log_dir_(std::move(log_dir)),
      name_(fmt::format("{}-{}", topic_, index)),
      log_(std::move(log)),
      config_(config),
      high_watermark_(std::clamp(high_watermark, log_->log_start_offset(), log_->stable_end())) {
  log_->advance_high_watermark(high_watermark_);  // transactions that recovery saw end are replicated
}

void PartitionShard::update(const metadata::Partition& partition, const metadata::TopicConfig& config) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    config_ = config;
    leads_throttled_ = names_replica(config.leader_throttled_replicas, index_, services_.node_id);
    follows_throttled_ = names_replica(config.follower_throttled_replicas, index_, services_.node_id);
    log_->set_config(log_config(config, log_->config().producer_id_expiration_ms));
    const int64_t now_ms = services_.clock.monotonic_ms();
    if (retired_ != ErrorCode::none) {
      // Nobody hears from it any more.
    } else if (partition.leader != services_.node_id) {
      if (leader_) {
        led_until_ = high_watermark_;
        leader_.reset();
        wakes = everyone_waiting();
      }
      const bool is_new = std::exchange(follows_in_, partition.leader_epoch) != partition.leader_epoch;
      if (is_new) leaders_high_watermark_ = -1;
      if (is_new && services_.mutants.has(Mutant::partition_cuts_at_high_watermark))
        (void)log_->truncate_to(high_watermark_);
    } else if (!leader_ || partition.leader_epoch > leader_->leader_epoch()) {
      if (!leader_) leads_since_ = partition.leader_epoch;
      follows_in_ = -1;
      log_->assign_epoch(partition.leader_epoch);
      leader_.emplace(partition::Leader::Options{services_.node_id, services_.replica_lag_ms_max,
                                                 services_.followed_ms, services_.mutants},
                      partition, config.min_insync_replicas,
                      partition::Leader::Log{log_->end_offset(), log_->stable_end(), high_watermark_},
                      now_ms);
      leader_->ask_followers(asked_);
    } else {
      leader_->update(partition, now_ms);
      leader_->set_min_isr(config.min_insync_replicas);
    }
    // Nobody may ever append again, and what recovery found, or what the configuration says now, is not
    // flushed yet.
    Wakes more = moved();
    wakes.insert(wakes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  wake(wakes);
}

/// Under the mutex: nobody waits any more.
PartitionShard::Wakes PartitionShard::everyone_waiting() {
  Wakes wakes;
  for (Wait& wait : waits_) {
    if (auto waiter = wait.waiter.lock()) wakes.push_back(std::move(waiter));
  }
  waits_.clear();
  collect(low_watermark_waits_, wakes);
  collect(confirmation_waits_, wakes);
  return wakes;
}

/// Under the mutex: they wait no more.
void PartitionShard::collect(Waits& waits, Wakes& wakes) {
  for (const auto& wait : std::exchange(waits, {})) {
    if (auto waiter = wait.lock()) wakes.push_back(std::move(waiter));
  }
}

void PartitionShard::retire(ErrorCode why) {
  Wakes wakes;
  {
    const std::lock_guard lock(mutex_);
    retired_ = why;
    wakes = everyone_waiting();
  }
  wake(wakes);
}

Result<void> PartitionShard::check_leader(int32_t current_leader_epoch) const {
  if (retired_ != ErrorCode::none) return fail(retired_);
  if (!leader_) return fail(ErrorCode::not_leader_or_follower);
  return check_epoch(current_leader_epoch, leader_->leader_epoch());
}

Result<void> PartitionShard::check_epoch(int32_t current_leader_epoch, int32_t leader_epoch) const {
  if (current_leader_epoch >= 0 && current_leader_epoch < leader_epoch)
    return fail(ErrorCode::fenced_leader_epoch);
  if (current_leader_epoch > leader_epoch) return fail(ErrorCode::unknown_leader_epoch);
  return {};
}

Result<void> PartitionShard::check_replica(int32_t current_leader_epoch) const {
  if (leader_ || retired_ != ErrorCode::none) return check_leader(current_leader_epoch);
  if (follows_in_ < 0) return fail(ErrorCode::not_leader_or_follower);
  return check_epoch(current_leader_epoch, follows_in_);
}

int32_t PartitionShard::leads_since() {
  const std::lock_guard lock(mutex_);
  return leader_ ? leads_since_ : -1;
}

int64_t PartitionShard::end_for(Isolation isolation) const {
  switch (isolation) {
    case Isolation::log_end:
      return log_->stable_end();
    case Isolation::high_watermark:
      return high_watermark_;
    case Isolation::last_stable:
      break;
  }
  return log_->last_stable_offset(high_watermark_);
}

// The log has new records, has flushed some, or a follower has them: the high watermark may follow, and then
// those who wait.
PartitionShard::Wakes PartitionShard::moved() {
  if (leader_) {
    leader_->log_moved(log_->stable_end());
    high_watermark_ = leader_->high_watermark();
    if (auto change = leader_->take_change()) services_.on_isr_change(shared_from_this(), std::move(*change));
  }
  if (services_.mutants.has(Mutant::node_acknowledges_unflushed)) high_watermark_ = log_->end_offset();
  log_->advance_high_watermark(high_watermark_);
  Wakes wakes;
  if (!confirmation_waits_.empty() && leader_ && leader_->confirmed() > confirmed_) {
    confirmed_ = leader_->confirmed();
    collect(confirmation_waits_, wakes);
  }
  std::erase_if(waits_, [&](const Wait& wait) {
    if (end_for(wait.isolation) <= wait.beyond) return wait.waiter.expired();
    if (auto waiter = wait.waiter.lock()) wakes.push_back(std::move(waiter));
    return true;
  });
  const bool is_gone = retired_ != ErrorCode::none;  // its files may be elsewhere by now
  if (!is_gone && (log_->config().flushes_every_batch() || log_->wants_flush())) start_group_commit();
  return wakes;
}

void PartitionShard::wake(const Wakes& wakes) {
  for (const auto& waiter : wakes) waiter->loop().post([waiter] { waiter->wake(); });
}

// One fdatasync per round: what is appended while one is under way waits for the next.
void PartitionShard::start_group_commit() {
  if (is_flushing_) return;
  const bool all = log_->config().flushes_every_batch();
  auto job = log_->prepare_flush(all ? log::Log::FlushScope::all : log::Log::FlushScope::sealed);
  if (!job) return;
  is_flushing_ = true;
  services_.disk_pool.run([self = shared_from_this(), job = std::move(*job)]() mutable {
    auto outcome = job.run(self->services_.disk);
    Wakes wakes;
    std::move_only_function<void(Result<void>)> closed;
    std::vector<std::move_only_function<void(Result<void>)>> rolled;
    const auto result = outcome.result;
    {
      const std::lock_guard lock(self->mutex_);
      self->log_->finish_flush(std::move(job), std::move(outcome));
      self->is_flushing_ = false;
      if (!result && !self->services_.mutants.has(Mutant::log_flush_retried)) self->failed(result.error());
      if (!result || !self->log_->wants_flush()) rolled = std::exchange(self->rolled_, {});
      closed = std::exchange(self->closed_, nullptr);
      if (!closed) wakes = self->moved();
    }
    wake(wakes);
    for (auto& done : rolled) done(result);
    if (closed) closed(self->close_log());
  });
}

void PartitionShard::failed(const Error& error) {
  if (retired_ != ErrorCode::none) return;  // a flush that was under way when its directory was renamed
  // A log that never was written has not failed when it cannot be: its directory has.
  if (!log_->has_failed() && error.code != ErrorCode::kafka_storage_error) return;
  log_error("kt.Partition", "{}: {}", name_, error.message);
  services_.on_failure(log_dir_, error);
}

void PartitionShard::wait_for_data(int64_t offset, Isolation isolation, std::optional<int32_t> follower,
                                   std::weak_ptr<api::Waiter> waiter) {
  std::shared_ptr<api::Waiter> now;
  {
    const std::lock_guard lock(mutex_);
    const bool is_asked = follower && leader_ && leader_->is_asked(*follower);
    if (retired_ != ErrorCode::none || end_for(isolation) > offset || is_asked) {
      now = waiter.lock();
    } else {
      std::erase_if(waits_,
                    [&](const Wait& wait) { return wait.waiter.expired() || is_same(wait.waiter, waiter); });
      waits_.push_back({offset, isolation, std::move(waiter)});
    }
  }
  if (now) wake({now});
}

Result<PartitionShard::Commit> PartitionShard::wait_for_commit(int64_t end_offset, int32_t leader_epoch,
                                                               std::weak_ptr<api::Waiter> waiter) {
  const std::lock_guard lock(mutex_);
  // What was appended the time before last may have been cut off since, and what lies there be another's.
  if (leader_epoch < leads_since_) return fail(ErrorCode::not_leader_or_follower);
  // What was committed while this broker led is, whatever became of the replica since.
  if ((leader_ ? high_watermark_ : led_until_) >= end_offset) {
    if (leader_ && !leader_->is_committed_by_enough())
      return fail(ErrorCode::not_enough_replicas_after_append);
    return Commit::done;
  }
  if (auto leads = check_leader(-1); !leads) return fail(leads.error());
  // Once, as in note_once().
  const bool is_waiting = std::ranges::any_of(waits_, [&](const Wait& wait) {
    return wait.beyond == end_offset - 1 && is_same(wait.waiter, waiter);
  });
  if (!is_waiting) waits_.push_back({end_offset - 1, Isolation::high_watermark, std::move(waiter)});
  return Commit::pending;
}

int64_t PartitionShard::ask_followers() {
  Wakes wakes;
  int64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++asked_;
    if (leader_) leader_->ask_followers(number);
    std::erase_if(waits_, [&](const Wait& wait) {
      if (wait.isolation != Isolation::log_end) return false;
      if (auto waiter = wait.waiter.lock()) wakes.push_back(std::move(waiter));
      return true;
    });
  }
  wake(wakes);
  return number;
}

Result<PartitionShard::Commit> PartitionShard::wait_for_confirmation(int64_t number, int32_t leads_since,
                                                                     std::weak_ptr<api::Waiter> waiter) {
  const std::lock_guard lock(mutex_);
  if (auto leads = check_leader(-1); !leads) return fail(leads.error());
  if (leads_since != leads_since_) return fail(ErrorCode::not_leader_or_follower);
  if (std::max(confirmed_, leader_->confirmed()) >= number) return Commit::done;
  note_once(confirmation_waits_, std::move(waiter));
  return Commit::pending;
}

Result<int64_t> PartitionShard::delete_records(int64_t before_offset) {
  const std::lock_guard lock(mutex_);
  if (auto leads = check_leader(-1); !leads) return fail(leads.error());
  if (!config_.remove)
    return fail(
        ErrorCode::policy_violation,
        fmt::format("Records of partition {} can not be deleted due to the configured policy", name_));
  const int64_t offset = before_offset == -1 ? high_watermark_ : before_offset;
  if (offset < 0 || offset > high_watermark_) {
    return fail(
        ErrorCode::offset_out_of_range,
        fmt::format("The specified offset {} is higher than the high watermark {} of the partition {}",
                    offset, high_watermark_, name_));
  }
  if (auto done = log_->increment_log_start(offset, high_watermark_); !done) return fail(done.error());
  return offset;
}

Result<int64_t> PartitionShard::wait_for_low_watermark(int64_t offset, std::span<const int32_t> alive,
                                                       std::weak_ptr<api::Waiter> waiter) {
  const std::lock_guard lock(mutex_);
  if (auto leads = check_leader(-1); !leads) return fail(leads.error());
  const int64_t low = leader_->low_watermark(log_->log_start_offset(), alive);
  if (low < offset) note_once(low_watermark_waits_, std::move(waiter));
  return low;
}

PartitionShard::Sizes PartitionShard::sizes() {
  const std::lock_guard lock(mutex_);
  const auto bytes = log_->size_bytes();
  return {bytes.value_or(0), 0, log_dir_};
}

Result<std::vector<PartitionShard::ActiveProducer>> PartitionShard::active_producers() {
  const std::lock_guard lock(mutex_);
  std::vector<ActiveProducer> active;
  for (const auto& p : log_->producers().snapshot()) {
    active.push_back({p.producer_id, p.epoch, p.last_sequence, p.timestamp, p.coordinator_epoch,
                      p.open_transaction_first_offset});
  }
  return active;
}

int64_t PartitionShard::log_start_offset() {
  const std::lock_guard lock(mutex_);
  return log_->log_start_offset();
}

LogDirectories::Offsets PartitionShard::checkpoint_offsets() {
  const std::lock_guard lock(mutex_);
  return {log_->recovery_point(), log_->log_start_offset(), high_watermark_};
}

int32_t PartitionShard::min_in_sync_replicas() {
  const std::lock_guard lock(mutex_);
  return config_.min_insync_replicas;
}

PartitionShard::Standing PartitionShard::standing() {
  const std::lock_guard lock(mutex_);
  return {leader_ ? leader_->leader_epoch() : -1, high_watermark_, log_->log_start_offset(),
          log_->end_offset(), log_->stable_end()};
}

bool PartitionShard::is_changing_isr() {
  const std::lock_guard lock(mutex_);
  return leader_ && leader_->is_changing_isr();
}

std::optional<partition::IsrChange> PartitionShard::asked_for_isr() {
  const std::lock_guard lock(mutex_);
  return leader_ ? leader_->asked_for() : std::nullopt;
}

bool PartitionShard::is_followed() {
  const std::lock_guard lock(mutex_);
  return leader_ && leader_->is_followed(services_.clock.monotonic_ms());
}

record::EpochCache PartitionShard::epochs() {
  const std::lock_guard lock(mutex_);
  return log_->epochs();
}

Traffic PartitionShard::traffic() {
  const std::lock_guard lock(mutex_);
  return traffic_;
}

PartitionShard::LogFigures PartitionShard::log_figures() {
  const std::lock_guard lock(mutex_);
  return {log_->size_bytes().value_or(0), log_->segment_count(), log_->log_start_offset(),
          log_->end_offset()};
}

int64_t PartitionShard::file_delete_delay_ms() {
  const std::lock_guard lock(mutex_);
  return config_.file_delete_delay_ms;
}

}  // namespace kt::node
