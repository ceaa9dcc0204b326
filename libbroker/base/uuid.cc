#include "libbroker/base/uuid.h"

#include <fmt/core.h>

#include "libbroker/base/rng.h"

namespace kt {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Bit groups of 6, from the most significant bit on; the last group holds 2 bits and 4 zeros.
unsigned group(const Uuid& id, int index) {
  const int shift = 122 - 6 * index;  // of the group's lowest bit within 128
  if (shift >= 64) return (id.high >> (shift - 64)) & 63;
  if (shift < 0) return (id.low << -shift) & 63;
  return ((id.low >> shift) | (shift > 58 ? id.high << (64 - shift) : 0)) & 63;
}

}  // namespace

std::string Uuid::text() const {
  std::string out(22, 'A');
  for (int i = 0; i < 22; ++i) out[i] = alphabet[group(*this, i)];
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 22) return std::nullopt;
  unsigned __int128 bits = 0;
  for (int i = 0; i < 22; ++i) {
    const size_t digit = alphabet.find(text[i]);
    if (digit == alphabet.npos) return std::nullopt;
    bits = i < 21 ? bits << 6 | digit : bits << 2 | digit >> 4;
  }
  return Uuid{static_cast<uint64_t>(bits >> 64), static_cast<uint64_t>(bits)};
}

Uuid Uuid::random(Rng& rng) {
  for (;;) {
    const Uuid id{(rng.next() & ~0xF000ull) | 0x4000, (rng.next() & ~(3ull << 62)) | 1ull << 63};
    if (id.text()[0] != '-') return id;
  }
}

std::string Uuid::hex() const {
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF,
                     low >> 48, low & 0xFFFF'FFFF'FFFF);
}

}  // namespace kt
