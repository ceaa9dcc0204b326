#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/rng.h"

namespace kt::controller {

/// A broker that may be given replicas: it is not shutting down.
struct UsableBroker {
  int32_t id = 0;
  std::optional<std::string> rack;
  bool fenced = false;
};

/// Replicas of new partitions, striped over racks and over the brokers within: racks take turns from a random
/// start that moves on by one per partition, and so do a rack's brokers, unfenced ones first. At most one
/// replica per broker; the first one, the leader, unfenced. No racks count as one rack. One list of replicas
/// per partition. Errors: invalid_replication_factor with Kafka's sentence.
Result<std::vector<std::vector<int32_t>>> place_replicas(const std::vector<UsableBroker>& brokers,
                                                         int32_t partitions, int32_t replication_factor,
                                                         Rng& rng);

}  // namespace kt::controller
