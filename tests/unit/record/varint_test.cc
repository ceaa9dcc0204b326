#include "libbroker/record/varint.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "libbroker/base/rng.h"

namespace kt::record {
namespace {

using Bytes = std::vector<uint8_t>;

template <class T>
Bytes written(T value) {
  std::array<std::byte, varlong_bytes_max> room;
  std::byte* end;
  if constexpr (sizeof(T) == 4)
    end = write_varint(room.data(), value);
  else
    end = write_varlong(room.data(), value);
  Bytes bytes;
  for (std::byte* at = room.data(); at != end; ++at) bytes.push_back(static_cast<uint8_t>(*at));
  return bytes;
}

// The value, when `bytes` are exactly one integer.
template <class T>
std::optional<T> read(const Bytes& bytes) {
  T value = 0;
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  const std::byte* end = begin + bytes.size();
  const std::byte* at;
  if constexpr (sizeof(T) == 4)
    at = read_varint(begin, end, value);
  else
    at = read_varlong(begin, end, value);
  return at == end && at ? std::optional(value) : std::nullopt;
}

TEST(Varint, MatchesTheSpecifiedBytes) {
  EXPECT_EQ(written<int32_t>(0), (Bytes{0x00}));
  EXPECT_EQ(written<int32_t>(-1), (Bytes{0x01}));
  EXPECT_EQ(written<int32_t>(1), (Bytes{0x02}));
  EXPECT_EQ(written<int32_t>(63), (Bytes{0x7e}));
  EXPECT_EQ(written<int32_t>(-64), (Bytes{0x7f}));
  EXPECT_EQ(written<int32_t>(64), (Bytes{0x80, 0x01}));
  EXPECT_EQ(written<int32_t>(8191), (Bytes{0xfe, 0x7f}));
  EXPECT_EQ(written<int32_t>(8192), (Bytes{0x80, 0x80, 0x01}));
  EXPECT_EQ(written(std::numeric_limits<int32_t>::max()), (Bytes{0xfe, 0xff, 0xff, 0xff, 0x0f}));
  EXPECT_EQ(written(std::numeric_limits<int32_t>::min()), (Bytes{0xff, 0xff, 0xff, 0xff, 0x0f}));
  EXPECT_EQ(written(std::numeric_limits<int64_t>::min()),
            (Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
}

template <class T>
void round_trip_and_cut(T value) {
  const Bytes bytes = written(value);
  ASSERT_EQ(read<T>(bytes), value);
  if constexpr (sizeof(T) == 4)
    ASSERT_EQ(size_of_varint(value), bytes.size());
  else
    ASSERT_EQ(size_of_varlong(value), bytes.size());
  for (size_t cut = 0; cut < bytes.size(); ++cut)
    ASSERT_EQ(read<T>(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(cut))), std::nullopt);
}

TEST(Varint, RoundTripsAtEveryWidth) {
  SeededRng rng(4);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t bits = rng.next() >> rng.below(64);
    round_trip_and_cut(static_cast<int64_t>(bits));
    round_trip_and_cut(-static_cast<int64_t>(bits >> 1));
    round_trip_and_cut(static_cast<int32_t>(bits));
  }
}

TEST(Varint, RefusesTooManyBytesAndTooManyBits) {
  EXPECT_EQ(read<int32_t>({0xff, 0xff, 0xff, 0xff, 0x1f}), std::nullopt);
  EXPECT_EQ(read<int32_t>({0x80, 0x80, 0x80, 0x80, 0x80, 0x00}), std::nullopt);
  EXPECT_EQ(read<int64_t>({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}), std::nullopt);
  EXPECT_EQ(read<int64_t>({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}), std::nullopt);
}

TEST(Varint, TakesPaddingAsJavaDoes) {
  EXPECT_EQ(read<int32_t>({0x80, 0x00}), 0);
  EXPECT_EQ(read<int32_t>({0x82, 0x80, 0x80, 0x80, 0x00}), 1);
  EXPECT_EQ(read<int64_t>({0x81, 0x80, 0x00}), -1);
}

}  // namespace
}  // namespace kt::record
