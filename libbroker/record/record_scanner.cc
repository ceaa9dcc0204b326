#include "libbroker/record/record_scanner.h"

#include <algorithm>
#include <cstring>

#include "libbroker/base/assert.h"
#include "libbroker/record/compression.h"
#include "libbroker/record/record.h"
#include "libbroker/record/varint.h"

namespace kt::record {
namespace {

Error malformed_record() { return {ErrorCode::invalid_record, "a record is malformed"}; }
Error malformed_length() { return {ErrorCode::invalid_record, "a record's length does not fit its batch"}; }

}  // namespace

RecordScanner::RecordScanner(Decompressor& decompressor, std::span<std::byte> buffer, int32_t count)
    : decompressor_(decompressor), buffer_(buffer), at_(buffer.data()), end_(buffer.data()), left_(count) {
  KT_ASSERT(buffer.size() >= 2 * varlong_bytes_max);
}

Result<bool> RecordScanner::next(ScannedRecord& record) {
  if (const auto got = ensure(varint_bytes_max); !got) return fail(got.error());
  if (left_ == 0) {
    if (available() > 0) return fail(ErrorCode::invalid_record, "bytes are left after the last record");
    return false;
  }
  int32_t length = 0;
  const std::byte* const body = read_varint(at_, end_, length);
  if (!body) return fail(ErrorCode::invalid_record, "a record's length is malformed");
  if (length < 0) return fail(malformed_length());
  at_ = body;
  --left_;

  const auto size = static_cast<uint32_t>(length);
  if (size > buffer_.size() / 2) {
    if (const auto scanned = scan_large(size, record); !scanned) return fail(scanned.error());
    return true;
  }
  if (const auto got = ensure(size); !got) return fail(got.error());
  if (available() < size) return fail(malformed_length());
  RecordView view;
  if (!parse_record({at_, size}, view)) return fail(malformed_record());
  record = {view.timestamp_delta, view.offset_delta, view.key.data() != nullptr};
  at_ += size;
  return true;
}

Result<void> RecordScanner::ensure(size_t count) {
  if (available() >= count) return {};
  const size_t kept = available();
  std::memmove(buffer_.data(), at_, kept);
  at_ = buffer_.data();
  end_ = at_ + kept;
  while (available() < count) {
    const auto got = decompressor_.read(buffer_.subspan(available()));
    if (!got) return fail(got.error());
    if (*got == 0) break;
    end_ += *got;
  }
  return {};
}

// As parse_record.
Result<void> RecordScanner::scan_large(uint32_t left, ScannedRecord& record) {
  Result<void> got = skip(left, 1);  // attributes
  if (got) got = read(left, record.timestamp_delta);
  if (got) got = read(left, record.offset_delta);
  if (!got) return got;
  const auto has_key = skip_bytes(left, -1);
  if (!has_key) return fail(has_key.error());
  record.has_key = *has_key;
  if (const auto value = skip_bytes(left, -1); !value) return fail(value.error());
  int32_t headers = 0;
  if (got = read(left, headers); !got) return got;
  if (headers < 0) return fail(malformed_record());
  for (; headers > 0; --headers) {
    if (const auto key = skip_bytes(left, 0); !key) return fail(key.error());
    if (const auto value = skip_bytes(left, -1); !value) return fail(value.error());
  }
  return left == 0 ? Result<void>() : fail(malformed_record());
}

Result<void> RecordScanner::read(uint32_t& left, int32_t& value) {
  if (const auto got = ensure(varint_bytes_max); !got) return got;
  const std::byte* const after = read_varint(at_, at_ + std::min<size_t>(left, available()), value);
  return after ? skip(left, static_cast<size_t>(after - at_)) : fail(malformed_record());
}

Result<void> RecordScanner::read(uint32_t& left, int64_t& value) {
  if (const auto got = ensure(varlong_bytes_max); !got) return got;
  const std::byte* const after = read_varlong(at_, at_ + std::min<size_t>(left, available()), value);
  return after ? skip(left, static_cast<size_t>(after - at_)) : fail(malformed_record());
}

Result<void> RecordScanner::skip(uint32_t& left, size_t count) {
  if (count > left) return fail(malformed_record());
  left -= static_cast<uint32_t>(count);
  while (count > 0) {
    if (const auto got = ensure(1); !got) return got;
    if (available() == 0) return fail(malformed_length());
    const size_t step = std::min(count, available());
    at_ += step;
    count -= step;
  }
  return {};
}

// Passes over a length and as many bytes; answers whether they are not null.
Result<bool> RecordScanner::skip_bytes(uint32_t& left, int32_t length_min) {
  int32_t length = 0;
  Result<void> got = read(left, length);
  if (got && length < length_min) got = fail(malformed_record());
  if (got && length > 0) got = skip(left, static_cast<size_t>(length));
  if (!got) return fail(got.error());
  return length >= 0;
}

}  // namespace kt::record
