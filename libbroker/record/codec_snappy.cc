#include <snappy.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"
#include "libbroker/record/codec_stream.h"

namespace kt::record {
namespace {

// snappy-java's SnappyOutputStream (xerial): magic, two int32 (its version, the oldest that can read it),
// then blocks, each an int32 length and that many bytes of raw snappy.
constexpr std::array<uint8_t, 8> xerial_magic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0x00};
constexpr size_t xerial_header_bytes = 16;
constexpr int32_t xerial_version = 1;
constexpr size_t xerial_block_bytes = 32 << 10;

// An element of 3 bytes copies 64 at most, so more than this is a lie (the length comes first, up to 4 GiB).
constexpr size_t expansion_max = 22;

const char* chars(std::span<const std::byte> bytes) { return reinterpret_cast<const char*>(bytes.data()); }

bool is_framed(std::span<const std::byte> bytes) {
  return bytes.size() >= xerial_magic.size() &&
         std::memcmp(bytes.data(), xerial_magic.data(), xerial_magic.size()) == 0;
}

std::unexpected<Error> malformed() {
  return fail(ErrorCode::corrupt_message, "The snappy data is malformed or cut off.");
}

class SnappyStream final : public CodecStream {
 public:
  Result<void> start(std::span<const std::byte> compressed, size_t output_bytes_max) override {
    ready_ = {};
    block_bytes_max_ = output_bytes_max;
    is_framed_ = is_framed(compressed);
    left_ = compressed;
    if (!is_framed_) {
      if (compressed.empty()) return malformed();
      return {};
    }
    if (compressed.size() < xerial_header_bytes) return malformed();
    if (load_be<int32_t>(compressed.data() + xerial_magic.size()) < xerial_version) return malformed();
    left_ = compressed.subspan(xerial_header_bytes);
    return {};
  }

  Result<size_t> read(std::span<std::byte> into) override {
    while (ready_.empty() && !left_.empty()) {
      const auto direct = uncompress_block(into);
      if (!direct) return direct;
      if (*direct > 0) return direct;
    }
    const size_t count = std::min(ready_.size(), into.size());
    if (count > 0) std::memcpy(into.data(), ready_.data(), count);
    ready_ = ready_.subspan(count);
    return count;
  }

 private:
  // The next block goes straight to `into` if it fits (the answer is its size), else to scratch_ (0).
  Result<size_t> uncompress_block(std::span<std::byte> into) {
    std::span<const std::byte> block = left_;
    if (is_framed_) {
      if (left_.size() < sizeof(int32_t)) return malformed();
      const auto length = load_be<int32_t>(left_.data());
      block = left_.subspan(sizeof(int32_t));
      if (length < 0 || static_cast<size_t>(length) > block.size()) return malformed();
      block = block.first(static_cast<size_t>(length));
    }
    left_ = left_.subspan(static_cast<size_t>(block.data() + block.size() - left_.data()));

    size_t size = 0;
    if (!snappy::GetUncompressedLength(chars(block), block.size(), &size)) return malformed();
    if (size > block.size() * expansion_max) return malformed();
    if (size > block_bytes_max_)
      return fail(ErrorCode::message_too_large, "The records are too large when decompressed.");
    const bool fits = size <= into.size();
    if (!fits && scratch_.size() < size) scratch_.resize(size);
    std::byte* const to = fits ? into.data() : scratch_.data();
    if (!snappy::RawUncompress(chars(block), block.size(), reinterpret_cast<char*>(to))) return malformed();
    if (fits) return size;
    ready_ = std::span(scratch_).first(size);
    return 0;
  }

  std::span<const std::byte> left_;   // compressed
  std::span<const std::byte> ready_;  // of scratch_, not yet read
  std::vector<std::byte> scratch_;
  size_t block_bytes_max_ = 0;
  bool is_framed_ = false;
};

}  // namespace

std::unique_ptr<CodecStream> make_snappy_stream() { return std::make_unique<SnappyStream>(); }

void compress_snappy(std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  const size_t start = out.size();
  const size_t blocks = (bytes.size() + xerial_block_bytes - 1) / xerial_block_bytes;
  const size_t block_bytes_max = sizeof(int32_t) + snappy::MaxCompressedLength(xerial_block_bytes);
  out.resize(start + xerial_header_bytes + blocks * block_bytes_max);
  std::byte* at = out.data() + start;
  std::memcpy(at, xerial_magic.data(), xerial_magic.size());
  store_be(at + 8, xerial_version);
  store_be(at + 12, xerial_version);
  at += xerial_header_bytes;
  while (!bytes.empty()) {
    const auto block = bytes.first(std::min(bytes.size(), xerial_block_bytes));
    size_t size = 0;
    snappy::RawCompress(chars(block), block.size(), reinterpret_cast<char*>(at + sizeof(int32_t)), &size);
    store_be(at, static_cast<int32_t>(size));
    at += sizeof(int32_t) + size;
    bytes = bytes.subspan(block.size());
  }
  out.resize(static_cast<size_t>(at - out.data()));
}

}  // namespace kt::record
