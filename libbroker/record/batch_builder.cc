#include "libbroker/record/batch_builder.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"
#include "libbroker/record/compression.h"
#include "libbroker/record/varint.h"

namespace kt::record {
namespace {

constexpr auto record_bytes_max = static_cast<size_t>(std::numeric_limits<int32_t>::max());

size_t size_of_bytes(std::span<const std::byte> bytes) {
  if (!bytes.data()) return size_of_varint(-1);
  return size_of_varint(static_cast<int32_t>(bytes.size())) + bytes.size();
}

std::byte* write_bytes(std::byte* at, std::span<const std::byte> bytes) {
  if (!bytes.data()) return write_varint(at, -1);
  at = write_varint(at, static_cast<int32_t>(bytes.size()));
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

// A header's key is never null: an empty one may come without an address.
std::span<const std::byte> key_of(const Header& header) {
  return header.key.data() ? as_bytes(header.key) : as_bytes(std::string_view(""));
}

size_t size_of_fields(const NewRecord& record) {
  size_t size = size_of_bytes(record.key) + size_of_bytes(record.value) +
                size_of_varint(static_cast<int32_t>(record.headers.size()));
  for (const Header& header : record.headers)
    size += size_of_bytes(key_of(header)) + size_of_bytes(header.value);
  return size;
}

}  // namespace

BatchOptions options_like(const BatchHeader& header) {
  BatchOptions options{.base_offset = header.base_offset(),
                       .partition_leader_epoch = header.partition_leader_epoch(),
                       .codec = header.codec(),
                       .producer_id = header.producer_id(),
                       .producer_epoch = header.producer_epoch(),
                       .base_sequence = header.base_sequence(),
                       .is_transactional = header.is_transactional(),
                       .is_control = header.is_control(),
                       .delete_horizon_ms = header.delete_horizon_ms(),
                       .last_offset = header.last_offset(),
                       .max_timestamp_when_empty = header.max_timestamp()};
  if (header.timestamp_type() == TimestampType::log_append_time)
    options.log_append_time_ms = header.max_timestamp();
  return options;
}

BatchBuilder::BatchBuilder(const BatchOptions& options)
    : options_(options), next_offset_(options.base_offset), bytes_(batch_header_bytes) {
  base_timestamp_ = options.delete_horizon_ms.value_or(options.log_append_time_ms.value_or(no_timestamp));
}

void BatchBuilder::append_at(int64_t offset, const NewRecord& record) {
  const int64_t offset_delta = offset - options_.base_offset;
  KT_ASSERT(offset >= next_offset_);
  KT_ASSERT(offset_delta <= std::numeric_limits<int32_t>::max());
  if (record_count_ == 0 && !options_.delete_horizon_ms && !options_.log_append_time_ms)
    base_timestamp_ = record.timestamp;
  const int64_t timestamp = options_.log_append_time_ms.value_or(record.timestamp);
  const auto timestamp_delta =
      static_cast<int64_t>(static_cast<uint64_t>(timestamp) - static_cast<uint64_t>(base_timestamp_));

  const size_t body = 1 + size_of_varlong(timestamp_delta) +
                      size_of_varint(static_cast<int32_t>(offset_delta)) + size_of_fields(record);
  KT_ASSERT(body <= record_bytes_max);
  const size_t start = bytes_.size();
  bytes_.resize(start + size_of_varint(static_cast<int32_t>(body)) + body);
  std::byte* at = write_varint(bytes_.data() + start, static_cast<int32_t>(body));
  *at++ = std::byte{0};  // attributes
  at = write_varlong(at, timestamp_delta);
  at = write_varint(at, static_cast<int32_t>(offset_delta));
  at = write_bytes(at, record.key);
  at = write_bytes(at, record.value);
  at = write_varint(at, static_cast<int32_t>(record.headers.size()));
  for (const Header& header : record.headers) at = write_bytes(write_bytes(at, key_of(header)), header.value);
  KT_ASSERT(at == bytes_.data() + bytes_.size());

  max_timestamp_ = std::max(max_timestamp_, timestamp);
  next_offset_ = offset + 1;
  ++record_count_;
}

size_t BatchBuilder::record_size_bytes_max(const NewRecord& record) {
  return varint_bytes_max + 1 + varlong_bytes_max + varint_bytes_max + size_of_fields(record);
}

std::vector<std::byte> BatchBuilder::build() {
  if (record_count_ == 0) keep_header_only();
  if (options_.codec != Codec::none) compress_records();
  write_header();
  seal(bytes_);
  return std::move(bytes_);
}

void BatchBuilder::keep_header_only() {
  options_.codec = Codec::none;
  options_.delete_horizon_ms.reset();
  base_timestamp_ = no_timestamp;
  max_timestamp_ = options_.max_timestamp_when_empty;
}

void BatchBuilder::compress_records() {
  std::vector<std::byte> compressed(batch_header_bytes);
  compress(options_.codec, options_.compression_level, std::span(bytes_).subspan(batch_header_bytes),
           compressed);
  bytes_ = std::move(compressed);
}

void BatchBuilder::write_header() {
  KT_ASSERT(bytes_.size() <= record_bytes_max);
  const int64_t last_offset = options_.last_offset.value_or(next_offset_ - 1);
  KT_ASSERT(last_offset >= options_.base_offset);
  KT_ASSERT(last_offset >= next_offset_ - 1);
  auto attributes = static_cast<int16_t>(options_.codec);
  if (options_.log_append_time_ms) attributes |= 0x08;
  if (options_.is_transactional) attributes |= 0x10;
  if (options_.is_control) attributes |= 0x20;
  if (options_.delete_horizon_ms) attributes |= 0x40;
  std::byte* const at = bytes_.data();
  store_be(at, options_.base_offset);
  store_be(at + 8, static_cast<int32_t>(bytes_.size() - batch_prefix_bytes));
  store_be(at + 12, options_.partition_leader_epoch);
  store_be(at + 16, batch_magic);
  store_be(at + 21, attributes);
  store_be(at + 23, static_cast<int32_t>(last_offset - options_.base_offset));
  store_be(at + 27, base_timestamp_);
  store_be(at + 35, options_.log_append_time_ms.value_or(max_timestamp_));
  store_be(at + 43, options_.producer_id);
  store_be(at + 51, options_.producer_epoch);
  store_be(at + 53, options_.base_sequence);
  store_be(at + 57, record_count_);
}

}  // namespace kt::record
