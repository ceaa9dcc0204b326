#include "libbroker/controller/replica_placer.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

namespace kt::controller {
namespace {

template <class T>
void shuffle(std::vector<T>& items, Rng& rng) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.below(i)]);
}

/// Brokers that take turns. A round is one partition; each round starts one further on.
class Ring {
 public:
  void add(int32_t broker) { brokers_.push_back(broker); }
  void start(Rng& rng) {
    std::ranges::sort(brokers_);
    if (!brokers_.empty()) offset_ = rng.below(brokers_.size());
  }
  void mix(Rng& rng) { shuffle(brokers_, rng); }
  /// None when all have had their turn in this round.
  std::optional<int32_t> next(size_t round) {
    if (brokers_.empty()) return std::nullopt;
    if (std::exchange(round_, round) != round) {
      taken_ = 0;
      offset_ = (offset_ + 1) % brokers_.size();
    }
    if (taken_ == brokers_.size()) return std::nullopt;
    return brokers_[(taken_++ + offset_) % brokers_.size()];
  }

 private:
  std::vector<int32_t> brokers_;
  size_t taken_ = 0;  // in this round
  size_t offset_ = 0;
  size_t round_ = 0;
};

struct Rack {
  Ring unfenced, fenced;
  std::optional<int32_t> next(size_t round) {
    const auto broker = unfenced.next(round);
    return broker ? broker : fenced.next(round);
  }
};

class Stripes {
 public:
  Stripes(const std::vector<UsableBroker>& brokers, Rng& rng) : rng_(rng) {
    std::map<std::optional<std::string>, Rack> by_name;
    for (const UsableBroker& broker : brokers) {
      Rack& rack = by_name[broker.rack];
      (broker.fenced ? rack.fenced : rack.unfenced).add(broker.id);
      unfenced_ += broker.fenced ? 0 : 1;
    }
    for (auto& [name, rack] : by_name) {
      rack.fenced.start(rng);
      rack.unfenced.start(rng);
      racks_.push_back(std::move(rack));
    }
    offset_ = rng.below(racks_.size());
  }

  /// The replicas of the next partition; there are enough brokers.
  std::vector<int32_t> next(int32_t replication_factor) {
    if (round_ == unfenced_ && unfenced_ > 1) mix();
    if (offset_ == racks_.size()) offset_ = 0;
    std::vector<int32_t> replicas;
    size_t leaders_rack = offset_;
    while (replicas.empty()) {
      if (const auto leader = racks_[leaders_rack].unfenced.next(round_))
        replicas.push_back(*leader);
      else
        leaders_rack = (leaders_rack + 1) % racks_.size();
    }
    bool leaders_rack_was_passed = false;
    for (size_t at = offset_; replicas.size() < static_cast<size_t>(replication_factor);
         at = (at + 1) % racks_.size()) {
      if (at == leaders_rack && !std::exchange(leaders_rack_was_passed, true)) continue;
      if (const auto follower = racks_[at].next(round_)) replicas.push_back(*follower);
    }
    ++round_;
    ++offset_;
    return replicas;
  }

 private:
  /// After as many partitions as there are brokers the stripes would repeat.
  void mix() {
    shuffle(racks_, rng_);
    for (Rack& rack : racks_) {
      rack.unfenced.mix(rng_);
      rack.fenced.mix(rng_);
    }
    round_ = 0;
  }

  Rng& rng_;
  std::vector<Rack> racks_;
  size_t unfenced_ = 0;
  size_t round_ = 0;
  size_t offset_ = 0;  // of the rack that comes first
};

}  // namespace

Result<std::vector<std::vector<int32_t>>> place_replicas(const std::vector<UsableBroker>& brokers,
                                                         int32_t partitions, int32_t replication_factor,
                                                         Rng& rng) {
  const auto refuse = [](std::string why) {
    return fail(ErrorCode::invalid_replication_factor, std::move(why));
  };
  if (replication_factor <= 0)
    return refuse(fmt::format("Invalid replication factor {}: the replication factor must be positive.",
                              replication_factor));
  if (std::ranges::all_of(brokers, &UsableBroker::fenced)) return refuse("All brokers are currently fenced.");
  if (static_cast<size_t>(replication_factor) > brokers.size())
    return refuse(
        fmt::format("The target replication factor of {} cannot be reached because only {} broker(s) are "
                    "registered.",
                    replication_factor, brokers.size()));
  Stripes stripes(brokers, rng);
  std::vector<std::vector<int32_t>> placed;
  placed.reserve(static_cast<size_t>(partitions));
  for (int32_t i = 0; i < partitions; ++i) placed.push_back(stripes.next(replication_factor));
  return placed;
}

}  // namespace kt::controller
