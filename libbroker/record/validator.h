#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/compression.h"

namespace kt::record {

/// What a batch may have when it is decompressed, where it may have `batch_bytes_max` as it comes. Kafka has
/// no limit: text that repeats itself comes at 50 to 1, and Java's producer fills batches by their compressed
/// size.
constexpr size_t decompressed_bytes_max_of(size_t batch_bytes_max) {
  return std::max<size_t>(8 * batch_bytes_max, 128 << 20);
}

/// What a topic, and the request's version, ask of produced batches.
struct ProduceRules {
  TimestampType timestamp_type = TimestampType::create_time;              // message.timestamp.type
  int64_t timestamp_before_ms_max = std::numeric_limits<int64_t>::max();  // message.timestamp.before.max.ms
  int64_t timestamp_after_ms_max = 3'600'000;                             // message.timestamp.after.max.ms
  bool is_compacted = false;                                              // cleanup.policy contains compact
  std::optional<Codec> codec = {};                                        // compression.type; none: producer
  std::optional<int> compression_level = {};                              // compression.<codec>.level
  size_t batch_bytes_max = 1'048'588;                                     // max.message.bytes
  size_t decompressed_bytes_max = decompressed_bytes_max_of(1'048'588);
  bool allows_zstd = true;  // Produce v7 and later
  /// Compressed batches: only their header is looked at, unless a rule is about keys or they get another
  /// codec (kt.validate.compressed=header).
  bool trusts_compressed_headers = false;
  std::string_view topic_partition = {};  // "orders-0", for messages
};

/// A record that was refused, by its place in the batch.
struct RecordError {
  int32_t index = 0;
  std::string message;
  bool operator==(const RecordError&) const = default;
};

/// Why a batch was refused: all of it, always.
struct Rejection {
  Error error;
  std::vector<RecordError> records = {};  // the first record_errors_max, where single records are to blame
};

/// A batch that may be appended once it states what is said here.
struct Validated {
  BatchView batch;
  TimestampType timestamp_type;
  int64_t max_timestamp;  // of the records; the broker's time with log_append_time
  bool needs_stamp;       // the header says other timestamps: stamp()
  bool needs_rebuild;     // another codec, or offset deltas that do not count 0, 1, 2 …: rebuild()
};

/// The leader's check of the records that a client produced to one partition. Every byte is looked at once;
/// nothing is allocated for a batch that is good. Holds a buffer and the codecs' memory: one per thread.
class Validator {
 public:
  static constexpr size_t record_errors_max = 1000;

  Validator();
  /// `payload` is what one partition of a Produce request carries; it must be one batch. Errors:
  /// invalid_record, corrupt_message, message_too_large, invalid_timestamp, unsupported_compression_type.
  std::expected<Validated, Rejection> validate(std::span<const std::byte> payload, const ProduceRules& rules,
                                               int64_t now_ms);
  /// The batch anew, with the topic's codec, consecutive offset deltas, and timestamps as validated. Errors:
  /// message_too_large.
  Result<std::vector<std::byte>> rebuild(const Validated& validated, const ProduceRules& rules);

 private:
  struct Walk;
  std::expected<void, Rejection> walk_plain(Walk& walk);
  std::expected<void, Rejection> walk_compressed(Walk& walk);

  Decompressor decompressor_;
  std::vector<std::byte> buffer_;  // for one walk
};

/// Makes the batch at `bytes`, the payload that was validated, state its timestamps.
void stamp(std::span<std::byte> bytes, const Validated& validated);

}  // namespace kt::record
