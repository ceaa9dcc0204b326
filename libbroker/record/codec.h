#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace kt::record {

/// How the records of a batch are compressed, as bits 0-2 of its attributes.
enum class Codec : uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };
inline constexpr int codec_count = 5;

/// "none", "gzip", "snappy", "lz4", "zstd", as the producer's compression.type has them.
std::string_view name_of(Codec codec);
/// By these names, and by "uncompressed", the topics' word for none.
std::optional<Codec> codec_named(std::string_view name);

}  // namespace kt::record
