#include "libbroker/record/validator.h"

#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/record_scanner.h"

namespace kt::record {
namespace {

// However much a rule allows: what is rebuilt must fit a batch's int32 length, even where varints grow.
constexpr size_t decompressed_bytes_ceiling = 512 << 20;

size_t decompressed_bytes_max(const ProduceRules& rules) {
  return std::min(rules.decompressed_bytes_max, decompressed_bytes_ceiling);
}

std::unexpected<Rejection> reject(ErrorCode code, std::string message) {
  return std::unexpected(Rejection{{code, std::move(message)}});
}

// now + delta, at the end of the range where it would leave it.
int64_t shifted(int64_t now_ms, int64_t delta_ms) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(now_ms, delta_ms, &sum)) return sum;
  return delta_ms < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

std::expected<BatchView, Rejection> parse_only_batch(std::span<const std::byte> payload) {
  const auto batch = BatchView::parse(payload);
  if (!batch) {
    const bool is_corrupt = batch.error().kind == BatchFault::Kind::corrupt;
    return reject(is_corrupt ? ErrorCode::corrupt_message : ErrorCode::invalid_record,
                  "The records are not one batch of magic 2: " + std::string(batch.error().reason) + ".");
  }
  if (batch->size_bytes() != payload.size())
    return reject(ErrorCode::invalid_record, "The records are more than one batch.");
  return *batch;
}

// All that can be said without looking at the records (LogValidator.validateBatch, UnifiedLog).
std::expected<void, Rejection> check_header(const BatchView& batch, const ProduceRules& rules) {
  if (batch.codec() == Codec::zstd && !rules.allows_zstd)
    return reject(ErrorCode::unsupported_compression_type,
                  "Produce requests before version 7 may not use zstd.");
  if (batch.base_offset() != 0)
    return reject(ErrorCode::invalid_record, "The base offset of the batch is not 0.");
  if (batch.size_bytes() > rules.batch_bytes_max)
    return reject(ErrorCode::message_too_large, "The batch has " + std::to_string(batch.size_bytes()) +
                                                    " bytes, more than the limit of " +
                                                    std::to_string(rules.batch_bytes_max) + ".");
  if (!batch.verify_crc()) return reject(ErrorCode::corrupt_message, "The CRC of the batch is wrong.");
  if (batch.record_count() == 0) return reject(ErrorCode::invalid_record, "The batch has no records.");
  if (batch.last_offset_delta() != batch.record_count() - 1)
    return reject(ErrorCode::invalid_record,
                  "The last offset delta " + std::to_string(batch.last_offset_delta()) +
                      " does not go with the count of " + std::to_string(batch.record_count()) + " records.");
  if (batch.is_control())
    return reject(ErrorCode::invalid_record, "Clients are not allowed to write control records.");
  if (batch.has_producer_id() && batch.base_sequence() < 0)
    return reject(ErrorCode::invalid_record, "The batch has a producer id without a sequence number.");
  return {};
}

}  // namespace

/// What one walk over the records looks for, and has found.
struct Validator::Walk {
  Walk(const BatchView& checked, const ProduceRules& topic, int64_t now_ms)
      : batch(checked),
        rules(topic),
        checks_range(topic.timestamp_type == TimestampType::create_time),
        refuses_append_time(checked.timestamp_type() == TimestampType::log_append_time),
        base_timestamp(checked.base_timestamp()),
        append_time(checked.max_timestamp()),
        oldest(shifted(now_ms, -topic.timestamp_before_ms_max)),
        newest(shifted(now_ms, topic.timestamp_after_ms_max)) {}

  int64_t timestamp_of(int64_t delta) const {
    if (refuses_append_time) return append_time;
    return static_cast<int64_t>(static_cast<uint64_t>(base_timestamp) + static_cast<uint64_t>(delta));
  }

  /// Whether nothing is unusual about any of these records, which then have been seen.
  bool see_all(const RecordSummary& all) {
    int64_t first, last;
    if (refuses_append_time || __builtin_add_overflow(base_timestamp, all.timestamp_delta_min, &first) ||
        __builtin_add_overflow(base_timestamp, all.timestamp_delta_max, &last))
      return false;
    if (checks_range && (first < oldest || newest < last)) return false;
    if (rules.is_compacted && !all.has_key_everywhere) return false;
    max_timestamp = std::max(max_timestamp, last);
    return true;
  }

  void see(int64_t timestamp, bool has_key, int32_t offset_delta) {
    max_timestamp = std::max(max_timestamp, timestamp);
    const bool is_in_range = !checks_range || (oldest <= timestamp && timestamp <= newest);
    if (is_in_range && !refuses_append_time && (has_key || !rules.is_compacted)) [[likely]] {
      ++index;
      return;
    }
    see_unusual(timestamp, has_key, offset_delta);
    ++index;
  }

  void see_unusual(int64_t timestamp, bool has_key, int32_t offset_delta) {
    if (rules.is_compacted && !has_key)
      return note(ErrorCode::invalid_record,
                  "Compacted topic cannot accept message without key in topic partition " +
                      std::string(rules.topic_partition));
    if (checks_range && timestamp != no_timestamp) {
      if (oldest <= timestamp && timestamp <= newest) return;
      return note(ErrorCode::invalid_timestamp,
                  "Timestamp " + std::to_string(timestamp) + " of message with offset " +
                      std::to_string(offset_delta) + " is out of range. The timestamp should be within [" +
                      std::to_string(oldest) + ", " + std::to_string(newest) + "]");
    }
    if (refuses_append_time)
      note(ErrorCode::invalid_timestamp,
           "Invalid timestamp type in message. Producer should not set timestamp type to LogAppendTime.");
  }

  void note(ErrorCode code, std::string message) {
    has_timestamp_error |= code == ErrorCode::invalid_timestamp;
    ++error_count;
    if (errors.size() < record_errors_max) errors.push_back({index, std::move(message)});
  }

  std::expected<void, Rejection> verdict();

  const BatchView batch;
  const ProduceRules& rules;
  const bool checks_range, refuses_append_time;
  const int64_t base_timestamp, append_time;
  const int64_t oldest, newest;
  int64_t max_timestamp = no_timestamp;
  int32_t index = 0;
  bool has_timestamp_error = false;
  bool has_odd_offsets = false;
  size_t error_count = 0;
  std::vector<RecordError> errors;
};

std::expected<void, Rejection> Validator::Walk::verdict() {
  if (error_count == 0) return {};
  if (has_timestamp_error)
    return std::unexpected(Rejection{
        {ErrorCode::invalid_timestamp, "One or more records have been rejected due to invalid timestamp"},
        std::move(errors)});
  std::string first;
  for (const RecordError& error : std::span(errors).first(std::min<size_t>(errors.size(), 3))) {
    if (!first.empty()) first += ", ";
    first += "RecordError(batchIndex=" + std::to_string(error.index) + ", message='" + error.message + "')";
  }
  return std::unexpected(Rejection{
      {ErrorCode::invalid_record,
       "One or more records have been rejected due to " + std::to_string(error_count) +
           " record errors in total, and only showing the first three errors at most: [" + first + "]"},
      std::move(errors)});
}

Validator::Validator() : buffer_(RecordScanner::buffer_bytes) {}

std::expected<Validated, Rejection> Validator::validate(std::span<const std::byte> payload,
                                                        const ProduceRules& rules, int64_t now_ms) {
  const auto parsed = parse_only_batch(payload);
  if (!parsed) return std::unexpected(parsed.error());
  const BatchView& batch = *parsed;
  if (auto checked = check_header(batch, rules); !checked) return std::unexpected(std::move(checked.error()));

  const bool has_other_codec = rules.codec.value_or(batch.codec()) != batch.codec();
  Walk walk(batch, rules, now_ms);
  std::expected<void, Rejection> walked;
  if (batch.codec() == Codec::none) {
    walked = walk_plain(walk);
  } else if (rules.trusts_compressed_headers && !rules.is_compacted && !has_other_codec) {
    walk.see(batch.max_timestamp(), true, batch.last_offset_delta());
  } else {
    walked = walk_compressed(walk);
  }
  if (walked) walked = walk.verdict();
  if (!walked) return std::unexpected(std::move(walked.error()));

  const bool is_append_time = rules.timestamp_type == TimestampType::log_append_time;
  const int64_t max_timestamp = is_append_time ? now_ms : walk.max_timestamp;
  return Validated{
      .batch = batch,
      .timestamp_type = rules.timestamp_type,
      .max_timestamp = max_timestamp,
      .needs_stamp = batch.timestamp_type() != rules.timestamp_type || batch.max_timestamp() != max_timestamp,
      .needs_rebuild = has_other_codec || walk.has_odd_offsets};
}

// Offset deltas are not looked at here, as Kafka does not; readers count on the header's.
std::expected<void, Rejection> Validator::walk_plain(Walk& walk) {
  RecordReader reader = walk.batch.records();
  RecordSummary all;
  if (!reader.summarize(all))
    return reject(ErrorCode::invalid_record, "The batch is malformed: " + std::string(reader.fault()));
  if (walk.see_all(all)) return {};
  reader = walk.batch.records();
  for (RecordView record; reader.next(record);)
    walk.see(walk.timestamp_of(record.timestamp_delta), record.key.data() != nullptr, record.offset_delta);
  return {};
}

std::expected<void, Rejection> Validator::walk_compressed(Walk& walk) {
  // Malformed though its CRC is right: the client made it so, and would make it so again (no retriable
  // error).
  const auto refuse = [](const Error& error) {
    const auto code = error.code == ErrorCode::corrupt_message ? ErrorCode::invalid_record : error.code;
    return reject(code, "The batch is malformed: " + error.message);
  };
  const BatchView& batch = walk.batch;
  const auto started = decompressor_.start(batch.codec(), batch.body(), decompressed_bytes_max(walk.rules));
  if (!started) return refuse(started.error());
  RecordScanner scanner(decompressor_, buffer_, batch.record_count());
  ScannedRecord record;
  while (true) {
    const auto more = scanner.next(record);
    if (!more) return refuse(more.error());
    if (!*more) return {};
    walk.has_odd_offsets |= record.offset_delta != walk.index;
    walk.see(walk.timestamp_of(record.timestamp_delta), record.has_key, record.offset_delta);
  }
}

Result<std::vector<std::byte>> Validator::rebuild(const Validated& validated, const ProduceRules& rules) {
  const BatchView& batch = validated.batch;
  std::vector<std::byte> scratch;  // not kept: it may be large, and is seldom needed
  const auto plain = plain_records(batch, decompressor_, scratch, decompressed_bytes_max(rules));
  if (!plain) return fail(plain.error());

  BatchOptions options = options_like(batch);
  options.codec = rules.codec.value_or(batch.codec());
  options.compression_level = rules.compression_level;
  options.log_append_time_ms.reset();
  if (validated.timestamp_type == TimestampType::log_append_time)
    options.log_append_time_ms = validated.max_timestamp;
  options.delete_horizon_ms.reset();
  BatchBuilder builder(options);
  RecordReader reader(*plain, batch.record_count());
  std::vector<Header> headers;
  for (RecordView record; reader.next(record);) {
    headers.clear();
    for (const Header& header : record.headers) headers.push_back(header);
    builder.append({batch.timestamp_of(record), record.key, record.value, headers});
  }
  if (reader.fault())
    return fail(ErrorCode::invalid_record, "The batch is malformed: " + std::string(reader.fault()));
  std::vector<std::byte> rebuilt = builder.build();
  if (rebuilt.size() > rules.batch_bytes_max)
    return fail(ErrorCode::message_too_large, "The batch has " + std::to_string(rebuilt.size()) +
                                                  " bytes when compressed anew, more than the limit of " +
                                                  std::to_string(rules.batch_bytes_max) + ".");
  return rebuilt;
}

void stamp(std::span<std::byte> bytes, const Validated& validated) {
  KT_ASSERT(bytes.size() == validated.batch.size_bytes());
  if (validated.timestamp_type == TimestampType::log_append_time)
    stamp_log_append_time(bytes, validated.max_timestamp);
  else
    stamp_create_time(bytes, validated.max_timestamp);
}

}  // namespace kt::record
