#include "libbroker/record/compression.h"

#include <algorithm>
#include <cstring>

#include "libbroker/base/assert.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/codec_stream.h"

namespace kt::record {
namespace {

constexpr std::string_view names[codec_count] = {"none", "gzip", "snappy", "lz4", "zstd"};

std::unique_ptr<CodecStream> make_stream(Codec codec) {
  switch (codec) {
    case Codec::none:
      return make_plain_stream();
    case Codec::gzip:
      return make_gzip_stream();
    case Codec::snappy:
      return make_snappy_stream();
    case Codec::lz4:
      return make_lz4_stream();
    case Codec::zstd:
      return make_zstd_stream();
  }
  KT_ASSERT(false);
  return nullptr;
}

class PlainStream final : public CodecStream {
 public:
  Result<void> start(std::span<const std::byte> bytes, size_t) override {
    left_ = bytes;
    return {};
  }
  Result<size_t> read(std::span<std::byte> into) override {
    const size_t count = std::min(left_.size(), into.size());
    if (count > 0) std::memcpy(into.data(), left_.data(), count);
    left_ = left_.subspan(count);
    return count;
  }

 private:
  std::span<const std::byte> left_;
};

}  // namespace

std::unique_ptr<CodecStream> make_plain_stream() { return std::make_unique<PlainStream>(); }

std::string_view name_of(Codec codec) { return names[static_cast<size_t>(codec)]; }

std::optional<Codec> codec_named(std::string_view name) {
  if (name == "uncompressed") return Codec::none;
  const auto* found = std::ranges::find(names, name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<Codec>(found - names);
}

void compress(Codec codec, std::optional<int> level, std::span<const std::byte> bytes,
              std::vector<std::byte>& out) {
  switch (codec) {
    case Codec::none:
      out.insert(out.end(), bytes.begin(), bytes.end());
      return;
    case Codec::gzip:
      return compress_gzip(level, bytes, out);
    case Codec::snappy:
      return compress_snappy(bytes, out);
    case Codec::lz4:
      return compress_lz4(level, bytes, out);
    case Codec::zstd:
      return compress_zstd(level, bytes, out);
  }
  KT_ASSERT(false);
}

Decompressor::Decompressor() = default;
Decompressor::~Decompressor() = default;

Result<void> Decompressor::start(Codec codec, std::span<const std::byte> compressed,
                                 size_t output_bytes_max) {
  auto& stream = streams_[static_cast<size_t>(codec)];
  if (!stream) stream = make_stream(codec);
  current_ = stream.get();
  output_bytes_left_ = output_bytes_max;
  return stream->start(compressed, output_bytes_max);
}

Result<size_t> Decompressor::read(std::span<std::byte> into) {
  KT_ASSERT(current_ != nullptr);
  KT_ASSERT(!into.empty());
  const auto count = current_->read(into);
  if (!count) return count;
  if (*count > output_bytes_left_)
    return fail(ErrorCode::message_too_large, "The records are too large when decompressed.");
  output_bytes_left_ -= *count;
  return count;
}

Result<std::span<const std::byte>> plain_records(const BatchView& batch, Decompressor& decompressor,
                                                 std::vector<std::byte>& scratch, size_t output_bytes_max) {
  if (batch.codec() == Codec::none || batch.record_count() == 0) return batch.body();
  constexpr size_t step_bytes_min = 64 << 10;
  const auto started = decompressor.start(batch.codec(), batch.body(), output_bytes_max);
  if (!started) return fail(started.error());
  size_t size = 0;
  while (true) {
    if (scratch.size() - size < step_bytes_min) scratch.resize(std::max(2 * size, size + step_bytes_min));
    const auto count = decompressor.read(std::span(scratch).subspan(size));
    if (!count) return fail(count.error());
    if (*count == 0) return std::span<const std::byte>(scratch).first(size);
    size += *count;
  }
}

}  // namespace kt::record
