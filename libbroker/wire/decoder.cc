#include "libbroker/wire/decoder.h"

#include <fmt/core.h>

#include <bit>
#include <limits>

#include "libbroker/base/bytes.h"

namespace kt::wire {
namespace {

constexpr uint32_t tags_max = 64;  // of a struct or a header, known or not: Kafka's largest has 6

}  // namespace

size_t Decoder::budget_for(size_t frame_bytes) {
  return std::min<size_t>((256 << 10) + 16 * frame_bytes, 64 << 20);
}

const std::byte* Decoder::need(size_t count) {
  if (count > remaining()) {
    throw DecodeError(fmt::format("{} bytes wanted at {}, {} left", count, position_, remaining()));
  }
  const std::byte* at = bytes_.data() + position_;
  position_ += count;
  return at;
}

uint32_t Decoder::unsigned_varint() {
  uint32_t n = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const auto byte = std::to_integer<uint32_t>(*need(1));
    if (shift == 28 && byte > 0x0F) break;
    n |= (byte & 0x7F) << shift;
    if (byte < 0x80) return n;
  }
  throw DecodeError(fmt::format("varint at {} is longer than 32 bits", position_));
}

void Decoder::skip_tags() {
  Tags tags;
  while (peek_tag(tags)) skip_tag(tags);
}

void Decoder::skip_tag(Tags& tags) {
  position_ = tags.next_end;
  tags.pending = false;
  --tags.left;
}

int64_t Decoder::integer(int64_t, size_t width) {
  const std::byte* at = need(width);
  switch (width) {
    case 1:
      return load_be<int8_t>(at);
    case 2:
      return load_be<int16_t>(at);
    case 4:
      return load_be<int32_t>(at);
    default:
      return load_be<int64_t>(at);
  }
}

bool Decoder::boolean(bool) { return *need(1) != std::byte{0}; }

bool Decoder::present(bool, int8_t null_marker) {
  const auto marker = load_be<int8_t>(need(1));
  return null_marker == null_tagged_struct ? marker != 0 : marker >= 0;
}

int64_t Decoder::bytes_length() {
  const int64_t count = flexible_ ? int64_t{unsigned_varint()} - 1 : load_be<int32_t>(need(4));
  if (count < -1) throw DecodeError(fmt::format("length {} at {}", count, position_));
  return count;
}

int64_t Decoder::length(int64_t) { return bytes_length(); }

int64_t Decoder::text_length() {
  const int64_t count = flexible_ ? int64_t{unsigned_varint()} - 1 : load_be<int16_t>(need(2));
  // As Kafka, also of compact strings: what is kept goes into records that can hold no more.
  if (count < -1 || count > std::numeric_limits<int16_t>::max())
    throw DecodeError(fmt::format("string length {} at {}", count, position_));
  return count;
}

void Decoder::charge(size_t memory_bytes) {
  if (memory_bytes > memory_left_)
    throw DecodeError("the message would take more memory than its size allows");
  memory_left_ -= memory_bytes;
}

void Decoder::admit(size_t count, size_t wire_bytes_min, size_t memory_bytes) {
  if (wire_bytes_min > 0 && count > remaining() / wire_bytes_min) {
    throw DecodeError(
        fmt::format("array of {} elements at {}, {} bytes left", count, position_, remaining()));
  }
  if (count > memory_left_ / memory_bytes) charge(memory_left_ + 1);
  charge(count * memory_bytes);
}

void Decoder::value(std::string& s) {
  const int64_t count = text_length();
  if (count < 0) refuse_null();
  charge(static_cast<size_t>(count));
  s = as_text({need(static_cast<size_t>(count)), static_cast<size_t>(count)});
}

void Decoder::value(std::optional<std::string>& s) {
  const bool may_be_null = null_ok_;
  const int64_t count = text_length();
  if (count < 0) {
    if (!may_be_null) refuse_null();
    return s.reset();
  }
  charge(static_cast<size_t>(count));
  s.emplace(as_text({need(static_cast<size_t>(count)), static_cast<size_t>(count)}));
}

void Decoder::value(Slice& s) {
  const bool may_be_null = null_ok_;
  const int64_t count = bytes_length();
  if (count < 0) {
    if (!may_be_null) refuse_null();
    s = {};
    return;
  }
  const size_t start = position_;
  need(static_cast<size_t>(count));
  s = count == 0 ? Slice::empty() : bytes_.sub(start, static_cast<size_t>(count));
}

void Decoder::value(Records& records) {
  Slice s;
  value(s);
  records.is_null = s.is_null();
  records.pieces.clear();
  if (!s.is_null()) records.pieces.emplace_back(std::move(s));
}

void Decoder::value(Uuid& id) {
  const std::byte* at = need(16);
  id = {load_be<uint64_t>(at), load_be<uint64_t>(at + 8)};
}

void Decoder::value(double& x) { x = std::bit_cast<double>(load_be<int64_t>(need(8))); }

void Decoder::open(char bracket) {
  if (bracket != '{') return;
  if (depth_ == depth_max) throw DecodeError("structs nested too deeply");
  tags_[depth_++] = {};
}

void Decoder::close(char bracket) {
  if (bracket != '}') return;
  Tags& tags = tags_[depth_ - 1];
  while (flexible_ && peek_tag(tags)) skip_tag(tags);  // what this version of kt does not know
  --depth_;
}

bool Decoder::peek_tag(Tags& tags) {
  if (!tags.begun) {
    tags.begun = true;
    tags.left = unsigned_varint();
    if (tags.left > tags_max)
      throw DecodeError(
          fmt::format("{} tagged fields at {}, {} are the most", tags.left, position_, tags_max));
  }
  if (tags.left == 0) return false;
  if (!tags.pending) {
    tags.next = unsigned_varint();
    if (int64_t{tags.next} <= tags.last)
      throw DecodeError(fmt::format("tag {} after tag {}", tags.next, tags.last));
    tags.last = tags.next;
    const uint32_t size = unsigned_varint();
    if (size > remaining())
      throw DecodeError(fmt::format("tag {} of {} bytes, {} left", tags.next, size, remaining()));
    tags.next_end = position_ + size;
    tags.pending = true;
  }
  return true;
}

bool Decoder::open_tag(uint32_t tag, bool) {
  Tags& tags = tags_[depth_ - 1];
  while (peek_tag(tags) && tags.next < tag) skip_tag(tags);
  return tags.left > 0 && tags.next == tag;
}

void Decoder::close_tag() {
  Tags& tags = tags_[depth_ - 1];
  if (position_ != tags.next_end)
    throw DecodeError(fmt::format("tag {} has {} bytes too many or too few", tags.next,
                                  static_cast<int64_t>(tags.next_end - position_)));
  tags.pending = false;
  --tags.left;
}

}  // namespace kt::wire
