#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/gather.h"
#include "libbroker/node/partition_shard.h"

namespace kt::node {
namespace {

using api::Isolation;
constexpr int64_t latest = -1, earliest = -2, largest_timestamp = -3, earliest_local = -4, latest_tiered = -5,
                  earliest_pending_upload = -6;
constexpr int plans_max = 100;  // reads of segments that turn out to have left the log

}  // namespace

/// One look at the log for a reader, under the mutex.
struct PartitionShard::Attempt {
  Read read;
  int64_t next_offset = 0;  // of what was read
  // What has to be done first, on a thread that may wait.
  std::optional<log::SegmentRead> segment = {};
  std::vector<log::SegmentLook> unknown_aborted = {};
  bool is_done() const { return !segment && unknown_aborted.empty(); }
};

/// `loaded` is what the disk gave for these options, if it was asked already.
Result<PartitionShard::Attempt> PartitionShard::attempt(const ReadOptions& options, End until,
                                                        std::optional<log::ReadOut> loaded) {
  auto serves = options.from_any_replica ? check_replica(options.current_leader_epoch)
                                         : check_leader(options.current_leader_epoch);
  if (!serves) return fail(std::move(serves.error()));
  Attempt now;
  Read& read = now.read;
  read.high_watermark = end_for(Isolation::high_watermark);
  read.last_stable_offset = log_->last_stable_offset(high_watermark_);
  read.log_start_offset = log_->log_start_offset();
  if (leader_ && !options.near.empty()) {
    if (const auto closest = leader_->closest(options.near, options.offset)) {
      read.preferred_replica = *closest;
      return now;
    }
  }
  if (options.offset < log_->log_start_offset()) return fail(ErrorCode::offset_out_of_range);
  if (options.last_fetched_epoch >= 0 && !services_.mutants.has(Mutant::partition_ignores_divergence)) {
    const auto end = log_->epochs().end_offset_for(options.last_fetched_epoch, log_->end_offset());
    if (!end) return fail(ErrorCode::offset_out_of_range);  // an epoch newer than any here
    if (end->epoch < options.last_fetched_epoch || end->offset < options.offset) {
      read.diverging = end;
      return now;
    }
  }
  if (options.offset > log_->end_offset()) return fail(ErrorCode::offset_out_of_range);
  const bool serves_all =
      options.isolation == Isolation::high_watermark && services_.mutants.has(Mutant::node_serves_unflushed);
  const int64_t end = until == End::of_log || serves_all ? log_->end_offset() : end_for(options.isolation);
  read.end_offset = end;
  if (options.offset >= end || (options.max_bytes == 0 && !options.at_least_one_batch)) return now;
  if (!loaded) {
    auto out = log_->read(
        options.offset,
        {.bytes_max = options.max_bytes, .upper_bound = end, .min_one_batch = options.at_least_one_batch});
    if (!out) return fail(out.error());
    if (auto* segment = std::get_if<log::SegmentRead>(&*out)) {
      now.segment = std::move(*segment);
      return now;
    }
    loaded = std::move(std::get<log::ReadOut>(*out));
  }
  now.next_offset = loaded->next_offset;
  if (options.isolation == Isolation::last_stable) {
    const int64_t to = std::max(options.offset, loaded->next_offset);
    now.unknown_aborted = log_->unknown_aborted(options.offset, to);
    if (!now.unknown_aborted.empty()) return now;
    const auto aborted = log_->aborted_transactions(options.offset, to);
    if (!aborted) return fail(aborted.error());
    for (const auto& one : *aborted) read.aborted.push_back({one.producer_id, one.first_offset});
  }
  read.records = std::move(loaded->pieces);
  return now;
}

Result<PartitionShard::Read> PartitionShard::read(const ReadOptions& options) {
  Wakes wakes;
  auto read = look(options, wakes);
  wake(wakes);
  return read;
}

/// A follower in the ISR is never held up: it would leave it.
bool PartitionShard::is_throttled(const Follower& follower) const {
  if (!leads_throttled_ || !leader_ || std::ranges::find(leader_->isr(), follower.id) != leader_->isr().end())
    return false;
  return services_.throttles.leader.is_exceeded(services_.clock.monotonic_ms());
}

void PartitionShard::count_read(const Read& read, bool is_followers) {
  const size_t bytes = size_of(read.records);
  traffic_.bytes_out += bytes;
  if (is_followers && leads_throttled_)
    services_.throttles.leader.record(static_cast<int64_t>(bytes), services_.clock.monotonic_ms());
}

Result<PartitionShard::Read> PartitionShard::look(const ReadOptions& asked, Wakes& wakes) {
  const std::lock_guard lock(mutex_);
  ++traffic_.reads;
  ReadOptions options = asked;
  if (options.follower && is_throttled(*options.follower)) {
    options.max_bytes = 0;
    options.at_least_one_batch = false;
  }
  auto now = attempt(options, End::by_isolation, std::nullopt);
  if (!now) return failed_to_read(std::move(now.error()));
  if (options.follower && !options.follower->reads_again && !now->read.diverging) {
    const auto noted = leader_->fetched({.id = options.follower->id,
                                         .broker_epoch = options.follower->broker_epoch,
                                         .offset = options.offset,
                                         .log_start = options.follower->log_start,
                                         .is_eligible = options.follower->is_eligible},
                                        services_.clock.monotonic_ms());
    if (!noted) {
      // Who says in which epoch it fetches is told that it may know more than this broker (F10).
      const bool is_unknown = noted.error().code == ErrorCode::unknown_leader_epoch;
      return fail(is_unknown && options.current_leader_epoch < 0 ? ErrorCode::not_leader_or_follower
                                                                 : noted.error().code);
    }
    wakes = moved();
    collect(low_watermark_waits_, wakes);
    now->read.high_watermark = high_watermark_;
  }
  if (options.follower) now->read.is_asked = leader_->is_asked(options.follower->id);
  now->read.is_cold = !now->is_done();
  count_read(now->read, options.follower.has_value());
  return std::move(now->read);
}

void PartitionShard::read_later(const ReadOptions& options, Loop& loop,
                                std::move_only_function<void(Result<Read>)> then) {
  services_.disk_pool.run([self = shared_from_this(), options, &loop, then = std::move(then)]() mutable {
    auto read = self->read_waiting(options, End::by_isolation);
    if (read) {
      const std::lock_guard lock(self->mutex_);
      self->count_read(*read, options.follower.has_value());
    }
    loop.post([then = std::move(then), read = std::move(read)]() mutable { then(std::move(read)); });
  });
}

/// Under the mutex. A disk that cannot be read has failed, as one that cannot be written: another replica
/// serves, where there is one.
std::unexpected<Error> PartitionShard::failed_to_read(Error error) {
  failed(error);
  return fail(std::move(error));
}

/// Waits for the disk only while nobody's mutex is held.
Result<PartitionShard::Read> PartitionShard::read_waiting(ReadOptions options, End until) {
  std::optional<log::ReadOut> loaded;
  int plans = 0;
  while (true) {
    Result<Attempt> now;
    {
      const std::lock_guard lock(mutex_);
      now = attempt(options, until, loaded);
      if (!now) return failed_to_read(std::move(now.error()));
    }
    if (now->is_done()) return std::move(now->read);
    if (now->segment) {
      auto out = log::read_segment(*now->segment, log::Wait::yes);
      if (!out) {
        const std::lock_guard lock(mutex_);
        return failed_to_read(std::move(out.error()));
      }
      if (!*out && ++plans < plans_max) continue;  // the segment has left the log since: it has another one
      if (!*out) {
        const std::lock_guard lock(mutex_);
        return failed_to_read(
            {ErrorCode::kafka_storage_error, fmt::format("{} is not as the log has it", now->segment->path)});
      }
      const bool has_nothing =
          (*out)->pieces.empty() && (*out)->first_batch_bytes == 0 && (*out)->next_offset > options.offset;
      if (has_nothing)
        options.offset = (*out)->next_offset;  // compaction left nothing in between
      else
        loaded = std::move(**out);
    }
    for (const log::SegmentLook& look : now->unknown_aborted) {
      auto aborted = look.read_aborted();
      const std::lock_guard lock(mutex_);
      if (!aborted) return failed_to_read(std::move(aborted.error()));
      log_->learn_aborted(look, std::move(*aborted));
    }
  }
}

Result<Slice> PartitionShard::read_for_replay(int64_t offset, size_t bytes_max) {
  auto read = read_waiting(
      {.offset = offset, .max_bytes = static_cast<uint32_t>(bytes_max), .at_least_one_batch = true},
      End::of_log);
  if (!read) return fail(std::move(read.error()));
  return gather(read->records);
}

void PartitionShard::offset_at(int64_t timestamp_ms, Isolation isolation, int32_t current_leader_epoch,
                               Loop& loop, std::move_only_function<void(Result<OffsetAt>)> then) {
  Result<OffsetAt> found;
  {
    const std::lock_guard lock(mutex_);
    if (auto leads = check_leader(current_leader_epoch); !leads) {
      found = fail(leads.error());
    } else if (timestamp_ms == latest && lags_behind_its_epoch(isolation)) {
      found = fail(ErrorCode::offset_not_available);
    } else if (timestamp_ms == latest) {
      found = OffsetAt{.offset = end_for(isolation), .leader_epoch = leader_->leader_epoch()};
    } else if (timestamp_ms == earliest || timestamp_ms == earliest_local ||
               timestamp_ms == earliest_pending_upload) {
      const int64_t start =
          timestamp_ms == earliest ? log_->log_start_offset() : log_->local_log_start_offset();
      found =
          OffsetAt{.offset = start,
                   .leader_epoch = log_->epochs().epoch_for_offset(start).value_or(leader_->leader_epoch())};
    } else if (timestamp_ms == latest_tiered) {
      found = OffsetAt{};
    } else {
      services_.disk_pool.run(
          [self = shared_from_this(), timestamp_ms, isolation, &loop, then = std::move(then)]() mutable {
            Result<OffsetAt> searched;
            {
              const std::lock_guard searching(self->mutex_);
              searched = self->find_offset(timestamp_ms, isolation);
            }
            loop.post([then = std::move(then), searched = std::move(searched)]() mutable {
              then(std::move(searched));
            });
          });
      return;
    }
  }
  then(std::move(found));
}

/// A new leader may know of less than was committed until its followers have fetched: what clients were told
/// once must not seem to be undone (KIP-207).
bool PartitionShard::lags_behind_its_epoch(Isolation isolation) const {
  return leader_ && isolation != Isolation::log_end && high_watermark_ < leader_->epoch_start_offset();
}

Result<PartitionShard::OffsetAt> PartitionShard::find_offset(int64_t timestamp_ms, Isolation isolation) {
  const auto found = timestamp_ms == largest_timestamp ? log_->max_timestamp_offset()
                                                       : log_->offset_for_timestamp(timestamp_ms);
  if (!found) return failed_to_read(found.error());
  if (!*found || (*found)->offset >= end_for(isolation)) {
    if (lags_behind_its_epoch(isolation)) return fail(ErrorCode::offset_not_available);
    return OffsetAt{};
  }
  return OffsetAt{(*found)->offset, (*found)->timestamp, (*found)->leader_epoch};
}

Result<record::LogEnd> PartitionShard::epoch_end(int32_t epoch, int32_t current_leader_epoch) {
  const std::lock_guard lock(mutex_);
  if (auto leads = check_leader(current_leader_epoch); !leads) return fail(leads.error());
  return log_->epochs().end_offset_for(epoch, log_->end_offset()).value_or(record::LogEnd{-1, -1});
}

}  // namespace kt::node
