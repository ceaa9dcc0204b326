#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "libbroker/base/result.h"

namespace kt::record {

/// One codec's half of Decompressor: the same contract, but the output limit only bounds memory.
class CodecStream {
 public:
  virtual ~CodecStream() = default;
  virtual Result<void> start(std::span<const std::byte> compressed, size_t output_bytes_max) = 0;
  virtual Result<size_t> read(std::span<std::byte> into) = 0;
};

std::unique_ptr<CodecStream> make_plain_stream();
std::unique_ptr<CodecStream> make_gzip_stream();
std::unique_ptr<CodecStream> make_snappy_stream();
std::unique_ptr<CodecStream> make_lz4_stream();
std::unique_ptr<CodecStream> make_zstd_stream();

void compress_gzip(std::optional<int> level, std::span<const std::byte> bytes, std::vector<std::byte>& out);
void compress_snappy(std::span<const std::byte> bytes, std::vector<std::byte>& out);
void compress_lz4(std::optional<int> level, std::span<const std::byte> bytes, std::vector<std::byte>& out);
void compress_zstd(std::optional<int> level, std::span<const std::byte> bytes, std::vector<std::byte>& out);

}  // namespace kt::record
