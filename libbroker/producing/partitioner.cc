#include "libbroker/producing/partitioner.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "libbroker/base/assert.h"

namespace kt::producing {

int32_t murmur2(std::span<const std::byte> bytes) {
  constexpr uint32_t m = 0x5bd1e995, seed = 0x9747b28c;
  constexpr int r = 24;
  const auto at = [&](size_t i) { return std::to_integer<uint32_t>(bytes[i]); };
  uint32_t h = seed ^ static_cast<uint32_t>(bytes.size());
  size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    uint32_t k = at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
    k *= m;
    k ^= k >> r;
    k *= m;
    h = h * m ^ k;
  }
  if (const size_t left = bytes.size() - i; left > 0) {
    if (left > 2) h ^= at(i + 2) << 16;
    if (left > 1) h ^= at(i + 1) << 8;
    h = (h ^ at(i)) * m;
  }
  h = (h ^ h >> 13) * m;
  return static_cast<int32_t>(h ^ h >> 15);
}

namespace {

/// Where Scala's immutable map of integers has one, five bits a level (HashMap.improve).
std::array<uint32_t, 7> place_in_trie(int32_t key) {
  auto hash = static_cast<uint32_t>(key);
  hash += ~(hash << 9);
  hash ^= hash >> 14;
  hash += hash << 4;
  hash ^= hash >> 10;
  std::array<uint32_t, 7> path{};
  for (size_t level = 0; level < path.size(); ++level) path[level] = hash >> (5 * level) & 31;
  return path;
}

}  // namespace

void order_as_listed(std::vector<int32_t>& partitions) { std::ranges::sort(partitions, {}, place_in_trie); }

int32_t Partitioner::in_turn(const std::string& topic, const std::vector<int32_t>& available,
                             std::optional<uint64_t> first) {
  KT_ASSERT(!available.empty());
  const auto [turn, is_new] = turns_.try_emplace(topic, 0);
  if (is_new) turn->second = first ? *first : rng_.below(available.size());
  return available[turn->second++ % available.size()];
}

int32_t Partitioner::by_key(std::span<const std::byte> key, int32_t partition_count) {
  return (murmur2(key) & 0x7fffffff) % partition_count;
}

int32_t Partitioner::sticky(const std::string& topic, const std::vector<int32_t>& available,
                            size_t record_bytes) {
  KT_ASSERT(!available.empty());
  const auto pick = [&] { return available[rng_.below(available.size())]; };
  auto [found, is_new] = choices_.try_emplace(topic, Choice{});
  Choice& choice = found->second;
  const bool is_full = choice.bytes >= static_cast<size_t>(batch_size_bytes_);
  if (is_new || is_full || std::ranges::find(available, choice.partition) == available.end())
    choice = {pick(), 0};
  choice.bytes += record_bytes;
  return choice.partition;
}

}  // namespace kt::producing
