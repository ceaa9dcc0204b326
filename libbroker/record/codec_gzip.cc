#include <zlib.h>

#include <algorithm>
#include <limits>

#include "libbroker/base/assert.h"
#include "libbroker/record/codec_stream.h"

namespace kt::record {
namespace {

constexpr int gzip_window_bits = 15 + 16;  // the largest window; +16: RFC 1952 around it
constexpr int default_memory_level = 8;

Bytef* in(std::span<const std::byte> bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));  // zlib's next_in is not const
}

class GzipStream final : public CodecStream {
 public:
  GzipStream() { KT_ASSERT(inflateInit2(&z_, gzip_window_bits) == Z_OK); }
  ~GzipStream() override { inflateEnd(&z_); }

  Result<void> start(std::span<const std::byte> compressed, size_t) override {
    KT_ASSERT(compressed.size() <= std::numeric_limits<uInt>::max());
    KT_ASSERT(inflateReset(&z_) == Z_OK);
    z_.next_in = in(compressed);
    z_.avail_in = static_cast<uInt>(compressed.size());
    done_ = false;
    return {};
  }

  Result<size_t> read(std::span<std::byte> into) override {
    const auto room = static_cast<uInt>(std::min<size_t>(into.size(), std::numeric_limits<uInt>::max()));
    z_.next_out = reinterpret_cast<Bytef*>(into.data());
    z_.avail_out = room;
    while (z_.avail_out > 0 && !done_) {
      const int status = inflate(&z_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        done_ = z_.avail_in == 0;  // else another member follows
        KT_ASSERT(inflateReset(&z_) == Z_OK);
      } else if (status != Z_OK) {
        return fail(ErrorCode::corrupt_message, "The gzip data is malformed or cut off.");
      }
    }
    return room - z_.avail_out;
  }

 private:
  z_stream z_ = {};
  bool done_ = false;
};

}  // namespace

std::unique_ptr<CodecStream> make_gzip_stream() { return std::make_unique<GzipStream>(); }

void compress_gzip(std::optional<int> level, std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  KT_ASSERT(bytes.size() <= std::numeric_limits<uInt>::max());
  z_stream z = {};
  const int zlib_level = level.value_or(Z_DEFAULT_COMPRESSION);
  KT_ASSERT(deflateInit2(&z, zlib_level, Z_DEFLATED, gzip_window_bits, default_memory_level,
                         Z_DEFAULT_STRATEGY) == Z_OK);
  const size_t start = out.size();
  out.resize(start + deflateBound(&z, bytes.size()));
  z.next_in = in(bytes);
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data() + start);
  z.avail_out = static_cast<uInt>(out.size() - start);
  KT_ASSERT(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(start + z.total_out);
  deflateEnd(&z);
}

}  // namespace kt::record
