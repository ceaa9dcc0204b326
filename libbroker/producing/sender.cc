#include "libbroker/producing/sender.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "libbroker/base/assert.h"
#include "libbroker/record/batch.h"

namespace kt::producing {
namespace {

// Errors after which another broker may lead the partition.
bool asks_for_metadata(ErrorCode code) {
  using enum ErrorCode;
  return code == not_leader_or_follower || code == unknown_topic_or_partition ||
         code == leader_not_available || code == kafka_storage_error || code == fenced_leader_epoch ||
         code == network_exception || code == unknown_topic_id;
}

}  // namespace

Result<Sender::Placed> Sender::add(const TopicPartition& to, const record::NewRecord& record,
                                   int64_t now_ms) {
  const size_t bound = record::BatchBuilder::record_size_bytes_max(record);
  if (bound + record::batch_header_bytes > static_cast<size_t>(options_.request_bytes_max)) {
    return fail(
        ErrorCode::message_too_large,
        fmt::format(
            "The message is {} bytes when serialized which is larger than {}, which is the value of the "
            "max.request.size configuration.",
            bound + record::batch_header_bytes, options_.request_bytes_max));
  }
  if (!has_room(bound)) return fail(ErrorCode::throttling_quota_exceeded, "buffer.memory is full");

  Queue& queue = queues_[to];
  std::shared_ptr<Batch> batch = queue.batches.empty() ? nullptr : queue.batches.back();
  const bool fits = batch && batch->state == State::gathering &&
                    batch->builder.size_bytes() + bound <= static_cast<size_t>(options_.batch_size_bytes);
  if (!fits) {
    if (batch && batch->state == State::gathering) batch->state = State::waiting;
    batch = std::make_shared<Batch>();
    batch->id = batch->origin = ++last_batch_;
    batch->to = to;
    batch->created_ms = now_ms;
    queue.batches.push_back(batch);
    batches_.emplace(batch->id, batch);
  }
  batch->builder.append(record);
  batch->buffered_bytes += bound;
  buffered_bytes_ += bound;
  if (batch->builder.size_bytes() >= static_cast<size_t>(options_.batch_size_bytes))
    batch->state = State::waiting;
  return Placed{batch->id, batch->record_count++};
}

void Sender::set_producer_id(int64_t id, int16_t epoch) {
  producer_id_ = id;
  producer_epoch_ = epoch;
  number_again();
}

void Sender::flush() {
  for (auto& [id, batch] : batches_) {
    if (batch->state == State::gathering) batch->state = State::waiting;
  }
}

bool Sender::may_leave(const Queue& queue, const Batch& batch, int64_t now_ms) const {
  if (batch.state == State::in_flight || queue.in_flight >= options_.in_flight_max) return false;
  // A broker that knows nothing of a producer takes any sequence for its first: if it refuses the first batch
  // because it does not lead yet, and takes the second, the first comes too late for ever.
  if (options_.is_idempotent && !queue.is_known && queue.in_flight > 0) return false;
  if (batch.state == State::gathering && now_ms < batch.created_ms + options_.linger_ms) return false;
  return batch.retry_at_ms <= now_ms && is_in_window(queue, batch);
}

// A broker remembers the last five batches of a producer. Where answers got lost, later batches may be
// acknowledged and gone from the queue while the first is still to be sent again; a sixth behind it would
// make that retry look like a gap.
bool Sender::is_in_window(const Queue& queue, const Batch& batch) const {
  const Batch& first = *queue.batches.front();
  if (!options_.is_idempotent || !first.bytes) return true;
  const uint64_t number = batch.bytes ? batch.number : queue.next_number;
  return number - first.number < static_cast<uint64_t>(options_.in_flight_max);
}

std::vector<Outgoing> Sender::poll(const std::function<bool(const TopicPartition&)>& leads, int64_t now_ms) {
  std::vector<Outgoing> outgoing;
  if (options_.is_idempotent && (producer_id_ < 0 || is_bump_due_)) return outgoing;
  const size_t bytes_max = static_cast<size_t>(options_.request_bytes_max);
  size_t bytes = 0;
  auto at = queues_.lower_bound(first_to_poll_);
  for (size_t left = queues_.size(); left > 0; --left, ++at) {
    if (at == queues_.end()) at = queues_.begin();
    auto& [to, queue] = *at;
    const auto next =
        std::ranges::find_if(queue.batches, [](const auto& b) { return b->state != State::in_flight; });
    if (next == queue.batches.end() || !may_leave(queue, **next, now_ms) || !leads(to)) continue;
    const std::shared_ptr<Batch> batch = *next;
    if (!batch->bytes) {
      seal(*batch, queue.next_sequence);
      batch->number = queue.next_number++;
      queue.next_sequence = record::sequence_after(queue.next_sequence, batch->record_count);
    }
    if (!outgoing.empty() && bytes + batch->bytes->size() > bytes_max) {
      first_to_poll_ = to;
      break;
    }
    bytes += batch->bytes->size();
    batch->state = State::in_flight;
    ++batch->attempts;
    ++queue.in_flight;
    outgoing.push_back({batch->id, to, batch->bytes});
  }
  return outgoing;
}

std::vector<TopicPartition> Sender::waiting_partitions(int64_t now_ms) const {
  std::vector<TopicPartition> waiting;
  for (const auto& [to, queue] : queues_) {
    if (std::ranges::any_of(queue.batches,
                            [&](const auto& batch) { return may_leave(queue, *batch, now_ms); })) {
      waiting.push_back(to);
    }
  }
  return waiting;
}

void Sender::seal(Batch& batch, int32_t base_sequence) {
  record::BatchOptions& batch_options = batch.builder.options();
  if (options_.is_idempotent) {
    batch.base_sequence = base_sequence;
    batch_options.producer_id = producer_id_;
    batch_options.producer_epoch = producer_epoch_;
    batch_options.base_sequence = base_sequence;
  }
  batch_options.codec = options_.codec;
  batch.bytes = std::make_shared<const std::vector<std::byte>>(batch.builder.build());
}

void Sender::split(Queue& queue, const std::shared_ptr<Batch>& whole) {
  const auto view = record::BatchView::parse(*whole->bytes);
  record::Decompressor decompressor;
  std::vector<std::byte> scratch;
  const auto plain = record::plain_records(*view, decompressor, scratch, whole->buffered_bytes);
  KT_ASSERT(plain);
  std::array<std::shared_ptr<Batch>, 2> halves;
  for (auto& half : halves) {
    half = std::make_shared<Batch>();
    half->id = ++last_batch_;
    half->origin = whole->origin;
    half->to = whole->to;
    half->created_ms = whole->created_ms;
    half->number = whole->number;
    half->state = State::waiting;
    batches_.emplace(half->id, half);
  }
  record::RecordReader reader(*plain, whole->record_count);
  std::vector<record::Header> headers;
  int32_t index = 0;
  for (record::RecordView record; reader.next(record); ++index) {
    headers.clear();
    for (const record::Header& header : record.headers) headers.push_back(header);
    const record::NewRecord again{view->timestamp_of(record), record.key, record.value, headers};
    Batch& half = *halves[index < whole->record_count / 2 ? 0 : 1];
    half.builder.append(again);
    half.buffered_bytes += record::BatchBuilder::record_size_bytes_max(again);
    ++half.record_count;
  }
  KT_ASSERT(index == whole->record_count);
  halves[0]->first_index = whole->first_index;
  halves[1]->first_index = whole->first_index + halves[0]->record_count;
  seal(*halves[0], whole->base_sequence);
  seal(*halves[1], record::sequence_after(std::max(whole->base_sequence, 0), halves[0]->record_count));

  buffered_bytes_ += halves[0]->buffered_bytes + halves[1]->buffered_bytes - whole->buffered_bytes;
  const auto place = queue.batches.erase(std::ranges::find(queue.batches, whole));
  queue.batches.insert(place, halves.begin(), halves.end());
  batches_.erase(whole->id);
}

bool Sender::is_worth_a_retry(const Queue& queue, const Batch& batch, ErrorCode code) const {
  if (batch.attempts > options_.retries_max) return false;
  if (!options_.is_idempotent) return is_retriable(code);
  // A gap before this batch is one that an earlier batch, still unanswered or to be sent again, will fill.
  if (code == ErrorCode::out_of_order_sequence_number)
    return queue.batches.front()->id != batch.id || batch.attempts == 1;
  return is_retriable(code);
}

void Sender::answered(BatchId id, const Error& error, int64_t base_offset, int64_t log_append_time_ms,
                      int64_t now_ms) {
  const auto found = batches_.find(id);
  if (found == batches_.end()) return;
  const std::shared_ptr<Batch> batch = found->second;
  Queue& queue = queues_[batch->to];
  if (batch->state == State::in_flight) --queue.in_flight;
  batch->state = State::waiting;
  if (asks_for_metadata(error.code)) is_metadata_stale_ = true;

  const bool in_time = now_ms < batch->created_ms + options_.delivery_timeout_ms;
  if (error.code == ErrorCode::none || error.code == ErrorCode::duplicate_sequence_number) {
    queue.is_known = true;
    finish(queue, batch, {}, base_offset, log_append_time_ms);
  } else if (error.code == ErrorCode::message_too_large && batch->record_count > 1) {
    split(queue, batch);
  } else if (in_time && is_worth_a_retry(queue, *batch, error.code)) {
    batch->retry_at_ms = now_ms + options_.retry_backoff_ms;
    const bool is_first = queue.batches.front()->id == id;
    if (error.code == ErrorCode::out_of_order_sequence_number && is_first) is_bump_due_ = true;
  } else {
    if (options_.is_idempotent)
      is_bump_due_ = true;  // its numbers are lost to the broker, later ones would not fit
    finish(queue, batch, error, -1, -1);
  }
  bump_epoch_if_due();
}

void Sender::finish(Queue& queue, const std::shared_ptr<Batch>& batch, Error error, int64_t base_offset,
                    int64_t log_append_time_ms) {
  std::erase(queue.batches, batch);
  batches_.erase(batch->id);
  buffered_bytes_ -= batch->buffered_bytes;
  deliveries_.push_back({batch->origin, batch->to, batch->first_index, batch->record_count, std::move(error),
                         base_offset, log_append_time_ms});
}

void Sender::bump_epoch_if_due() {
  if (!is_bump_due_) return;
  if (std::ranges::any_of(batches_, [](const auto& b) { return b.second->state == State::in_flight; }))
    return;
  is_bump_due_ = false;
  if (producer_epoch_ == INT16_MAX) {
    producer_id_ = -1;  // set_producer_id() numbers again
  } else {
    ++producer_epoch_;
    number_again();
  }
}

void Sender::number_again() {
  for (auto& [to, queue] : queues_) {
    queue.next_sequence = 0;
    queue.is_known = false;
    for (const auto& batch : queue.batches) {
      if (!batch->bytes) continue;
      auto bytes = *batch->bytes;
      record::assign_producer(bytes, producer_id_, producer_epoch_, queue.next_sequence);
      batch->base_sequence = queue.next_sequence;
      queue.next_sequence = record::sequence_after(queue.next_sequence, batch->record_count);
      batch->bytes = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    }
  }
}

void Sender::tick(int64_t now_ms) {
  std::vector<std::shared_ptr<Batch>> expired;
  for (const auto& [id, batch] : batches_) {
    if (batch->state != State::in_flight && now_ms >= batch->created_ms + options_.delivery_timeout_ms)
      expired.push_back(batch);
  }
  for (const auto& batch : expired) {
    if (options_.is_idempotent && batch->bytes) is_bump_due_ = true;
    finish(
        queues_[batch->to], batch,
        {ErrorCode::request_timed_out,
         fmt::format("Expiring {} record(s) for {}-{}:{} ms has passed since batch creation",
                     batch->record_count, batch->to.topic, batch->to.partition, now_ms - batch->created_ms)},
        -1, -1);
  }
  bump_epoch_if_due();
}

void Sender::abort(const Error& error) {
  for (auto& [to, queue] : queues_) {
    queue.in_flight = 0;
    while (!queue.batches.empty()) finish(queue, std::shared_ptr(queue.batches.front()), error, -1, -1);
  }
}

int64_t Sender::deadline_ms(int64_t now_ms) const {
  int64_t earliest = INT64_MAX;
  for (const auto& [id, batch] : batches_) {
    if (batch->state == State::in_flight) continue;
    earliest = std::min(earliest, batch->created_ms + options_.delivery_timeout_ms);
    const int64_t ready_ms =
        batch->state == State::gathering ? batch->created_ms + options_.linger_ms : batch->retry_at_ms;
    if (ready_ms > now_ms) earliest = std::min(earliest, ready_ms);
  }
  return earliest;
}

}  // namespace kt::producing
