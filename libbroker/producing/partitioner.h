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

/// Which partition a record goes to when nobody said (KIP-480, KIP-794): by its key, or sticking to one
/// partition until `batch_size_bytes` went there.
class Partitioner {
 public:
  Partitioner(int32_t batch_size_bytes, uint64_t seed) : batch_size_bytes_(batch_size_bytes), rng_(seed) {}

  /// `key` over all `partition_count` partitions, available or not.
  static int32_t by_key(std::span<const std::byte> key, int32_t partition_count);
  /// One of `available` (not empty): the same until a batch's worth of bytes went to it.
  int32_t sticky(const std::string& topic, const std::vector<int32_t>& available, size_t record_bytes);

 private:
  struct Choice {
    int32_t partition;
    size_t bytes;
  };
  const int32_t batch_size_bytes_;
  SeededRng rng_;
  std::map<std::string, Choice> choices_;
};

}  // namespace kt::producing
