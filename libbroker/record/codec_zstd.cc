#include <zstd.h>

#include <algorithm>
#include <bit>

#include "libbroker/base/assert.h"
#include "libbroker/record/codec_stream.h"

namespace kt::record {
namespace {

// The window is memory that the frame's header asks for: 8 MiB is what every decoder should grant (RFC 8878
// §3.1.1.1.2), more only where as much may come out anyway, and never more than Java's 128 MiB.
constexpr int window_log_min = 23, window_log_max = 27;
constexpr size_t kept_bytes_max = 16 << 20;  // from one frame to the next

int window_log_for(size_t output_bytes_max) {
  return std::clamp(static_cast<int>(std::bit_width(output_bytes_max)), window_log_min, window_log_max);
}

std::unexpected<Error> malformed() {
  return fail(ErrorCode::corrupt_message, "The zstd data is malformed or cut off.");
}

class ZstdStream final : public CodecStream {
 public:
  ZstdStream() : context_(ZSTD_createDCtx()) { KT_ASSERT(context_ != nullptr); }
  ~ZstdStream() override { ZSTD_freeDCtx(context_); }

  Result<void> start(std::span<const std::byte> compressed, size_t output_bytes_max) override {
    if (ZSTD_sizeof_DCtx(context_) > kept_bytes_max) {
      ZSTD_freeDCtx(context_);
      context_ = ZSTD_createDCtx();
      KT_ASSERT(context_ != nullptr);
    }
    ZSTD_DCtx_reset(context_, ZSTD_reset_session_only);
    const int window_log = window_log_for(output_bytes_max);
    KT_ASSERT(!ZSTD_isError(ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, window_log)));
    in_ = {compressed.data(), compressed.size(), 0};
    between_frames_ = false;
    return {};
  }

  Result<size_t> read(std::span<std::byte> into) override {
    ZSTD_outBuffer out = {into.data(), into.size(), 0};
    while (out.pos < out.size) {
      if (between_frames_ && in_.pos == in_.size) break;
      const size_t hint = ZSTD_decompressStream(context_, &out, &in_);
      if (ZSTD_isError(hint)) return malformed();
      between_frames_ = hint == 0;
      if (!between_frames_ && in_.pos == in_.size && out.pos < out.size) return malformed();
    }
    return out.pos;
  }

 private:
  ZSTD_DCtx* context_;
  ZSTD_inBuffer in_ = {nullptr, 0, 0};
  bool between_frames_ = false;
};

}  // namespace

std::unique_ptr<CodecStream> make_zstd_stream() { return std::make_unique<ZstdStream>(); }

void compress_zstd(std::optional<int> level, std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  const size_t start = out.size();
  out.resize(start + ZSTD_compressBound(bytes.size()));
  const size_t size = ZSTD_compress(out.data() + start, out.size() - start, bytes.data(), bytes.size(),
                                    level.value_or(ZSTD_CLEVEL_DEFAULT));
  KT_ASSERT(!ZSTD_isError(size));
  out.resize(start + size);
}

}  // namespace kt::record
