#include "libbroker/sim/partition_shapes.h"

#include <algorithm>
#include <utility>

namespace kt::sim {
namespace {

void shuffle(std::vector<uint32_t>& machines, Rng& rng) {
  for (size_t i = machines.size(); i > 1; --i) std::swap(machines[i - 1], machines[rng.below(i)]);
}

/// Both directions between each of the first `count` machines and each of those from `second` on.
std::vector<Link> between_groups(const std::vector<uint32_t>& machines, size_t count, size_t second) {
  std::vector<Link> links;
  for (size_t a = 0; a < count; ++a) {
    for (size_t b = second; b < machines.size(); ++b) {
      links.push_back({machines[a], machines[b]});
      links.push_back({machines[b], machines[a]});
    }
  }
  return links;
}

std::vector<Link> ring(const std::vector<uint32_t>& machines) {
  const size_t count = machines.size(), reach = std::max<size_t>(1, count / 4);
  std::vector<Link> links;
  for (size_t a = 0; a < count; ++a) {
    for (size_t b = 0; b < count; ++b) {
      const size_t apart = (b + count - a) % count;
      if (std::min(apart, count - apart) > reach) links.push_back({machines[a], machines[b]});
    }
  }
  return links;
}

std::vector<Link> one_way(const std::vector<uint32_t>& machines, bool is_deaf) {
  std::vector<Link> links;
  for (size_t i = 1; i < machines.size(); ++i) {
    const Link link{machines[0], machines[i]};
    links.push_back(is_deaf ? link.back() : link);
  }
  return links;
}

}  // namespace

std::string_view name_of(PartitionShape shape) {
  static constexpr std::string_view names[] = {"isolate-one", "halves", "bridge", "ring", "one-way"};
  return names[static_cast<size_t>(shape)];
}

std::vector<Link> cut_links(PartitionShape shape, std::vector<uint32_t> machines, Rng& rng) {
  if (machines.size() < 2) return {};
  shuffle(machines, rng);
  const size_t half = machines.size() / 2;
  switch (shape) {
    case PartitionShape::isolate_one:
      return between_groups(machines, 1, 1);
    case PartitionShape::halves:
      return between_groups(machines, half, half);
    case PartitionShape::bridge:
      return between_groups(machines, half, half + 1);
    case PartitionShape::ring:
      return ring(machines);
    case PartitionShape::one_way:
      return one_way(machines, rng.below(2) == 0);
    case PartitionShape::count:
      break;
  }
  return {};
}

}  // namespace kt::sim
