#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "libbroker/metadata/image.h"
#include "libbroker/sim/world.h"

namespace kt::sim {

/// Compares what the brokers' disks hold of every partition, as files, once all replicas are in sync and
/// nobody writes. Of a topic that is not compacted the same batches, of the others the same last value of
/// every key and the same records where both have one; and every batch's epoch is the one that the replica's
/// epoch cache says, but for the oldest of a topic whose records may be deleted (`is_retained`). Brokers are
/// machines whose ids are one less. `violated` is told what differs.
void compare_replicas(World& world, const metadata::Image& image,
                      const std::function<bool(const std::string& topic)>& is_compacted,
                      const std::function<bool(const std::string& topic)>& is_retained,
                      const std::function<void(std::string)>& violated);

}  // namespace kt::sim
