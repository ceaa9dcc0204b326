#include "libbroker/fault/frames.h"

#include <algorithm>
#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"

namespace kt::fault {
namespace {

// size:int32 api_key:int16 api_version:int16 correlation_id:int32 client_id:nullable_string; an answer has
// the correlation id alone.
constexpr size_t size_bytes = 4, api_offset = 4, request_correlation_offset = 8, client_offset = 12;
constexpr size_t answer_head_bytes = 8;
constexpr uint64_t endless = std::numeric_limits<uint64_t>::max() / 2;

}  // namespace

size_t FrameCutter::head_bytes_needed() const {
  if (head_.size() < size_bytes) return size_bytes;
  const auto size = load_be<int32_t>(head_.data());
  if (size < 0) return size_bytes;
  const size_t whole = size_bytes + static_cast<size_t>(size);
  if (carries_ == Carries::answers) return std::min(answer_head_bytes, whole);
  const size_t with_length = std::min(client_offset + sizeof(int16_t), whole);
  if (head_.size() < with_length || with_length < client_offset + sizeof(int16_t)) return with_length;
  const auto length = load_be<int16_t>(head_.data() + client_offset);
  return std::min(with_length + static_cast<size_t>(std::max<int16_t>(length, 0)), whole);
}

FrameCutter::Cut FrameCutter::next(std::span<const std::byte> bytes) {
  if (left_ > 0) {
    const size_t count = std::min<uint64_t>(left_, bytes.size());
    left_ -= count;
    return {count, std::nullopt};
  }
  Cut cut;
  for (size_t needed; head_.size() < (needed = head_bytes_needed());) {
    const size_t count = std::min(needed - head_.size(), bytes.size() - cut.bytes);
    if (count == 0) return cut;
    head_.insert(head_.end(), bytes.begin() + static_cast<ptrdiff_t>(cut.bytes),
                 bytes.begin() + static_cast<ptrdiff_t>(cut.bytes + count));
    cut.bytes += count;
  }
  const auto size = load_be<int32_t>(head_.data());
  FrameHead head;
  const auto has = [&](size_t end) { return head_.size() >= end; };
  if (carries_ == Carries::answers) {
    if (has(answer_head_bytes)) head.correlation_id = load_be<int32_t>(head_.data() + size_bytes);
  } else if (has(client_offset)) {
    head.api = load_be<int16_t>(head_.data() + api_offset);
    head.correlation_id = load_be<int32_t>(head_.data() + request_correlation_offset);
    const size_t client = client_offset + sizeof(int16_t);
    if (has(client))
      head.client.assign(reinterpret_cast<const char*>(head_.data() + client), head_.size() - client);
  }
  // What is no size is no frame ("ruok"): the rest passes as it comes.
  left_ = size < 0 ? endless : size_bytes + static_cast<uint64_t>(size) - head_.size();
  head_.clear();
  cut.head = std::move(head);
  return cut;
}

void FrameCutter::skip(uint64_t count) {
  KT_ASSERT(count <= left_);
  left_ -= count;
}

}  // namespace kt::fault
