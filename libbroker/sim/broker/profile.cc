#include "libbroker/sim/broker/profile.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "libbroker/sim/chance.h"

namespace kt::sim {
namespace {

constexpr ProfileText texts[] = {
    {"quiet", "nothing goes wrong"},
    {"kill", "processes are killed, asked to end and paused; links are cut, clogged and slow; clocks jump"},
    {"power", "the same, and machines lose their power, under log.flush.interval.messages=1"},
    {"net",
     "links alone: partitions of every shape, brokers cut off from each other, clogs, slowness, loss; and "
     "pauses"},
    {"lossy", "one machine after the other loses what it has not flushed, and nothing is flushed"},
    {"disk",
     "disks are full or fail, their flushes too, and machines lose their power, under "
     "log.flush.interval.messages=1"},
    {"admin", "elections, reassignments, changed configuration, topics deleted and made again, amid kills"},
    {"observers", "brokers that do not vote come back with empty disks, amid kills"},
    {"mixed", "all of it but losses that are not flushed, under log.flush.interval.messages=1"},
};
static_assert(std::size(texts) == static_cast<size_t>(Profile::count));

using Faults = std::vector<Fault>;

const Faults processes{Fault::kill, Fault::kill_at_write, Fault::kill_at_start, Fault::kill_all,
                       Fault::terminate};
const Faults links{Fault::partition, Fault::cut_off, Fault::clog,
                   Fault::slow,      Fault::pause,   Fault::clock_jump};
const Faults machines_too{Fault::power_off, Fault::power_off_at_write, Fault::power_off_at_start,
                          Fault::power_off_at_stop, Fault::power_off_all};
const Faults disks{Fault::disk_full, Fault::disk_error, Fault::flush_error};

const std::vector<std::string_view> rare_files{
    "quorum-state", "checkpoint", "partition.metadata", "index", ".snapshot", ".cleaned", ".swap"};

Faults joined(std::initializer_list<Faults> parts) {
  Faults all;
  for (const Faults& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// What the profile is about, and what else there may be.
struct Kinds {
  Faults own, others = {};
};

Kinds kinds_of(Profile profile) {
  switch (profile) {
    case Profile::quiet:
    case Profile::count:
      break;
    case Profile::kill:
      return {processes, links};
    case Profile::power:
      return {machines_too, joined({processes, links})};
    case Profile::net:
      return {links};
    case Profile::lossy:
      return {{Fault::power_off}, joined({{Fault::kill, Fault::terminate}, links})};
    case Profile::disk:
      return {disks,
              joined({{Fault::kill, Fault::power_off, Fault::power_off_all, Fault::terminate}, links})};
    case Profile::admin:
      return {{Fault::operation}, joined({processes, links})};
    case Profile::observers:
      return {{Fault::wipe}, joined({{Fault::kill, Fault::terminate}, links, {Fault::operation}})};
    case Profile::mixed:
      return {joined({processes, links, machines_too, disks, {Fault::operation}})};
  }
  return {};
}

}  // namespace

std::span<const ProfileText> profile_texts() { return texts; }
std::string_view name_of(Profile profile) { return texts[static_cast<size_t>(profile)].name; }

std::optional<Profile> parse_profile(std::string_view name) {
  const auto found = std::ranges::find(texts, name, &ProfileText::name);
  if (found == std::end(texts)) return std::nullopt;
  return static_cast<Profile>(found - std::begin(texts));
}

Profile draw_profile(Rng& rng) {
  // Of 16; quiet runs find little.
  constexpr uint64_t shares[] = {1, 2, 2, 2, 2, 2, 2, 1, 2};
  static_assert(std::size(shares) == static_cast<size_t>(Profile::count));
  uint64_t draw = rng.below(16);
  size_t profile = 0;
  while (draw >= shares[profile]) draw -= shares[profile++];
  return static_cast<Profile>(profile);
}

uint32_t draw_nodes(Profile profile, Rng& rng) {
  const uint64_t draw = rng.below(4);
  if (profile == Profile::observers) return 4;
  const bool may_be_alone = profile == Profile::kill || profile == Profile::power || profile == Profile::disk;
  return may_be_alone && draw == 0 ? 1 : 3;
}

uint32_t nodes_min(Profile profile) {
  return profile == Profile::observers ? 4 : profile == Profile::lossy ? 3 : 1;
}

uint32_t voters_max(Profile profile) { return profile == Profile::observers ? 3 : 9; }

bool flushes_every_batch(Profile profile) {
  return profile == Profile::power || profile == Profile::disk || profile == Profile::mixed;
}

bool loses_records(Profile profile) { return profile == Profile::lossy || profile == Profile::observers; }

FaultOptions draw_broker_faults(Profile profile, Rng& rng, size_t machines, uint32_t brokers) {
  FaultOptions options;
  const auto [own, others] = kinds_of(profile);
  for (const Fault fault : own) {
    // Twice: the profile is about these.
    if (rng.below(2) == 0) options.faults.insert(options.faults.end(), 2, fault);
  }
  if (options.faults.empty() && !own.empty()) options.faults.push_back(own[rng.below(own.size())]);
  for (const Fault fault : others) {
    if (rng.below(2) == 0) options.faults.push_back(fault);
  }
  // The brokers suffer most.
  for (uint32_t id = 0; id < machines; ++id)
    options.machines.insert(options.machines.end(), id < brokers ? 3 * machines / brokers : 1, id);
  for (uint32_t id = profile == Profile::observers ? voters_max(profile) : 0; id < brokers; ++id)
    options.disks.push_back(id);
  options.operations = {operations::elect, operations::reassign, operations::trim};
  if (profile != Profile::observers) {
    options.operations.push_back(operations::configure);
    options.operations.push_back(operations::recreate);
    options.operations.push_back(operations::recreate_unseen);
  }
  options.files = rare_files;
  options.peers = brokers;
  options.period_ms_mean = 1'000 * (int64_t{1} << between(rng, 0, 2));
  options.duration_ms_mean = 100 * (int64_t{1} << between(rng, 0, 6));
  options.down_max = rng.below(4) == 0 ? 2 : 1;
  return options;
}

}  // namespace kt::sim
