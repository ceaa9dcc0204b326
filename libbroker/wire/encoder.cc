#include "libbroker/wire/encoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"

namespace kt::wire {

std::vector<Piece> Encoder::take() {
  KT_ASSERT(struct_starts_.empty() && outer_.empty());
  const Slice all = Slice::own(std::exchange(out_, {}));
  std::vector<Piece> pieces;
  pieces.reserve(references_.size() * 2 + 1);
  size_t done = 0;
  for (Reference& reference : references_) {
    if (reference.at > done) pieces.emplace_back(all.sub(done, reference.at - done));
    pieces.push_back(std::move(reference.piece));
    done = reference.at;
  }
  if (all.size() > done) pieces.emplace_back(all.sub(done));
  references_.clear();
  return pieces;
}

std::vector<std::byte> Encoder::take_bytes() {
  std::vector<std::byte> bytes;
  for (const Piece& piece : take()) {
    const Slice& slice = std::get<Slice>(piece);
    bytes.insert(bytes.end(), slice.bytes.begin(), slice.bytes.end());
  }
  return bytes;
}

void Encoder::unsigned_varint(uint32_t n) {
  for (; n >= 0x80; n >>= 7) out_.push_back(std::byte(n | 0x80));
  out_.push_back(std::byte(n));
}

void Encoder::request_header(int16_t api_key, int16_t api_version, int32_t correlation_id,
                             std::string_view client_id) {
  integer(api_key, 2);
  integer(api_version, 2);
  integer(correlation_id, 4);
  integer(static_cast<int64_t>(client_id.size()), 2);
  raw(as_bytes(client_id));
}

int64_t Encoder::integer(int64_t value, size_t width) {
  std::array<std::byte, 8> wide;
  store_be(wide.data(), value);
  out_.insert(out_.end(), wide.end() - static_cast<ptrdiff_t>(width), wide.end());
  return value;
}

bool Encoder::boolean(bool value) {
  out_.push_back(std::byte(value));
  return value;
}

int64_t Encoder::length(int64_t count) {
  if (count < 0 && !null_ok_) refuse_null();
  bytes_length(count);
  return count;
}

bool Encoder::present(bool is_there, int8_t null_marker) {
  if (!is_there && !null_ok_) refuse_null();
  out_.push_back(static_cast<std::byte>(is_there ? 1 : null_marker));
  return is_there;
}

void Encoder::bytes_length(int64_t count) {
  if (flexible_)
    unsigned_varint(static_cast<uint32_t>(count + 1));
  else
    integer(count, 4);
}

void Encoder::text(std::string_view s) {
  if (flexible_) {
    unsigned_varint(static_cast<uint32_t>(s.size() + 1));
  } else {
    if (s.size() > 32767)
      throw EncodeError("string of " + std::to_string(s.size()) + " bytes, 32767 is the most");
    integer(static_cast<int64_t>(s.size()), 2);
  }
  raw(as_bytes(s));
}

void Encoder::no_text() {
  if (!null_ok_) refuse_null();
  flexible_ ? unsigned_varint(0) : void(integer(-1, 2));
}

void Encoder::value(std::string& s) { text(s); }

void Encoder::value(std::optional<std::string>& s) { s ? text(*s) : no_text(); }

void Encoder::value(Slice& s) {
  if (s.is_null()) {
    if (!null_ok_) refuse_null();
    return bytes_length(-1);
  }
  bytes_length(static_cast<int64_t>(s.size()));
  refer(s);
}

void Encoder::value(Records& records) {
  if (records.is_null) {
    if (!null_ok_) refuse_null();
    return bytes_length(-1);
  }
  bytes_length(static_cast<int64_t>(records.size()));
  for (const Piece& piece : records.pieces) refer(piece);
}

void Encoder::refer(Piece piece) {
  const auto* slice = std::get_if<Slice>(&piece);
  const bool copy = slice && (slice->size() <= copy_bytes_max || !outer_.empty());
  KT_ASSERT(slice || outer_.empty());
  if (copy)
    raw(slice->bytes);
  else
    references_.push_back({out_.size(), std::move(piece)});
}

void Encoder::value(Uuid& id) {
  integer(static_cast<int64_t>(id.high), 8);
  integer(static_cast<int64_t>(id.low), 8);
}

void Encoder::value(double& x) { integer(std::bit_cast<int64_t>(x), 8); }

void Encoder::open(char bracket) {
  if (bracket == '{' && flexible_) struct_starts_.push_back(tags_.size());
}

void Encoder::close(char bracket) {
  if (bracket != '}' || !flexible_) return;
  const size_t start = struct_starts_.back();
  struct_starts_.pop_back();
  unsigned_varint(static_cast<uint32_t>(tags_.size() - start));
  for (size_t i = start; i < tags_.size(); ++i) {
    unsigned_varint(tags_[i].tag);
    unsigned_varint(static_cast<uint32_t>(tags_[i].bytes.size()));
    raw(tags_[i].bytes);
  }
  tags_.resize(start);
}

bool Encoder::open_tag(uint32_t tag, bool leave_out) {
  if (leave_out) return false;
  tags_.push_back({tag, {}});
  outer_.push_back(std::exchange(out_, {}));
  return true;
}

void Encoder::close_tag() {
  tags_.back().bytes = std::exchange(out_, std::move(outer_.back()));
  outer_.pop_back();
}

}  // namespace kt::wire
