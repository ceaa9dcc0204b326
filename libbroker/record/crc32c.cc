#include "libbroker/record/crc32c.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace kt::record {
namespace {

static_assert(std::endian::native == std::endian::little);
constexpr uint32_t polynomial = 0x82F63B78;  // 0x1EDC6F41, reflected, without its x^32

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// tables[k][b]: what the byte b contributes when k more bytes follow it.
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k)
    for (size_t byte = 0; byte < 256; ++byte)
      tables[k][byte] = tables[k - 1][byte] >> 8 ^ tables[0][tables[k - 1][byte] & 0xff];
  return tables;
}
constexpr Tables tables = make_tables();

uint64_t load_u64(const std::byte* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

uint32_t slice_by_8(std::span<const std::byte> bytes, uint32_t previous) {
  uint32_t crc = ~previous;
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    const uint64_t word = load_u64(at) ^ crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= tables[7 - i][word >> (8 * i) & 0xff];
  }
  for (; left > 0; ++at, --left) crc = crc >> 8 ^ tables[0][(crc ^ static_cast<uint8_t>(*at)) & 0xff];
  return ~crc;
}

#if defined(__x86_64__)
// Below, `crc` is the register itself, without the inversion before the first and after the last byte.

__attribute__((target("sse4.2"))) uint32_t register_after(uint32_t crc, const std::byte* at, size_t left) {
  uint64_t wide = crc;
  for (; left >= 8; at += 8, left -= 8) wide = _mm_crc32_u64(wide, load_u64(at));
  crc = static_cast<uint32_t>(wide);
  for (; left > 0; ++at, --left) crc = _mm_crc32_u8(crc, static_cast<uint8_t>(*at));
  return crc;
}

uint32_t sse42(std::span<const std::byte> bytes, uint32_t previous) {
  return ~register_after(~previous, bytes.data(), bytes.size());
}

// x^power modulo the polynomial, reflected.
constexpr uint32_t power_of_x(unsigned power) {
  uint32_t remainder = 0x80000000;  // x^0
  for (; power > 0; --power) remainder = remainder >> 1 ^ (remainder & 1 ? polynomial : 0);
  return remainder;
}

#define KT_PCLMUL __attribute__((target("pclmul,sse4.2")))

// crc32 takes three cycles and starts every cycle, so three lanes at once keep it busy. A lane's register is
// worth register * x^n once n bits follow; crc32 of a 64-bit product multiplies by x^32, reflection of the
// product by x.
constexpr size_t lane_bytes = 256, three_way_bytes = 3 * lane_bytes, prefetch_ahead_bytes = 1024;

template <size_t bytes_after>
KT_PCLMUL inline uint64_t moved(uint64_t crc) {
  const __m128i k = _mm_cvtsi32_si128(static_cast<int>(power_of_x(8 * bytes_after - 33)));
  return static_cast<uint64_t>(
      _mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(crc)), k, 0)));
}

KT_PCLMUL uint32_t three_way(std::span<const std::byte> bytes, uint32_t previous) {
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  uint64_t a = static_cast<uint32_t>(~previous);
  for (; left >= three_way_bytes; at += three_way_bytes, left -= three_way_bytes) {
    uint64_t b = 0, c = 0;
    for (size_t i = 0; i < lane_bytes; i += 8) {
      if (i % 64 == 0)
        for (size_t lane = 0; lane < three_way_bytes; lane += lane_bytes)
          _mm_prefetch(reinterpret_cast<const char*>(at) + prefetch_ahead_bytes + lane + i, _MM_HINT_T0);
      a = _mm_crc32_u64(a, load_u64(at + i));
      b = _mm_crc32_u64(b, load_u64(at + lane_bytes + i));
      c = _mm_crc32_u64(c, load_u64(at + 2 * lane_bytes + i));
    }
    a = _mm_crc32_u64(0, moved<2 * lane_bytes>(a) ^ moved<lane_bytes>(b)) ^ c;
  }
  return ~register_after(static_cast<uint32_t>(a), at, left);
}

// Folding (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009): 128
// bits that stand `distance` bits before others are replaced by what they are worth there, modulo the
// polynomial. A carry-less product of two reflected operands comes out one bit short, hence the shift.
template <unsigned distance_bits>
struct Fold {
  static constexpr auto low = static_cast<long long>(uint64_t{power_of_x(distance_bits + 32)} << 1);
  static constexpr auto high = static_cast<long long>(uint64_t{power_of_x(distance_bits - 32)} << 1);
};

template <unsigned distance_bits>
KT_PCLMUL inline __m128i folded(__m128i lane, __m128i onto) {
  const __m128i k = _mm_set_epi64x(Fold<distance_bits>::high, Fold<distance_bits>::low);
  const __m128i low = _mm_clmulepi64_si128(lane, k, 0x00), high = _mm_clmulepi64_si128(lane, k, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

// Folds the 128-bit lanes of one 64-byte block into one, and takes in the bytes after it.
KT_PCLMUL uint32_t register_after_block(const __m128i (&lanes)[4], const std::byte* at, size_t left) {
  __m128i sum = folded<128>(lanes[0], lanes[1]);
  sum = folded<128>(sum, lanes[2]);
  sum = folded<128>(sum, lanes[3]);
  std::byte rest[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest), sum);
  return register_after(register_after(0, rest, sizeof rest), at, left);
}

#define KT_VPCLMUL __attribute__((target("avx512f,avx512vl,vpclmulqdq,pclmul,sse4.2")))

template <unsigned distance_bits>
KT_VPCLMUL inline __m512i folded(__m512i lanes, __m512i onto) {
  constexpr long long a = Fold<distance_bits>::high, b = Fold<distance_bits>::low;
  const __m512i k = _mm512_set_epi64(a, b, a, b, a, b, a, b);
  const __m512i low = _mm512_clmulepi64_epi128(lanes, k, 0x00),
                high = _mm512_clmulepi64_epi128(lanes, k, 0x11);
  return _mm512_ternarylogic_epi64(low, high, onto, 0x96);  // the xor of all three
}

constexpr size_t vpclmul_bytes_min = 512;

KT_VPCLMUL uint32_t vpclmul(std::span<const std::byte> bytes, uint32_t previous) {
  if (bytes.size() < vpclmul_bytes_min) return sse42(bytes, previous);
  const std::byte* at = bytes.data();
  __m512i sums[4];
  for (size_t i = 0; i < 4; ++i) sums[i] = _mm512_loadu_si512(at + 64 * i);
  sums[0] = _mm512_xor_si512(sums[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(~previous))));
  size_t left = bytes.size() - 256;
  for (at += 256; left >= 256; at += 256, left -= 256) {
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) {
      _mm_prefetch(reinterpret_cast<const char*>(at) + prefetch_ahead_bytes + 64 * i, _MM_HINT_T0);
      sums[i] = folded<2048>(sums[i], _mm512_loadu_si512(at + 64 * i));
    }
  }
  __m512i sum = folded<512>(sums[0], sums[1]);
  sum = folded<512>(sum, sums[2]);
  sum = folded<512>(sum, sums[3]);
  for (; left >= 64; at += 64, left -= 64) sum = folded<512>(sum, _mm512_loadu_si512(at));
  __m128i lanes[4];
  _mm512_storeu_si512(lanes, sum);
  return ~register_after_block(lanes, at, left);
}
#undef KT_VPCLMUL
#undef KT_PCLMUL
#endif

std::vector<Crc32cImplementation> runnable_here() {
  std::vector<Crc32cImplementation> found;
#if defined(__x86_64__)
  const bool has_crc32 = __builtin_cpu_supports("sse4.2");
  const bool has_pclmul = has_crc32 && __builtin_cpu_supports("pclmul");
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
  if (has_pclmul && has_avx512 && __builtin_cpu_supports("vpclmulqdq")) found.push_back({"vpclmul", vpclmul});
  if (has_pclmul) found.push_back({"three-way", three_way});
  if (has_crc32) found.push_back({"sse4.2", sse42});
#endif
  found.push_back({"slice-by-8", slice_by_8});
  return found;
}

}  // namespace

std::span<const Crc32cImplementation> crc32c_implementations() {
  static const std::vector<Crc32cImplementation> found = runnable_here();
  return found;
}

uint32_t crc32c(std::span<const std::byte> bytes, uint32_t previous) {
  static const auto compute = crc32c_implementations().front().compute;
  return compute(bytes, previous);
}

}  // namespace kt::record
