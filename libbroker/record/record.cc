#include "libbroker/record/record.h"

#include <algorithm>

#include "libbroker/record/varint.h"

namespace kt::record {
namespace {

// Reads a length and as many bytes; length -1 is null where that is allowed. Returns where they end, nullptr
// if malformed.
[[gnu::always_inline]] inline const std::byte* read_bytes(const std::byte* at, const std::byte* end,
                                                          int32_t length_min,
                                                          std::span<const std::byte>& bytes) {
  int32_t length = 0;
  at = read_varint(at, end, length);
  if (!at || length < length_min || length > end - at) return nullptr;
  if (length < 0) return bytes = {}, at;
  bytes = {at, static_cast<size_t>(length)};
  return at + length;
}

const std::byte* read_header(const std::byte* at, const std::byte* end, Header& header) {
  std::span<const std::byte> key;
  at = read_bytes(at, end, 0, key);
  if (!at) return nullptr;
  header.key = {reinterpret_cast<const char*>(key.data()), key.size()};
  return read_bytes(at, end, -1, header.value);
}

// Inlined into the walk: a call per record would be a fifth of its time.
[[gnu::always_inline]] inline bool parse(std::span<const std::byte> body, RecordView& record) {
  if (body.empty()) return false;
  const std::byte* const end = body.data() + body.size();
  const std::byte* at = body.data() + 1;  // attributes: none is defined
  at = read_varlong(at, end, record.timestamp_delta);
  if (at) at = read_varint(at, end, record.offset_delta);
  if (at) at = read_bytes(at, end, -1, record.key);
  if (at) at = read_bytes(at, end, -1, record.value);
  int32_t header_count = 0;
  if (at) at = read_varint(at, end, header_count);
  if (!at || header_count < 0) return false;
  record.headers = {header_count, {at, end}};
  Header header;
  for (int32_t i = 0; at && i < header_count; ++i) at = read_header(at, end, header);
  return at == end;
}

constexpr ptrdiff_t short_bytes_max = 3;

// An integer of up to three bytes, all of which are there to be read; false for a longer one.
[[gnu::always_inline]] inline bool read_short_leb128(const std::byte*& at, uint32_t& value) {
  const auto first = static_cast<uint32_t>(at[0]);
  if (first < 0x80) return value = first, ++at, true;
  const auto second = static_cast<uint32_t>(at[1]);
  value = (first & 0x7f) | (second & 0x7f) << 7;
  if (second < 0x80) return at += 2, true;
  const auto third = static_cast<uint32_t>(at[2]);
  value |= third << 14;
  at += short_bytes_max;
  return third < 0x80;
}

void add(int64_t timestamp_delta, bool has_key, RecordSummary& summary) {
  summary.timestamp_delta_min = std::min(summary.timestamp_delta_min, timestamp_delta);
  summary.timestamp_delta_max = std::max(summary.timestamp_delta_max, timestamp_delta);
  summary.has_key_everywhere &= has_key;
}

// A record without headers, with a value, whose lengths and deltas take up to three bytes each, and that is
// not at the very end: what has to be checked of one is little. Returns where it ends; nullptr: not one of
// these.
[[gnu::always_inline]] inline const std::byte* add_usual(const std::byte* at, const std::byte* end,
                                                         RecordSummary& summary) {
  constexpr ptrdiff_t head_bytes_max = 1 + 5 * short_bytes_max;
  if (end - at < head_bytes_max) return nullptr;
  uint32_t length, timestamp, offset, key, value;
  if (!read_short_leb128(at, length)) return nullptr;
  // Zig-zag: odd is negative.
  if (end - at < static_cast<ptrdiff_t>(length >> 1) + short_bytes_max) return nullptr;
  const std::byte* const after = at + (length >> 1);
  ++at;  // attributes
  if (!read_short_leb128(at, timestamp) || !read_short_leb128(at, offset) || !read_short_leb128(at, key))
    return nullptr;
  const bool has_key = key != 1;
  if (has_key) {
    if ((key & 1) || after - at < static_cast<ptrdiff_t>(key >> 1)) return nullptr;
    at += key >> 1;
  }
  if (!read_short_leb128(at, value) || ((length | value) & 1)) return nullptr;
  constexpr std::byte no_headers{0};
  if (after - at != static_cast<ptrdiff_t>(value >> 1) + 1 || after[-1] != no_headers) return nullptr;
  add(unzigzag(uint64_t{timestamp}), has_key, summary);
  return after;
}

}  // namespace

Headers::Iterator& Headers::Iterator::operator++() {
  done_ = next_ == end_;
  if (!done_) next_ = read_header(next_, end_, header_);
  return *this;
}

bool parse_record(std::span<const std::byte> body, RecordView& record) { return parse(body, record); }

bool RecordReader::next(RecordView& record) {
  if (left_ == 0) return at_ == end_ || fault_ ? false : stop("bytes are left after the last record");
  int32_t length = 0;
  const std::byte* const body = read_varint(at_, end_, length);
  if (!body) return stop("a record's length is malformed");
  if (length < 0 || length > end_ - body) return stop("a record's length does not fit its batch");
  if (!parse({body, static_cast<size_t>(length)}, record)) return stop("a record is malformed");
  at_ = body + length;
  --left_;
  return true;
}

bool RecordReader::summarize(RecordSummary& summary) {
  RecordSummary found = summary;
  while (true) {
    const std::byte* at = at_;
    int32_t left = left_;
    for (; left > 0; --left) {
      const std::byte* const after = add_usual(at, end_, found);
      if (!after) break;
      at = after;
    }
    at_ = at;
    left_ = left;
    RecordView view;
    if (!next(view)) break;
    add(view.timestamp_delta, view.key.data() != nullptr, found);
  }
  summary = found;
  return !fault_;
}

bool RecordReader::stop(const char* fault) {
  fault_ = fault;
  left_ = 0;
  return false;
}

}  // namespace kt::record
