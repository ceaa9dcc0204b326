#include "libbroker/consuming/fetched.h"

#include <fmt/core.h>

#include <limits>

#include "libbroker/record/control.h"

namespace kt::consuming {
namespace {

using record::BatchHeader, record::BatchView, record::RecordReader, record::RecordView;

Error corrupt(int64_t offset, std::string_view why) {
  return {ErrorCode::corrupt_message, fmt::format("the batch at offset {} cannot be read: {}", offset, why)};
}

}  // namespace

Fetched::Fetched(Slice bytes, int64_t fetch_offset, std::vector<AbortedTransaction> aborted, Options options)
    : bytes_(std::move(bytes)), options_(options), end_offset_(fetch_offset), position_(fetch_offset) {
  for (const AbortedTransaction& transaction : aborted)
    aborted_.emplace(transaction.first_offset, transaction.producer_id);
  for (size_t at = 0; at < bytes_.size();) {
    const auto header = BatchHeader::parse(bytes_.bytes.subspan(at));
    if (!header || header->size_bytes() > bytes_.size() - at) break;
    end_offset_ = std::max(end_offset_, header->next_offset());
    end_epoch_ = header->partition_leader_epoch();
    at += header->size_bytes();
  }
}

Result<bool> Fetched::next(ConsumedRecord& record, record::Decompressor& decompressor) {
  for (;;) {
    if (!batch_) {
      const Result<bool> has_batch = next_batch(decompressor);
      if (!has_batch || !*has_batch) return has_batch;
    }
    for (RecordView view; reader_.next(view);) {
      int64_t offset = 0;  // what a record says of itself is nowhere checked before
      if (__builtin_add_overflow(batch_->base_offset(), view.offset_delta, &offset) ||
          offset == std::numeric_limits<int64_t>::max())
        return fail(corrupt(batch_->base_offset(), "a record's offset is out of range"));
      if (offset < position_) continue;
      position_ = offset + 1;
      position_epoch_ = batch_->partition_leader_epoch();
      take(view, record);
      return true;
    }
    if (reader_.fault()) return fail(corrupt(batch_->base_offset(), reader_.fault()));
    position_ = std::max(position_, batch_->next_offset());  // compaction may have taken the last record
    position_epoch_ = batch_->partition_leader_epoch();
    bytes_ = bytes_.sub(batch_->size_bytes());
    batch_.reset();
  }
}

Result<bool> Fetched::next_batch(record::Decompressor& decompressor) {
  while (bytes_.size() > 0) {
    const auto batch = BatchView::parse(bytes_.bytes);
    if (!batch) {
      if (batch.error().kind == record::BatchFault::Kind::incomplete) return false;
      return fail(corrupt(position_, batch.error().reason));
    }
    if (options_.checks_crcs && !batch->verify_crc())
      return fail(corrupt(batch->base_offset(), "its CRC is wrong"));
    const bool is_aborted_batch = options_.reads_committed && is_aborted(*batch);
    if (batch->is_control() || is_aborted_batch || batch->next_offset() <= position_) {
      position_ = std::max(position_, batch->next_offset());
      position_epoch_ = batch->partition_leader_epoch();
      bytes_ = bytes_.sub(batch->size_bytes());
      continue;
    }
    std::vector<std::byte> scratch;
    const auto plain = record::plain_records(*batch, decompressor, scratch, options_.batch_bytes_max);
    if (!plain) return fail(corrupt(batch->base_offset(), plain.error().message));
    const size_t plain_bytes = plain->size();
    const bool is_in_place = scratch.empty();
    plain_ = is_in_place ? Slice{*plain, bytes_.owner} : Slice::own(std::move(scratch)).sub(0, plain_bytes);
    reader_ = RecordReader(plain_.bytes, batch->record_count());
    batch_ = *batch;
    return true;
  }
  return false;
}

/// Transactions open at their first offset and close at their marker, in the order of the log.
bool Fetched::is_aborted(const BatchView& batch) {
  if (!batch.has_producer_id()) return false;
  while (!aborted_.empty() && aborted_.begin()->first <= batch.last_offset()) {
    aborting_.insert(aborted_.begin()->second);
    aborted_.erase(aborted_.begin());
  }
  if (batch.is_control()) {
    const auto marker = record::decode_end_marker(batch);
    if (marker && *marker && !(*marker)->is_commit) aborting_.erase(batch.producer_id());
    return false;
  }
  return batch.is_transactional() && aborting_.contains(batch.producer_id());
}

void Fetched::take(const RecordView& view, ConsumedRecord& record) const {
  const auto share = [&](std::span<const std::byte> bytes) {
    return Slice{bytes, bytes.data() ? plain_.owner : nullptr};
  };
  record.offset = batch_->offset_of(view);
  record.timestamp = batch_->timestamp_of(view);
  record.timestamp_type = batch_->timestamp_type();
  record.leader_epoch = batch_->partition_leader_epoch();
  record.key = share(view.key);
  record.value = share(view.value);
  record.headers.clear();
  for (const record::Header& header : view.headers)
    record.headers.emplace_back(header.key, share(header.value));
}

}  // namespace kt::consuming
