#pragma once
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace kt {

/// Reads a big-endian integer at `at`; the caller has checked that the bytes are there.
template <std::integral I>
I load_be(const std::byte* at) {
  I value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::little && sizeof value > 1) value = std::byteswap(value);
  return value;
}

/// Writes a big-endian integer at `at`; the caller has checked that there is room.
template <std::integral I>
void store_be(std::byte* at, I value) {
  if constexpr (std::endian::native == std::endian::little && sizeof value > 1) value = std::byteswap(value);
  std::memcpy(at, &value, sizeof value);
}

inline std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace kt
