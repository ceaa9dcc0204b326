#include "libbroker/net/frame_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"

namespace kt::net {
namespace {

constexpr size_t large_bytes = 32 << 10;  // from here on a copy costs more than one more recv
constexpr size_t head_bytes = 4 << 10;    // of a frame that is expected to be large

}  // namespace

/// The memory of a frame that is charged as it fills. Nothing is touched before it comes, so it costs no
/// more.
class FrameReader::ClaimedFrame {
 public:
  ClaimedFrame(MemoryBudget& budget, size_t size)
      : budget_(budget), size_(size), bytes_(std::make_unique_for_overwrite<std::byte[]>(size)) {}
  ~ClaimedFrame() { budget_.release(charged_); }
  ClaimedFrame(const ClaimedFrame&) = delete;

  void charge(size_t filled) {
    const size_t wanted = std::min(size_, filled + claim_bytes_max);
    if (wanted <= charged_) return;
    if (budget_.is_overrun()) throw std::bad_alloc();
    budget_.charge(wanted - charged_);
    charged_ = wanted;
  }
  std::byte* bytes() const { return bytes_.get(); }

 private:
  MemoryBudget& budget_;
  const size_t size_;
  const std::unique_ptr<std::byte[]> bytes_;
  size_t charged_ = 0;
};

std::span<std::byte> FrameReader::buffer() {
  reads_in_place_ = body_ != nullptr && missing() >= large_bytes;
  if (reads_in_place_) return {body_.get() + filled_, missing()};
  return expects_large_ ? landing_.first(std::min(head_bytes, landing_.size())) : landing_;
}

void FrameReader::on_read(size_t count, Fifo<Slice>& frames) {
  if (reads_in_place_) {
    filled_ += count;
    if (claimed_) claimed_->charge(filled_);
    return finish_if_whole(frames);
  }
  for (std::span<const std::byte> bytes = landing_.first(count); !bytes.empty();) {
    bytes = bytes.subspan(has_prefix() ? take_body(bytes) : take_prefix(bytes));
    finish_if_whole(frames);
  }
}

size_t FrameReader::take_prefix(std::span<const std::byte> bytes) {
  const size_t count = std::min(prefix_.size() - prefix_count_, bytes.size());
  std::memcpy(prefix_.data() + prefix_count_, bytes.data(), count);
  prefix_count_ += count;
  if (!has_prefix()) return count;
  const auto size = load_be<int32_t>(prefix_.data());
  if (size < 0 || static_cast<uint32_t>(size) > frame_bytes_max_) {
    throw BadFrame(fmt::format("a frame of {} bytes, the limit is {}", size, frame_bytes_max_),
                   as_text(prefix_));
  }
  size_ = static_cast<size_t>(size);
  begin_body();
  return count;
}

void FrameReader::begin_body() {
  if (size_ <= claim_bytes_max) {
    body_ = std::allocate_shared_for_overwrite<std::byte[]>(BudgetAllocator<std::byte>(budget_), size_);
    return;
  }
  claimed_ = std::make_shared<ClaimedFrame>(budget_, size_);
  claimed_->charge(0);
  body_ = std::shared_ptr<std::byte[]>(claimed_, claimed_->bytes());
}

size_t FrameReader::take_body(std::span<const std::byte> bytes) {
  const size_t count = std::min(missing(), bytes.size());
  std::memcpy(body_.get() + filled_, bytes.data(), count);
  filled_ += count;
  if (claimed_) claimed_->charge(filled_);
  return count;
}

void FrameReader::finish_if_whole(Fifo<Slice>& frames) {
  if (!has_prefix() || missing() > 0) return;
  const std::span<const std::byte> bytes(body_.get(), size_);
  frames.push({bytes, std::move(body_)});
  claimed_.reset();
  expects_large_ = size_ >= large_bytes;
  prefix_count_ = size_ = filled_ = 0;
}

std::span<std::byte> writable_bytes(const Slice& part) {
  KT_ASSERT(part.owner != nullptr || part.size() == 0);
  return {const_cast<std::byte*>(part.data()), part.size()};
}

}  // namespace kt::net
