#include "libbroker/log/batch_filter.h"

#include "libbroker/log/offset_map.h"
#include "libbroker/record/batch_builder.h"

namespace kt::log {

using record::BatchView;
using record::RecordReader;
using record::RecordView;

constexpr size_t decompressed_bytes_max = 1 << 30;  // of one batch

bool BatchFilter::keeps(const BatchView& batch, const RecordView& record) const {
  const int64_t offset = batch.offset_of(record);
  if (batch.is_control() || offset >= map_end_offset_) return true;
  if (record.key.data() == nullptr || offset < map_.get(record.key)) return false;
  const auto horizon_ms = batch.delete_horizon_ms();
  return record.value.data() != nullptr || !horizon_ms || times_.now_ms < *horizon_ms;
}

Result<BatchFilter::Walk> BatchFilter::look_at(const BatchView& batch, std::span<const std::byte> records,
                                               bool drops_records) const {
  Walk walk{.keeps_all = !drops_records};
  if (drops_records) return walk;
  RecordReader reader(records, batch.record_count());
  int64_t delta_min = 0;  // a producer may have written any
  for (RecordView record; reader.next(record);) {
    if (record.offset_delta < delta_min || record.offset_delta > batch.last_offset_delta())
      return fail(ErrorCode::corrupt_message, "a record's offset is out of order");
    delta_min = int64_t{record.offset_delta} + 1;
    if (!keeps(batch, record)) {
      walk.keeps_all = false;
      continue;
    }
    ++walk.kept;
    walk.has_tombstone |= record.value.data() == nullptr;
  }
  if (reader.fault() != nullptr) return fail(ErrorCode::corrupt_message, reader.fault());
  return walk;
}

Result<std::span<const std::byte>> BatchFilter::filter(const BatchView& batch, const Verdict& verdict) {
  std::span<const std::byte> records;
  if (!verdict.drops_records) {
    const auto plain = record::plain_records(batch, decompressor_, plain_, decompressed_bytes_max);
    if (!plain) return fail(plain.error());
    records = *plain;
  }
  const auto walk = look_at(batch, records, verdict.drops_records);
  if (!walk) return fail(walk.error());
  if (walk->kept == 0) {
    if (!verdict.keeps_header) return std::span<const std::byte>();
    record::BatchBuilder header(record::options_like(batch));
    built_ = header.build();
    return built_;
  }
  const bool sets_horizon = (walk->has_tombstone || verdict.sets_horizon) && !batch.delete_horizon_ms();
  if (walk->keeps_all && !sets_horizon) return batch.bytes();
  return rebuild(batch, records, sets_horizon);
}

std::span<const std::byte> BatchFilter::rebuild(const BatchView& batch, std::span<const std::byte> records,
                                                bool sets_horizon) {
  auto options = record::options_like(batch);
  if (sets_horizon) options.delete_horizon_ms = times_.now_ms + times_.delete_retention_ms;
  record::BatchBuilder builder(options);
  RecordReader reader(records, batch.record_count());
  std::vector<record::Header> headers;
  for (RecordView record; reader.next(record);) {
    if (!keeps(batch, record)) continue;
    headers.clear();
    for (const record::Header& header : record.headers) headers.push_back(header);
    builder.append_at(batch.offset_of(record), {.timestamp = batch.timestamp_of(record),
                                                .key = record.key,
                                                .value = record.value,
                                                .headers = headers});
  }
  built_ = builder.build();
  return built_;
}

}  // namespace kt::log
