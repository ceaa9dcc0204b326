#include <lz4frame.h>

#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/record/codec_stream.h"

namespace kt::record {
namespace {

// LZ4 frame format: magic, FLG (bits 7-6 version, bit 5 independent blocks, bit 0 dictionary id), BD, ...
constexpr std::byte magic[] = {std::byte{0x04}, std::byte{0x22}, std::byte{0x4d}, std::byte{0x18}};
constexpr size_t flag_at = 4;
constexpr std::byte flag_mask{0b1110'0011}, flag_wanted{0b0110'0000};

// Kafka's default level, 9, stands for the fast compressor; any other for the high one (levels 3 to 12).
constexpr int kafka_level_default = 9, fast_level = 0, high_level_min = 3, high_level_max = 12;

std::unexpected<Error> malformed() {
  return fail(ErrorCode::corrupt_message, "The LZ4 data is malformed or cut off.");
}

class Lz4Stream final : public CodecStream {
 public:
  Lz4Stream() { KT_ASSERT(!LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION))); }
  ~Lz4Stream() override { LZ4F_freeDecompressionContext(context_); }

  // As Kafka's own reader: one frame, no dictionary, no block that needs the one before.
  Result<void> start(std::span<const std::byte> compressed, size_t) override {
    if (compressed.size() <= flag_at || !std::ranges::equal(compressed.first(flag_at), magic))
      return malformed();
    if ((compressed[flag_at] & flag_mask) != flag_wanted) return malformed();
    LZ4F_resetDecompressionContext(context_);
    left_ = compressed;
    done_ = false;
    return {};
  }

  Result<size_t> read(std::span<std::byte> into) override {
    size_t count = 0;
    while (count < into.size() && !done_) {
      size_t written = into.size() - count, taken = left_.size();
      const size_t hint =
          LZ4F_decompress(context_, into.data() + count, &written, left_.data(), &taken, nullptr);
      if (LZ4F_isError(hint)) return malformed();
      count += written;
      left_ = left_.subspan(taken);
      done_ = hint == 0;
      if (done_ && !left_.empty()) return malformed();
      if (!done_ && written == 0 && taken == 0) return malformed();
    }
    return count;
  }

 private:
  LZ4F_dctx* context_ = nullptr;
  std::span<const std::byte> left_;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<CodecStream> make_lz4_stream() { return std::make_unique<Lz4Stream>(); }

void compress_lz4(std::optional<int> level, std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  LZ4F_preferences_t preferences = {};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  const int kafka_level = level.value_or(kafka_level_default);
  preferences.compressionLevel = kafka_level == kafka_level_default
                                     ? fast_level
                                     : std::clamp(kafka_level, high_level_min, high_level_max);
  const size_t start = out.size();
  out.resize(start + LZ4F_compressFrameBound(bytes.size(), &preferences));
  const size_t size =
      LZ4F_compressFrame(out.data() + start, out.size() - start, bytes.data(), bytes.size(), &preferences);
  KT_ASSERT(!LZ4F_isError(size));
  out.resize(start + size);
}

}  // namespace kt::record
