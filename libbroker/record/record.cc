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

bool RecordReader::stop(const char* fault) {
  fault_ = fault;
  left_ = 0;
  return false;
}

}  // namespace kt::record
