// A codec, a direction, a limit, then bytes: compressed ones, or plain ones that make a round trip.
#include <algorithm>
#include <vector>

#include "libbroker/base/bytes.h"
#include "libbroker/record/compression.h"
#include "tests/fuzz/target.h"
#include "tests/support/allocated.h"

namespace kt::fuzz {
namespace {

using record::Codec, record::Decompressor;

constexpr size_t head_bytes = 4;
constexpr size_t output_bytes_ceiling = 4 << 20;
constexpr int64_t own_bytes = 4 << 10;  // of a decompressor and an error's sentence

struct Outcome {
  std::vector<std::byte> bytes;
  ErrorCode code = ErrorCode::none;
};

/// All that comes out, in pieces of `step` bytes.
Outcome decompress(Codec codec, std::span<const std::byte> compressed, size_t output_bytes_max, size_t step) {
  Outcome out;
  out.bytes.reserve(output_bytes_max + step);
  std::vector<std::byte> piece(step);
  const int64_t height = test::allocated_height_of([&] {
    Decompressor decompressor;
    auto started = decompressor.start(codec, compressed, output_bytes_max);
    if (!started) out.code = started.error().code;
    while (out.code == ErrorCode::none) {
      const auto count = decompressor.read(piece);
      if (!count) out.code = count.error().code;
      if (!count || *count == 0) break;
      expect(*count <= step, "no more comes out than there is room");
      out.bytes.insert(out.bytes.end(), piece.begin(), piece.begin() + static_cast<ptrdiff_t>(*count));
    }
  });
  expect(out.bytes.size() <= output_bytes_max, "no more comes out than the limit");
  expect(height <= static_cast<int64_t>(output_bytes_max) + own_bytes, "no memory is taken beyond the limit");
  expect(out.code == ErrorCode::none || out.code == ErrorCode::corrupt_message ||
             out.code == ErrorCode::message_too_large,
         "the error is one of the codecs'");
  return out;
}

void check_hostile(Codec codec, std::span<const std::byte> compressed, size_t output_bytes_max, size_t step) {
  const Outcome out = decompress(codec, compressed, output_bytes_max, step);
  const Outcome again = decompress(codec, compressed, output_bytes_max, 64 << 10);
  expect((out.code == ErrorCode::none) == (again.code == ErrorCode::none), "pieces make no difference");
  if (out.code == ErrorCode::none) expect(out.bytes == again.bytes, "pieces give the same bytes");
}

void check_round_trip(Codec codec, std::optional<int> level, std::span<const std::byte> plain, size_t step) {
  std::vector<std::byte> compressed;
  record::compress(codec, level, plain, compressed);
  const Outcome out = decompress(codec, compressed, plain.size(), step);
  expect(out.code == ErrorCode::none, "what was compressed is whole");
  expect(std::ranges::equal(out.bytes, plain), "what was compressed comes out again");
  if (plain.empty()) return;
  const Outcome less = decompress(codec, compressed, plain.size() - 1, step);
  expect(less.code == ErrorCode::message_too_large, "the limit is told");
  const std::span cut = std::span(compressed).first(compressed.size() - 1);
  expect(codec == Codec::none || decompress(codec, cut, plain.size(), step).code != ErrorCode::none,
         "what is cut off is not whole");
}

}  // namespace
}  // namespace kt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kt;
  const auto input = fuzz::input_of(data, size);
  if (input.size() < fuzz::head_bytes) return 0;
  const auto codec = static_cast<record::Codec>(data[0] % record::codec_count);
  const bool is_compressed = data[1] % 2 == 0;
  const bool has_level = data[1] & 2;
  const auto bytes = input.subspan(fuzz::head_bytes);
  const size_t step = data[2] < 250 ? 1 + size_t{data[2]} * 31 : 64 << 10;
  if (is_compressed) {
    const size_t output_bytes_max = fuzz::output_bytes_ceiling >> data[3] % 16;
    fuzz::check_hostile(codec, bytes, output_bytes_max, step);
  } else {
    const int level_max = codec == record::Codec::gzip ? 9 : codec == record::Codec::lz4 ? 17 : 19;
    const auto level = has_level ? std::optional<int>(1 + data[3] % level_max) : std::nullopt;
    fuzz::check_round_trip(codec, level, bytes, step);
  }
  return 0;
}
