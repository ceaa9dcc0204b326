#include "libbroker/log/offset_map.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/base/rng.h"

namespace kt::log {
namespace {

constexpr size_t slots_at_first = 1024;

/// SipHash-2-4 with 128 bits of result (Aumasson and Bernstein, 2012).
struct SipHash {
  uint64_t v0, v1, v2, v3;

  SipHash(uint64_t k0, uint64_t k1)
      : v0(k0 ^ 0x736f6d6570736575),
        v1(k1 ^ 0x646f72616e646f6d ^ 0xee),
        v2(k0 ^ 0x6c7967656e657261),
        v3(k1 ^ 0x7465646279746573) {}

  void rounds(int count) {
    for (; count > 0; --count) {
      v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
      v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
    }
  }
  void add(uint64_t word) { v3 ^= word, rounds(2), v0 ^= word; }
  uint64_t take(uint64_t constant, uint64_t& into) { return into ^= constant, rounds(4), v0 ^ v1 ^ v2 ^ v3; }
};

}  // namespace

OffsetMap::OffsetMap(Rng& rng, size_t bytes_max, double load_factor)
    : secret_high_(rng.next()),
      secret_low_(rng.next()),
      slots_max_(bytes_max / entry_bytes),
      load_factor_(load_factor),
      slots_(std::min(slots_at_first, slots_max_)) {
  KT_ASSERT(static_cast<double>(slots_max_) * load_factor_ > 1);
  KT_ASSERT(load_factor_ < 1);
}

OffsetMap::Entry OffsetMap::hash(std::span<const std::byte> key) const {
  SipHash sip(secret_high_, secret_low_);
  const size_t size = key.size();
  for (; key.size() >= sizeof(uint64_t); key = key.subspan(sizeof(uint64_t))) {
    uint64_t word;
    std::memcpy(&word, key.data(), sizeof word);
    sip.add(word);
  }
  uint64_t last = static_cast<uint64_t>(size) << 56;
  for (size_t i = 0; i < key.size(); ++i) last |= static_cast<uint64_t>(key[i]) << (8 * i);
  sip.add(last);
  Entry entry;
  entry.high = sip.take(0xee, sip.v2);
  entry.low = sip.take(0xdd, sip.v1);
  return entry;
}

/// The key's slot, or the free one where it would be put.
size_t OffsetMap::find(const Entry& entry) const {
  for (size_t slot = entry.low % slots_.size();; slot = slot + 1 == slots_.size() ? 0 : slot + 1) {
    const Entry& there = slots_[slot];
    if (there.offset_plus_one == 0 || (there.high == entry.high && there.low == entry.low)) return slot;
  }
}

bool OffsetMap::put(std::span<const std::byte> key, int64_t offset) {
  Entry entry = hash(key);
  entry.offset_plus_one = offset + 1;
  size_t slot = find(entry);
  if (slots_[slot].offset_plus_one == 0) {
    if (static_cast<double>(size_ + 1) > static_cast<double>(slots_.size()) * load_factor_) {
      if (slots_.size() == slots_max_) return false;
      grow();
      slot = find(entry);
    }
    ++size_;
  }
  slots_[slot] = entry;
  return true;
}

int64_t OffsetMap::get(std::span<const std::byte> key) const {
  return slots_[find(hash(key))].offset_plus_one - 1;
}

void OffsetMap::grow() {
  const std::vector<Entry> before =
      std::exchange(slots_, std::vector<Entry>(std::min(slots_.size() * 2, slots_max_)));
  for (const Entry& entry : before) {
    if (entry.offset_plus_one != 0) slots_[find(entry)] = entry;
  }
}

}  // namespace kt::log
