#include "libbroker/record/record.h"

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

// An integer of one or two bytes, both of which are there to be read; false for a longer one.
[[gnu::always_inline]] inline bool read_short_leb128(const std::byte*& at, uint32_t& value) {
  const auto first = static_cast<uint32_t>(at[0]), second = static_cast<uint32_t>(at[1]);
  if (first < 0x80) {
    value = first;
    at += 1;
    return true;
  }
  value = (first & 0x7f) | second << 7;
  at += 2;
  return second < 0x80;
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

bool RecordReader::scan(ScannedRecord& record) {
  if (scan_usual(record)) [[likely]]
    return true;
  RecordView view;
  if (!next(view)) return false;
  record = {view.timestamp_delta, view.offset_delta, view.key.data() != nullptr};
  return true;
}

/// A record without headers whose lengths and deltas take one or two bytes each, and that is not at the very
/// end: what has to be checked of one is little. False: not one of these, and nothing has happened.
inline bool RecordReader::scan_usual(ScannedRecord& record) {
  constexpr ptrdiff_t head_bytes_max = 16;  // all that is read before the key, and more
  if (left_ == 0 || end_ - at_ < head_bytes_max) return false;
  const std::byte* at = at_;
  uint32_t length, timestamp, offset, key, value;
  bool is_short = read_short_leb128(at, length);
  const std::byte* const body = at;
  ++at;  // attributes
  is_short &= read_short_leb128(at, timestamp);
  is_short &= read_short_leb128(at, offset);
  is_short &= read_short_leb128(at, key);
  // Zig-zag: odd is negative. A negative length of the record, or a delta, is for the other way.
  if (!is_short || (length & 1) || end_ - at < static_cast<ptrdiff_t>(key >> 1) + 2) return false;
  const bool has_key = !(key & 1);
  if (!has_key && key != 1) return false;
  if (has_key) at += key >> 1;
  if (!read_short_leb128(at, value)) return false;
  const bool has_value = !(value & 1);
  if (!has_value && value != 1) return false;
  if (has_value && end_ - at <= static_cast<ptrdiff_t>(value >> 1)) return false;
  if (has_value) at += value >> 1;
  if (at == end_ || *at++ != std::byte{0}) return false;  // the count of headers
  if (at - body != static_cast<ptrdiff_t>(length >> 1)) return false;
  record = {unzigzag(uint64_t{timestamp}), unzigzag(offset), has_key};
  at_ = at;
  --left_;
  return true;
}

bool RecordReader::stop(const char* fault) {
  fault_ = fault;
  left_ = 0;
  return false;
}

}  // namespace kt::record
