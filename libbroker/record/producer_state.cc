#include "libbroker/record/producer_state.h"

#include <algorithm>
#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/control.h"

namespace kt::record {
namespace {

bool follows(int32_t last_sequence, int32_t next_sequence) {
  return next_sequence == sequence_after(last_sequence, 1);
}

/// Whether the sequence `before` comes wholly before `first`; they wrap, so half of them are behind, half
/// ahead.
bool precedes(int32_t before, int32_t first) {
  constexpr int32_t sequence_max = std::numeric_limits<int32_t>::max();
  const auto behind =
      static_cast<int32_t>((static_cast<uint32_t>(first) - static_cast<uint32_t>(before)) & sequence_max);
  return behind > 0 && behind < sequence_max / 2;
}

// Replicas, quorum members and mirrors take what another cluster member has accepted.
bool is_checked(Origin origin) { return assigns_offsets(origin); }

}  // namespace

int32_t ProducerState::Batch::first_sequence() const {
  constexpr int64_t sequences = int64_t{std::numeric_limits<int32_t>::max()} + 1;
  const int64_t first = int64_t{last_sequence} - offset_delta;
  return static_cast<int32_t>(first >= 0 ? first : first + sequences);  // it wrapped
}

void ProducerState::Producer::take_epoch(int16_t next) {
  if (epoch == next) return;
  epoch = next;
  batch_count = 0;
  is_restored = false;
}

void ProducerState::Producer::add(const Batch& batch) {
  if (batch_count == batches_kept_max) {
    std::ranges::rotate(batches, batches.begin() + 1);
    --batch_count;
  }
  batches[batch_count++] = batch;
}

bool ProducerState::Producer::is_expired(int64_t now_ms, int64_t expiration_ms) const {
  return !open_transaction && last_timestamp <= now_ms - expiration_ms;
}

Result<std::optional<DuplicateBatch>> ProducerState::check(const BatchView& batch, Origin origin) const {
  if (!batch.has_producer_id()) return std::nullopt;
  std::optional<EndMarker> marker;
  if (batch.is_control()) {
    auto decoded = decode_end_marker(batch);
    if (!decoded) return fail(decoded.error());
    marker = *decoded;
  }
  if (!is_checked(origin)) return std::nullopt;

  static const Producer unknown;
  const auto found = producers_.find(batch.producer_id());
  const Producer& producer = found == producers_.end() ? unknown : found->second;
  if (origin == Origin::client) {  // before all else: a retry is no error, whatever has happened since
    if (auto duplicate = find_duplicate(batch, producer)) return duplicate;
  }
  Result<void> checked = check_epoch(batch, producer);
  if (checked && marker) checked = check_marker(batch, *marker, producer);
  if (checked && !batch.is_control()) checked = check_data(batch, origin, producer);
  if (!checked) return fail(checked.error());
  return std::nullopt;
}

std::optional<DuplicateBatch> ProducerState::find_duplicate(const BatchView& batch,
                                                            const Producer& producer) {
  if (batch.producer_epoch() != producer.epoch) return std::nullopt;
  for (const Batch& kept : producer.kept())
    if (kept.first_sequence() == batch.base_sequence() && kept.last_sequence == batch.last_sequence())
      return DuplicateBatch{kept.last_offset - kept.offset_delta, kept.last_offset, kept.timestamp};
  return std::nullopt;
}

Result<void> ProducerState::check_epoch(const BatchView& batch, const Producer& producer) {
  if (batch.producer_epoch() >= producer.epoch) return {};
  return fail(ErrorCode::invalid_producer_epoch, "Epoch of producer " + std::to_string(batch.producer_id()) +
                                                     " is " + std::to_string(batch.producer_epoch()) +
                                                     ", which is smaller than the last seen epoch " +
                                                     std::to_string(producer.epoch));
}

Result<void> ProducerState::check_marker(const BatchView& batch, const EndMarker& marker,
                                         const Producer& producer) {
  if (marker.coordinator_epoch >= producer.coordinator_epoch) return {};
  return fail(ErrorCode::transaction_coordinator_fenced,
              "Invalid coordinator epoch for producer " + std::to_string(batch.producer_id()) + ": " +
                  std::to_string(marker.coordinator_epoch) + " (zombie), " +
                  std::to_string(producer.coordinator_epoch) + " (current)");
}

/// Whether the log had the batch, though nobody knows where: from a snapshot, which keeps each producer's
/// last batch alone, or it was compacted away before this replica got the batches around it, of which a
/// leader had let the later one follow it.
bool ProducerState::was_taken(const BatchView& batch, const Producer& producer) {
  const auto kept = producer.kept();
  if (kept.empty()) return false;
  if (producer.is_restored && producer.batch_count < batches_kept_max &&
      precedes(batch.last_sequence(), kept.front().first_sequence()))
    return true;
  for (size_t i = 1; i < kept.size(); ++i) {
    if (precedes(kept[i - 1].last_sequence, batch.base_sequence()) &&
        precedes(batch.last_sequence(), kept[i].first_sequence()))
      return true;
  }
  return false;
}

Result<void> ProducerState::check_data(const BatchView& batch, Origin origin, const Producer& producer) {
  // Any sequence may begin where nothing is known: the records may have been deleted since.
  const bool is_known = producer.epoch != no_producer_epoch;
  if (origin == Origin::client && is_known) {
    const bool is_new_epoch = batch.producer_epoch() != producer.epoch;
    const int32_t last_sequence = is_new_epoch ? no_sequence : producer.last_sequence();
    // Kafka says out of order here: then clients take a new epoch and send it, and all after it, a second
    // time. This one they take for success at an unknown offset.
    if (!is_new_epoch && was_taken(batch, producer))
      return fail(ErrorCode::duplicate_sequence_number,
                  "Producer " + std::to_string(batch.producer_id()) + " has sent sequence number " +
                      std::to_string(batch.base_sequence()) + " before, it is now at " +
                      std::to_string(last_sequence));
    if (!follows(last_sequence, batch.base_sequence()))
      return fail(ErrorCode::out_of_order_sequence_number,
                  "Out of order sequence number for producer " + std::to_string(batch.producer_id()) + ": " +
                      std::to_string(batch.base_sequence()) + " (incoming seq. number), " +
                      std::to_string(last_sequence) + " (current end sequence number)");
  }
  if (producer.open_transaction && !batch.is_transactional())
    return fail(ErrorCode::invalid_txn_state,
                "Expected transactional write from producer " + std::to_string(batch.producer_id()));
  return {};
}

std::optional<CompletedTransaction> ProducerState::append(const BatchView& batch) {
  if (!batch.has_producer_id()) return std::nullopt;
  if (batch.is_control()) {
    const auto marker = decode_end_marker(batch);
    KT_ASSERT(marker.has_value());
    return *marker ? end_transaction(batch, **marker) : std::nullopt;
  }
  Producer& producer = producers_[batch.producer_id()];
  producer.take_epoch(batch.producer_epoch());
  producer.add({.last_sequence = batch.last_sequence(),
                .offset_delta = batch.last_offset_delta(),
                .last_offset = batch.last_offset(),
                .timestamp = batch.max_timestamp()});
  producer.last_timestamp = batch.max_timestamp();
  if (batch.is_transactional() && !producer.open_transaction) {
    producer.open_transaction = batch.base_offset();
    open_.emplace(batch.base_offset(), batch.producer_id());
  }
  return std::nullopt;
}

std::optional<CompletedTransaction> ProducerState::end_transaction(const BatchView& batch,
                                                                   const EndMarker& marker) {
  Producer& producer = producers_[batch.producer_id()];
  producer.take_epoch(batch.producer_epoch());
  producer.coordinator_epoch = marker.coordinator_epoch;
  producer.last_timestamp = marker.timestamp;
  if (!producer.open_transaction) return std::nullopt;

  CompletedTransaction ended{.producer_id = batch.producer_id(),
                             .first_offset = *producer.open_transaction,
                             .last_offset = batch.base_offset(),
                             .last_stable_offset = batch.base_offset() + 1,
                             .is_aborted = !marker.is_commit};
  producer.open_transaction.reset();
  open_.erase(ended.first_offset);
  unreplicated_.emplace(ended.first_offset, ended.last_offset);
  if (const auto undecided = first_undecided_offset()) ended.last_stable_offset = *undecided;
  return ended;
}

std::optional<int64_t> ProducerState::first_unstable_offset() const {
  const auto undecided = first_undecided_offset();
  if (unreplicated_.empty()) return undecided;
  const int64_t unreplicated = unreplicated_.begin()->first;
  return undecided ? std::min(*undecided, unreplicated) : unreplicated;
}

std::optional<int64_t> ProducerState::first_undecided_offset() const {
  return open_.empty() ? std::nullopt : std::optional(open_.begin()->first);
}

bool ProducerState::has_open_transaction(int64_t producer_id, int16_t epoch) const {
  const auto found = producers_.find(producer_id);
  return found != producers_.end() && found->second.open_transaction && found->second.epoch == epoch;
}

std::optional<int64_t> ProducerState::oldest_transaction_timestamp() const {
  if (open_.empty()) return std::nullopt;
  return producers_.at(open_.begin()->second).last_timestamp;
}

void ProducerState::advance_high_watermark(int64_t high_watermark) {
  std::erase_if(unreplicated_, [&](const auto& ended) { return ended.second < high_watermark; });
}

void ProducerState::remove_expired(int64_t now_ms, int64_t expiration_ms) {
  std::erase_if(producers_,
                [&](const auto& entry) { return entry.second.is_expired(now_ms, expiration_ms); });
}

std::vector<ProducerSnapshot> ProducerState::snapshot() const {
  std::vector<ProducerSnapshot> all;
  all.reserve(producers_.size());
  for (const auto& [id, producer] : producers_) {
    const Batch last = producer.batch_count == 0 ? Batch{} : producer.kept().back();
    all.push_back({.producer_id = id,
                   .epoch = producer.epoch,
                   .last_sequence = last.last_sequence,
                   .last_offset = last.last_offset,
                   .offset_delta = last.offset_delta,
                   .timestamp = producer.last_timestamp,
                   .coordinator_epoch = producer.coordinator_epoch,
                   .open_transaction_first_offset = producer.open_transaction.value_or(-1)});
  }
  std::ranges::sort(all, {}, &ProducerSnapshot::producer_id);
  return all;
}

void ProducerState::restore(std::span<const ProducerSnapshot> producers, int64_t now_ms,
                            int64_t expiration_ms) {
  clear();
  for (const ProducerSnapshot& from : producers) {
    Producer producer{.epoch = from.epoch,
                      .batch_count = 0,
                      .is_restored = from.last_offset >= 0,
                      .coordinator_epoch = from.coordinator_epoch,
                      .last_timestamp = from.timestamp,
                      .open_transaction = std::nullopt,
                      .batches = {}};
    if (from.open_transaction_first_offset >= 0)
      producer.open_transaction = from.open_transaction_first_offset;
    if (producer.is_expired(now_ms, expiration_ms)) continue;
    if (from.last_offset >= 0)
      producer.add({from.last_sequence, from.offset_delta, from.last_offset, from.timestamp});
    if (producer.open_transaction) open_.emplace(*producer.open_transaction, from.producer_id);
    producers_.insert_or_assign(from.producer_id, producer);
  }
}

void ProducerState::clear() {
  producers_.clear();
  open_.clear();
  unreplicated_.clear();
}

}  // namespace kt::record
