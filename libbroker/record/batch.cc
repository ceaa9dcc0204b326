#include "libbroker/record/batch.h"

#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/record/crc32c.h"

namespace kt::record {
namespace {

constexpr size_t magic_at = 16, crc_at = 17, attributes_at = 21, max_timestamp_at = 35, producer_id_at = 43,
                 producer_epoch_at = 51, base_sequence_at = 53;
constexpr int16_t timestamp_type_bit = 0x08;
constexpr uint32_t length_min = batch_header_bytes - batch_prefix_bytes;
constexpr uint32_t old_length_min = 14;  // a message of magic 0 without key and value

std::unexpected<BatchFault> incomplete(size_t bytes_needed) {
  return std::unexpected(
      BatchFault{BatchFault::Kind::incomplete, bytes_needed, "the bytes end inside a batch"});
}
std::unexpected<BatchFault> corrupt(std::string_view reason) {
  return std::unexpected(BatchFault{BatchFault::Kind::corrupt, 0, reason});
}
std::unexpected<BatchFault> malformed(std::string_view reason) {
  return std::unexpected(BatchFault{BatchFault::Kind::malformed, 0, reason});
}

void stamp(std::span<std::byte> batch, TimestampType type, int64_t max_timestamp) {
  KT_ASSERT(batch.size() >= batch_header_bytes);
  auto attributes =
      static_cast<int16_t>(load_be<int16_t>(batch.data() + attributes_at) & ~timestamp_type_bit);
  if (type == TimestampType::log_append_time) attributes |= timestamp_type_bit;
  store_be(batch.data() + attributes_at, attributes);
  store_be(batch.data() + max_timestamp_at, max_timestamp);
  seal(batch);
}

}  // namespace

std::expected<BatchHeader, BatchFault> BatchHeader::parse(std::span<const std::byte> bytes) {
  if (bytes.size() <= magic_at) return incomplete(magic_at + 1);
  const auto length = load_be<int32_t>(bytes.data() + 8);
  if (length < static_cast<int32_t>(old_length_min)) return corrupt("the length is too small for any batch");
  const auto magic = load_be<int8_t>(bytes.data() + magic_at);
  if (magic == 0 || magic == 1)
    return std::unexpected(BatchFault{BatchFault::Kind::old_format, 0, "the magic is 0 or 1"});
  if (magic != batch_magic) return corrupt("the magic is unknown");
  if (length < static_cast<int32_t>(length_min)) return corrupt("the length is smaller than the header");
  if (bytes.size() < batch_header_bytes) return incomplete(batch_header_bytes);

  const BatchHeader header(bytes.data());
  if (header.codec() > Codec::zstd) return malformed("the compression codec is unknown");
  if (header.last_offset_delta() < 0) return malformed("the last offset delta is negative");
  if (header.record_count() < 0) return malformed("the record count is negative");
  if (header.base_offset() >= std::numeric_limits<int64_t>::max() - header.last_offset_delta())
    return malformed("the last offset overflows");
  return header;
}

std::expected<BatchView, BatchFault> BatchView::parse(std::span<const std::byte> bytes) {
  const auto header = BatchHeader::parse(bytes);
  if (!header) return std::unexpected(header.error());
  if (bytes.size() < header->size_bytes()) return incomplete(header->size_bytes());
  return BatchView(*header);
}

bool BatchView::verify_crc() const { return crc32c(bytes().subspan(attributes_at)) == crc(); }

RecordReader BatchView::records() const {
  KT_ASSERT(codec() == Codec::none);
  return RecordReader(body(), record_count());
}

void assign_offset(std::span<std::byte> batch, int64_t base_offset, int32_t partition_leader_epoch) {
  KT_ASSERT(batch.size() >= batch_header_bytes);
  store_be(batch.data(), base_offset);
  store_be(batch.data() + 12, partition_leader_epoch);
}

void stamp_log_append_time(std::span<std::byte> batch, int64_t now_ms) {
  stamp(batch, TimestampType::log_append_time, now_ms);
}

void stamp_create_time(std::span<std::byte> batch, int64_t max_timestamp) {
  stamp(batch, TimestampType::create_time, max_timestamp);
}

void assign_producer(std::span<std::byte> batch, int64_t producer_id, int16_t producer_epoch,
                     int32_t base_sequence) {
  KT_ASSERT(batch.size() >= batch_header_bytes);
  store_be(batch.data() + producer_id_at, producer_id);
  store_be(batch.data() + producer_epoch_at, producer_epoch);
  store_be(batch.data() + base_sequence_at, base_sequence);
  seal(batch);
}

void seal(std::span<std::byte> batch) {
  KT_ASSERT(batch.size() >= batch_header_bytes);
  KT_ASSERT(batch.size() == batch_prefix_bytes + load_be<uint32_t>(batch.data() + 8));
  store_be(batch.data() + crc_at, crc32c(batch.subspan(attributes_at)));
}

}  // namespace kt::record
