#pragma once
#include <cstddef>
#include <cstdint>

namespace kt::record {

/// The variable-length integers of records: LEB128, low group first, at most 5 (32 bit) or 10 (64 bit) bytes;
/// varint and varlong are zig-zag on top. Bits beyond the type's width are an error, padding with zero groups
/// is not.

inline constexpr size_t varint_bytes_max = 5;
inline constexpr size_t varlong_bytes_max = 10;

constexpr uint32_t zigzag(int32_t value) {
  return static_cast<uint32_t>(value) << 1 ^ static_cast<uint32_t>(value >> 31);
}
constexpr uint64_t zigzag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}
constexpr int32_t unzigzag(uint32_t coded) { return static_cast<int32_t>(coded >> 1 ^ (0 - (coded & 1))); }
constexpr int64_t unzigzag(uint64_t coded) { return static_cast<int64_t>(coded >> 1 ^ (0 - (coded & 1))); }

namespace detail {
template <class Unsigned, int bytes_max>
[[gnu::noinline]] inline const std::byte* read_long_leb128(const std::byte* at, const std::byte* end,
                                                           Unsigned& value) {
  Unsigned result = 0;
  for (int i = 0; i < bytes_max && at != end; ++i) {
    const auto group = static_cast<uint8_t>(*at++);
    const int shift = 7 * i;
    const auto bits = static_cast<Unsigned>(group & 0x7f);
    if (i == bytes_max - 1 && (bits << shift >> shift) != bits) return nullptr;
    result |= bits << shift;
    if (group < 0x80) {
      value = result;
      return at;
    }
  }
  return nullptr;
}

// One and two bytes, the usual lengths, are read here; whatever else there.
template <class Unsigned, int bytes_max>
inline const std::byte* read_leb128(const std::byte* at, const std::byte* end, Unsigned& value) {
  if (at != end) [[likely]] {
    const auto first = static_cast<uint8_t>(at[0]);
    if (first < 0x80) return value = first, at + 1;
    if (end - at >= 2) [[likely]] {
      const auto second = static_cast<uint8_t>(at[1]);
      if (second < 0x80) return value = (first & 0x7fu) | static_cast<Unsigned>(second) << 7, at + 2;
    }
  }
  return read_long_leb128<Unsigned, bytes_max>(at, end, value);
}

template <class Unsigned>
inline std::byte* write_leb128(std::byte* at, Unsigned value) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<std::byte>(value | 0x80);
  *at++ = static_cast<std::byte>(value);
  return at;
}

template <class Unsigned>
constexpr size_t size_of_leb128(Unsigned value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}
}  // namespace detail

/// Reads one integer from [at, end) and returns where it ends; nullptr when it is cut off or too wide.
inline const std::byte* read_varint(const std::byte* at, const std::byte* end, int32_t& value) {
  uint32_t coded = 0;
  at = detail::read_leb128<uint32_t, varint_bytes_max>(at, end, coded);
  value = unzigzag(coded);
  return at;
}
inline const std::byte* read_varlong(const std::byte* at, const std::byte* end, int64_t& value) {
  uint64_t coded = 0;
  at = detail::read_leb128<uint64_t, varlong_bytes_max>(at, end, coded);
  value = unzigzag(coded);
  return at;
}

/// Writes one integer and returns where it ends; there must be room for the largest.
inline std::byte* write_varint(std::byte* at, int32_t value) {
  return detail::write_leb128(at, zigzag(value));
}
inline std::byte* write_varlong(std::byte* at, int64_t value) {
  return detail::write_leb128(at, zigzag(value));
}

constexpr size_t size_of_varint(int32_t value) { return detail::size_of_leb128(zigzag(value)); }
constexpr size_t size_of_varlong(int64_t value) { return detail::size_of_leb128(zigzag(value)); }

}  // namespace kt::record
