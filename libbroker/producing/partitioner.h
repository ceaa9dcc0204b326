#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libbroker/base/rng.h"

namespace kt::producing {

/// Murmur2 as Kafka's Java client computes it over a record's key (Utils.murmur2): 32 bits, seed 0x9747b28c.
int32_t murmur2(std::span<const std::byte> bytes);

/// Partitions in the order in which brokers up to Kafka 1.0 listed them, and producers of that time took them
/// in turn: that of a hash table, so that records next to each other go to partitions that are far apart.
/// Sorts `partitions`.
void order_as_listed(std::vector<int32_t>& partitions);

/// Which partition a record goes to when nobody said (KIP-480, KIP-794): by its key, or sticking to one
/// partition until `batch_size_bytes` went there.
class Partitioner {
 public:
  Partitioner(int32_t batch_size_bytes, uint64_t seed) : batch_size_bytes_(batch_size_bytes), rng_(seed) {}

  /// `key` over all `partition_count` partitions, available or not.
  static int32_t by_key(std::span<const std::byte> key, int32_t partition_count);
  /// One of `available` (not empty): the same until a batch's worth of bytes went to it.
  int32_t sticky(const std::string& topic, const std::vector<int32_t>& available, size_t record_bytes);
  /// The next of `available` (not empty), as before KIP-480; the topic's first record goes to the one at
  /// `first`, any if that is not given.
  int32_t in_turn(const std::string& topic, const std::vector<int32_t>& available,
                  std::optional<uint64_t> first = {});

 private:
  struct Choice {
    int32_t partition;
    size_t bytes;
  };
  const int32_t batch_size_bytes_;
  SeededRng rng_;
  std::map<std::string, Choice> choices_;
  std::map<std::string, uint64_t> turns_;
};

}  // namespace kt::producing
