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

// Folding (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009): 128 bits that
// stand `distance` bits before others are replaced by what they are worth there, modulo the polynomial. A carry-less
// product of two reflected operands comes out one bit short, hence the shift.
constexpr uint64_t fold_constant(unsigned power) {
  uint32_t remainder = 0x80000000;  // x^0, reflected
  for (unsigned i = 0; i < power; ++i) remainder = remainder >> 1 ^ (remainder & 1 ? polynomial : 0);
  return static_cast<uint64_t>(remainder) << 1;
}
template <unsigned distance_bits>
struct Fold {
  static constexpr long long low = static_cast<long long>(fold_constant(distance_bits + 32));
  static constexpr long long high = static_cast<long long>(fold_constant(distance_bits - 32));
};

template <unsigned distance_bits>
__attribute__((target("pclmul,sse4.2"))) inline __m128i folded(__m128i lane, __m128i onto) {
  const __m128i k = _mm_set_epi64x(Fold<distance_bits>::high, Fold<distance_bits>::low);
  const __m128i product = _mm_xor_si128(_mm_clmulepi64_si128(lane, k, 0x00), _mm_clmulepi64_si128(lane, k, 0x11));
  return _mm_xor_si128(product, onto);
}

__attribute__((target("sse4.2"))) inline __m128i load_128(const std::byte* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// Folds four 128-bit lanes of one 64-byte block into one, and takes in the bytes after it.
__attribute__((target("pclmul,sse4.2"))) uint32_t register_after_lanes(const __m128i (&lanes)[4], const std::byte* at,
                                                                       size_t left) {
  __m128i sum = folded<128>(lanes[0], lanes[1]);
  sum = folded<128>(sum, lanes[2]);
  sum = folded<128>(sum, lanes[3]);
  for (; left >= 16; at += 16, left -= 16) sum = folded<128>(sum, load_128(at));
  std::byte rest[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest), sum);
  return register_after(register_after(0, rest, sizeof rest), at, left);
}

constexpr size_t pclmul_bytes_min = 128;

__attribute__((target("pclmul,sse4.2"))) uint32_t pclmul(std::span<const std::byte> bytes, uint32_t previous) {
  if (bytes.size() < pclmul_bytes_min) return sse42(bytes, previous);
  const std::byte* at = bytes.data();
  __m128i lanes[4];
  for (size_t i = 0; i < 4; ++i) lanes[i] = load_128(at + 16 * i);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128(static_cast<int>(~previous)));
  size_t left = bytes.size() - 64;
  for (at += 64; left >= 64; at += 64, left -= 64)
    for (size_t i = 0; i < 4; ++i) lanes[i] = folded<512>(lanes[i], load_128(at + 16 * i));
  return ~register_after_lanes(lanes, at, left);
}

#define KT_VPCLMUL __attribute__((target("avx512f,avx512vl,vpclmulqdq,pclmul,sse4.2")))

template <unsigned distance_bits>
KT_VPCLMUL inline __m512i folded(__m512i lanes, __m512i onto) {
  constexpr long long a = Fold<distance_bits>::high, b = Fold<distance_bits>::low;
  const __m512i k = _mm512_set_epi64(a, b, a, b, a, b, a, b);
  const __m512i low = _mm512_clmulepi64_epi128(lanes, k, 0x00), high = _mm512_clmulepi64_epi128(lanes, k, 0x11);
  return _mm512_ternarylogic_epi64(low, high, onto, 0x96);  // the xor of all three
}

constexpr size_t vpclmul_bytes_min = 512;
constexpr size_t prefetch_ahead_bytes = 1024;

KT_VPCLMUL uint32_t vpclmul(std::span<const std::byte> bytes, uint32_t previous) {
  if (bytes.size() < vpclmul_bytes_min) return pclmul(bytes, previous);
  const std::byte* at = bytes.data();
  __m512i sums[4];
  for (size_t i = 0; i < 4; ++i) sums[i] = _mm512_loadu_si512(at + 64 * i);
  sums[0] = _mm512_xor_si512(sums[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(~previous))));
  size_t left = bytes.size() - 256;
  for (at += 256; left >= 256; at += 256, left -= 256) {
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
  return ~register_after_lanes(lanes, at, left);
}
#undef KT_VPCLMUL
#endif

std::vector<Crc32cImplementation> runnable_here() {
  std::vector<Crc32cImplementation> found;
#if defined(__x86_64__)
  const bool has_crc32 = __builtin_cpu_supports("sse4.2");
  const bool has_pclmul = has_crc32 && __builtin_cpu_supports("pclmul");
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
  if (has_pclmul && has_avx512 && __builtin_cpu_supports("vpclmulqdq")) found.push_back({"vpclmul", vpclmul});
  if (has_pclmul) found.push_back({"pclmul", pclmul});
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
