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

// Refused before anything is appended: such a batch is not in the log. After any other answer, or none, it
// may be, also where the answer asks for a retry: a leader that is replaced while it waits for its followers
// has appended.
bool leaves_no_trace(ErrorCode code) {
  using enum ErrorCode;
  switch (code) {
    case message_too_large:
    case record_list_too_large:
    case invalid_record:
    case corrupt_message:
    case invalid_timestamp:
    case unsupported_for_message_format:
    case unsupported_compression_type:
    case topic_authorization_failed:
    case cluster_authorization_failed:
    case invalid_topic_exception:
    case not_enough_replicas:
    case out_of_order_sequence_number:
    case unknown_producer_id:
      return true;
    default:
      return false;
  }
}

// Whatever was appended before, the broker has nothing now that this batch would come after.
bool tells_of_a_gap(ErrorCode code) {
  return code == ErrorCode::out_of_order_sequence_number || code == ErrorCode::unknown_producer_id;
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
  for (auto& [to, queue] : queues_) begin_new_epoch_if_due(queue);
}

void Sender::flush() {
  for (auto& [id, batch] : batches_) {
    if (batch->state == State::gathering) batch->state = State::waiting;
  }
}

bool Sender::may_leave(const Queue& queue, const Batch& batch, int64_t now_ms) const {
  if (batch.state == State::in_flight || queue.in_flight >= options_.in_flight_max) return false;
  if (options_.is_idempotent && (queue.has_gap || (queue.producer_id < 0 && producer_id_ < 0))) return false;
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
      if (queue.producer_id < 0) begin_epoch(queue);
      seal(queue, *batch, queue.next_sequence);
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

void Sender::seal(const Queue& queue, Batch& batch, int32_t base_sequence) {
  record::BatchOptions& batch_options = batch.builder.options();
  if (options_.is_idempotent) {
    batch.base_sequence = base_sequence;
    batch_options.producer_id = queue.producer_id;
    batch_options.producer_epoch = queue.producer_epoch;
    batch_options.base_sequence = base_sequence;
  }
  batch_options.codec = options_.codec;
  batch.bytes = std::make_shared<const std::vector<std::byte>>(batch.builder.build());
  batch.state = State::waiting;  // takes no more records, whenever it leaves
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
  seal(queue, *halves[0], whole->base_sequence);
  seal(queue, *halves[1], record::sequence_after(std::max(whole->base_sequence, 0), halves[0]->record_count));

  buffered_bytes_ += halves[0]->buffered_bytes + halves[1]->buffered_bytes - whole->buffered_bytes;
  const auto place = queue.batches.erase(std::ranges::find(queue.batches, whole));
  queue.batches.insert(place, halves.begin(), halves.end());
  batches_.erase(whole->id);
}

bool Sender::is_worth_a_retry(const Batch& batch, ErrorCode code) const {
  if (batch.attempts > options_.retries_max) return false;
  return is_retriable(code) || (options_.is_idempotent && tells_of_a_gap(code));
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
  // The gap before a batch that is not the first is one that earlier ones, to be sent again, will fill.
  const bool is_first = queue.batches.front() == batch;
  const bool is_gap = tells_of_a_gap(error.code) && is_first;

  const bool in_time = now_ms < batch->created_ms + options_.delivery_timeout_ms;
  if (error.code == ErrorCode::none || error.code == ErrorCode::duplicate_sequence_number) {
    queue.is_known = true;
    finish(queue, batch, {}, base_offset, log_append_time_ms);
  } else if (error.code == ErrorCode::message_too_large && batch->record_count > 1) {
    split(queue, batch);
  } else if (in_time && is_worth_a_retry(*batch, error.code)) {
    batch->retry_at_ms = is_gap && batch->attempts == 1 ? now_ms : now_ms + options_.retry_backoff_ms;
    batch->may_be_appended |= !leaves_no_trace(error.code);
    queue.has_gap |= is_gap;
  } else {
    queue.has_gap |= is_gap || (is_first && !batch->may_be_appended && leaves_no_trace(error.code));
    finish(queue, batch, error, -1, -1);
  }
  begin_new_epoch_if_due(queue);
}

void Sender::finish(Queue& queue, const std::shared_ptr<Batch>& batch, Error error, int64_t base_offset,
                    int64_t log_append_time_ms) {
  std::erase(queue.batches, batch);
  batches_.erase(batch->id);
  buffered_bytes_ -= batch->buffered_bytes;
  deliveries_.push_back({batch->origin, batch->to, batch->first_index, batch->record_count, std::move(error),
                         base_offset, log_append_time_ms});
}

void Sender::begin_new_epoch_if_due(Queue& queue) {
  if (!queue.has_gap || queue.in_flight > 0 || !options_.is_idempotent) return;
  if (queue.producer_id == producer_id_) {
    if (producer_epoch_ == INT16_MAX)
      producer_id_ = -1;
    else
      ++producer_epoch_;
  }
  if (producer_id_ >= 0) begin_epoch(queue);
}

void Sender::begin_epoch(Queue& queue) {
  queue.producer_id = producer_id_;
  queue.producer_epoch = producer_epoch_;
  queue.next_sequence = 0;
  queue.is_known = queue.has_gap = false;
  for (const auto& batch : queue.batches) {
    if (!batch->bytes) continue;
    auto bytes = *batch->bytes;
    record::assign_producer(bytes, producer_id_, producer_epoch_, queue.next_sequence);
    batch->base_sequence = queue.next_sequence;
    queue.next_sequence = record::sequence_after(queue.next_sequence, batch->record_count);
    batch->bytes = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  }
}

void Sender::tick(int64_t now_ms) {
  std::vector<std::shared_ptr<Batch>> expired;
  for (const auto& [id, batch] : batches_) {
    if (batch->state != State::in_flight && now_ms >= batch->created_ms + options_.delivery_timeout_ms)
      expired.push_back(batch);
  }
  for (const auto& batch : expired) {
    Queue& queue = queues_[batch->to];
    queue.has_gap |= batch->bytes && batch->attempts == 0 && queue.batches.front() == batch;
    finish(
        queue, batch,
        {ErrorCode::request_timed_out,
         fmt::format("Expiring {} record(s) for {}-{}:{} ms has passed since batch creation",
                     batch->record_count, batch->to.topic, batch->to.partition, now_ms - batch->created_ms)},
        -1, -1);
    begin_new_epoch_if_due(queue);
  }
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
