// Two bytes of choices, then what one partition of a Produce request carries, or several of them one after
// the other: the header's view, the records, checksums, the leader's check, producers, and the batch rebuilt.
#include "libbroker/record/batch.h"

#include <algorithm>
#include <vector>

#include "libbroker/base/bytes.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/compression.h"
#include "libbroker/record/control.h"
#include "libbroker/record/crc32c.h"
#include "libbroker/record/producer_state.h"
#include "libbroker/record/record_scanner.h"
#include "libbroker/record/validator.h"
#include "tests/fuzz/target.h"

namespace kt::fuzz {
namespace {

using namespace record;

constexpr size_t head_bytes = 2, small_buffer_bytes = 24, plain_bytes_max = 2 << 20;
constexpr int64_t now_ms = 1'700'000'000'000;
enum Choice : uint8_t {
  seals = 1,
  is_compacted = 2,
  is_append_time = 4,
  trusts_headers = 8,
  recompresses = 16,
  has_short_range = 32,
  refuses_zstd = 64,
};

ProduceRules rules_of(uint8_t choices, uint8_t more) {
  ProduceRules rules;
  rules.is_compacted = choices & is_compacted;
  if (choices & is_append_time) rules.timestamp_type = TimestampType::log_append_time;
  rules.trusts_compressed_headers = choices & trusts_headers;
  if (choices & recompresses) rules.codec = static_cast<Codec>(more % codec_count);
  if (choices & has_short_range) rules.timestamp_before_ms_max = 3'600'000;
  rules.allows_zstd = !(choices & refuses_zstd);
  rules.decompressed_bytes_max = plain_bytes_max;
  rules.topic_partition = "topic-0";
  return rules;
}

// Kafka's writer and kt's have the same idea of a record: what is read can be written, and reads the same.
void check_rebuilt(const BatchView& batch, std::span<const std::byte> plain) {
  if (batch.is_control() || batch.record_count() == 0) return;
  BatchOptions options = options_like(batch);
  options.codec = Codec::none;
  BatchBuilder builder(options);
  RecordReader reader(plain, batch.record_count());
  std::vector<Header> headers;
  std::vector<RecordView> written;
  int64_t least = batch.base_offset();
  for (RecordView record; reader.next(record);) {
    if (record.offset_delta < 0 || record.offset_delta > batch.last_offset_delta()) return;
    if (batch.base_offset() < 0 || batch.offset_of(record) < least) return;
    least = batch.offset_of(record) + 1;
    headers.clear();
    for (const Header& header : record.headers) headers.push_back(header);
    builder.append_at(batch.offset_of(record),
                      {batch.timestamp_of(record), record.key, record.value, headers});
    written.push_back(record);
  }
  if (reader.fault() || written.empty()) return;
  const std::vector<std::byte> bytes = builder.build();
  const auto rebuilt = BatchView::parse(bytes);
  expect(rebuilt && rebuilt->verify_crc() && rebuilt->size_bytes() == bytes.size(), "a rebuilt batch is one");
  expect(rebuilt->last_offset() == batch.last_offset(), "a rebuilt batch ends where it did");
  RecordReader again = rebuilt->records();
  RecordView record;
  for (const RecordView& wanted : written) {
    expect(again.next(record), "a rebuilt batch has as many records");
    expect(rebuilt->offset_of(record) == batch.offset_of(wanted), "a rebuilt record keeps its offset");
    expect(rebuilt->timestamp_of(record) == batch.timestamp_of(wanted), "a rebuilt record keeps its time");
    expect(std::ranges::equal(record.key, wanted.key) && std::ranges::equal(record.value, wanted.value),
           "a rebuilt record keeps key and value");
    expect(record.headers.size() == wanted.headers.size(), "a rebuilt record keeps its headers");
  }
  expect(!again.next(record) && !again.fault(), "a rebuilt batch has no more records");
}

// The two walks over records agree: the reader, which wants them in memory, and the scanner, which does not.
void check_walks(const BatchView& batch) {
  static Decompressor decompressor, other;
  static std::vector<std::byte> scratch;
  const auto plain = plain_records(batch, decompressor, scratch, plain_bytes_max);
  if (!plain || (batch.record_count() == 0 && batch.codec() != Codec::none)) return;
  RecordReader reader(*plain, batch.record_count());
  expect(other.start(batch.codec(), batch.body(), plain_bytes_max).has_value(), "a codec starts twice");
  std::array<std::byte, small_buffer_bytes> buffer;
  RecordScanner scanner(other, buffer, batch.record_count());
  RecordView record;
  ScannedRecord scanned;
  while (true) {
    const bool read = reader.next(record);
    const auto more = scanner.next(scanned);
    expect(reader.fault() == nullptr || !more, "the scanner refuses what the reader refuses");
    expect(reader.fault() != nullptr || more, "the scanner reads what the reader reads");
    if (!more || !read) break;
    expect(*more, "the scanner sees as many records");
    expect(scanned.timestamp_delta == record.timestamp_delta && scanned.offset_delta == record.offset_delta &&
               scanned.has_key == (record.key.data() != nullptr),
           "the scanner sees the same record");
    int32_t headers = 0;
    for (const Header& header : record.headers) headers += header.key.data() != nullptr;
    expect(headers == record.headers.size(), "every header has a key");
    static_cast<void>(batch.timestamp_of(record));
  }
  if (!reader.fault()) check_rebuilt(batch, *plain);
}

void check_produced(std::span<const std::byte> payload, const ProduceRules& rules) {
  static Validator validator;
  const auto validated = validator.validate(payload, rules, now_ms);
  if (!validated) return;
  std::vector<std::byte> bytes(payload.begin(), payload.end());
  if (validated->needs_rebuild) {
    auto rebuilt = validator.rebuild(*validated, rules);
    if (!rebuilt) return;
    bytes = std::move(*rebuilt);
  } else if (validated->needs_stamp) {
    stamp(bytes, *validated);
  }
  const auto batch = BatchView::parse(bytes);
  expect(batch && batch->size_bytes() == bytes.size() && batch->verify_crc(), "what is appended is a batch");
  expect(batch->max_timestamp() == validated->max_timestamp, "what is appended states its time");
  expect(batch->timestamp_type() == rules.timestamp_type, "what is appended has the topic's kind of time");
  expect(!rules.codec || batch->codec() == *rules.codec, "what is appended has the topic's codec");
  // No client may say so; as in Kafka it may where the time is good, and then the records' own were not
  // looked at.
  const auto says_append_time = [](const BatchView& b) {
    return b.timestamp_type() == TimestampType::log_append_time;
  };
  if (says_append_time(*batch) || says_append_time(validated->batch)) return;
  ProduceRules of_any_version = rules;
  of_any_version.allows_zstd = true;  // the topic's codec may be what an old request's may not
  const auto again = validator.validate(bytes, of_any_version, now_ms);
  expect(again && !again->needs_rebuild && !again->needs_stamp, "what is appended is good as it is");
}

void check_control(std::span<const std::byte> bytes) {
  if (const auto type = decode_control_key(bytes))
    expect(decode_control_key(encode_control_key(*type)) == type,
           "the key of a marker reads as it was written");
}

// The batches of a log, as far as they may follow each other there, each of them sent twice, and once more to
// a broker that has started since.
void check_producers(std::span<const std::byte> bytes) {
  std::vector<BatchView> appended;
  for (const Origin origin : {Origin::client, Origin::replica}) {
    ProducerState producers;
    int64_t end_offset = 0;
    auto rest = bytes;
    for (auto batch = BatchView::parse(rest); batch; batch = BatchView::parse(rest)) {
      static_cast<void>(decode_end_marker(*batch));
      if (batch->base_offset() < end_offset || batch->max_timestamp() < 0) break;  // of no log
      end_offset = batch->next_offset();
      for (int i = 0; i < 2; ++i) {
        const auto duplicate = producers.check(*batch, origin);
        if (!duplicate || *duplicate) break;
        static_cast<void>(producers.append(*batch));
        appended.push_back(*batch);
      }
      rest = rest.subspan(batch->size_bytes());
    }
    producers.remove_expired(now_ms, INT64_MAX);  // a record's own time may be before any
    ProducerState restored;
    restored.restore(producers.snapshot(), now_ms, INT64_MAX);
    expect(restored.snapshot() == producers.snapshot(), "producers come back from their snapshot");
    for (const BatchView& batch : appended) static_cast<void>(restored.check(batch, origin));
    appended.clear();
  }
}

// Whichever instructions compute it, of the whole or of two pieces.
void check_checksum(std::span<const std::byte> bytes, size_t first_piece) {
  const auto first = bytes.first(std::min(first_piece, bytes.size())), second = bytes.subspan(first.size());
  const uint32_t whole = crc32c(bytes);
  for (const Crc32cImplementation& crc : crc32c_implementations())
    expect(crc.compute(bytes, 0) == whole && crc.compute(second, crc.compute(first, 0)) == whole,
           "every way to compute a checksum gives the same");
}

}  // namespace
}  // namespace kt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kt;
  if (size < fuzz::head_bytes) return 0;
  const auto input = fuzz::input_of(data, size).subspan(fuzz::head_bytes);
  std::vector<std::byte> payload(input.begin(), input.end());
  const auto parsed = record::BatchView::parse(payload);
  if (parsed) {
    if (data[0] & fuzz::seals) record::seal(std::span(payload).first(parsed->size_bytes()));
    static_cast<void>(parsed->delete_horizon_ms());
    static_cast<void>(parsed->last_sequence());
    fuzz::check_walks(*parsed);
  }
  fuzz::check_producers(payload);
  fuzz::check_control(payload);
  fuzz::check_checksum(payload, data[1]);
  fuzz::check_produced(payload, fuzz::rules_of(data[0], data[1]));
  return 0;
}
