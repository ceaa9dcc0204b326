#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/record/codec.h"

namespace kt::record {

class BatchView;
class CodecStream;

/// Appends `bytes`, compressed, to `out`, in the framing that the Java clients write and read: gzip; xerial
/// blocks of 32 KiB for snappy; LZ4 frames of independent 64 KiB blocks; zstd frames. `level` is Kafka's
/// compression.{gzip,lz4,zstd}.level; none is the codec's default, snappy has no levels.
void compress(Codec codec, std::optional<int> level, std::span<const std::byte> bytes,
              std::vector<std::byte>& out);

/// Decompresses one blob after the other, piece by piece into the caller's buffer. It keeps the codecs'
/// working memory, so one is made per thread and used again. Reads what any Kafka client writes: gzip
/// (several members), snappy framed by xerial or as one raw block, LZ4 frames, zstd (several frames).
class Decompressor {
 public:
  Decompressor();
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  /// Starts on a blob, which stays where it is until the last read(). More than `output_bytes_max` will not
  /// come out, nor is memory taken for more. Errors: corrupt_message, message_too_large.
  Result<void> start(Codec codec, std::span<const std::byte> compressed, size_t output_bytes_max);
  /// Puts the next bytes into `into` (not empty) and returns how many; 0 when all came out and the blob ends
  /// as it should. Errors: corrupt_message for data that is malformed or cut off, message_too_large.
  Result<size_t> read(std::span<std::byte> into);

 private:
  std::array<std::unique_ptr<CodecStream>, codec_count> streams_;  // made when first needed
  CodecStream* current_ = nullptr;
  size_t output_bytes_left_ = 0;
};

/// The records of a batch as plain bytes: its own if it is not compressed, else decompressed into `scratch`,
/// which a caller keeps for the next batch. Errors: as Decompressor.
Result<std::span<const std::byte>> plain_records(const BatchView& batch, Decompressor& decompressor,
                                                 std::vector<std::byte>& scratch, size_t output_bytes_max);

}  // namespace kt::record
