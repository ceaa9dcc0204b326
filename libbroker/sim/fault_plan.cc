#include "libbroker/sim/fault_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "libbroker/sim/chance.h"

namespace kt::sim {

std::string_view name_of(Fault fault) {
  static constexpr std::string_view names[] = {"kill",
                                               "power-off",
                                               "power-off-all",
                                               "pause",
                                               "partition",
                                               "clog",
                                               "clock-jump",
                                               "rot",
                                               "terminate",
                                               "kill-at-write",
                                               "power-off-at-write",
                                               "kill-at-start",
                                               "power-off-at-start",
                                               "kill-all",
                                               "slow",
                                               "disk-full",
                                               "disk-error",
                                               "flush-error",
                                               "wipe",
                                               "operation",
                                               "power-off-at-stop",
                                               "cut-off"};
  static_assert(std::size(names) == static_cast<size_t>(Fault::count));
  return names[static_cast<size_t>(fault)];
}

namespace {

/// In the middle of a change of a file.
bool is_cut_later(Fault fault) {
  return fault == Fault::kill_at_write || fault == Fault::power_off_at_write ||
         fault == Fault::power_off_at_stop;
}

}  // namespace

std::string PlannedFault::text() const {
  std::string text = fmt::format("{:>8} ms  {} for {} ms", at_ms, name_of(fault), for_ms);
  if (fault == Fault::partition) return text + fmt::format(", {}", name_of(shape));
  if (fault == Fault::operation) return text + fmt::format(", {}", operation);
  const bool strikes_all = fault == Fault::power_off_all || fault == Fault::kill_all || fault == Fault::clog;
  if (!strikes_all) text += fmt::format(", machine {}", victim);
  return is_cut_later(fault) && !files.empty() ? text + fmt::format(", {}", files) : text;
}

namespace {

bool takes_one_down(Fault fault) {
  switch (fault) {
    case Fault::kill:
    case Fault::power_off:
    case Fault::pause:
    case Fault::terminate:
    case Fault::kill_at_write:
    case Fault::power_off_at_write:
    case Fault::kill_at_start:
    case Fault::power_off_at_start:
    case Fault::power_off_at_stop:
    case Fault::disk_error:
    case Fault::flush_error:
    case Fault::wipe:
      return true;
    default:
      return false;
  }
}

bool strikes_disk(Fault fault) {
  return fault == Fault::disk_full || fault == Fault::disk_error || fault == Fault::flush_error ||
         fault == Fault::wipe;
}

}  // namespace

FaultPlan plan_faults(Rng& rng, const FaultOptions& options, int64_t length_ms) {
  FaultPlan plan;
  std::vector<std::pair<int64_t, uint32_t>> down;  // until when, who
  for (int64_t at_ms = exponential(rng, options.period_ms_mean); at_ms < length_ms;
       at_ms += 1 + exponential(rng, options.period_ms_mean)) {
    PlannedFault fault{
        .fault = options.faults[rng.below(options.faults.size())],
        .at_ms = at_ms,
        .for_ms = 1 + exponential(rng, options.duration_ms_mean),
        .victim = options.machines[rng.below(options.machines.size())],
        .shape = static_cast<PartitionShape>(rng.below(static_cast<uint64_t>(PartitionShape::count))),
        .peers = options.peers,
        .seed = rng.next()};
    if (strikes_disk(fault.fault) && !options.disks.empty())
      fault.victim = options.disks[fault.victim % options.disks.size()];
    if (!options.operations.empty())
      fault.operation = options.operations[rng.below(options.operations.size())];
    if (!options.files.empty() && rng.below(2) == 0)
      fault.files = options.files[rng.below(options.files.size())];
    const bool is_quiet = rng.below(4) == 0;
    const bool takes_down = takes_one_down(fault.fault);
    std::erase_if(down, [&](const auto& one) { return one.first < at_ms; });
    if (is_quiet || (takes_down && down.size() >= options.down_max)) continue;
    if (takes_down) down.emplace_back(at_ms + fault.for_ms, fault.victim);
    plan.push_back(fault);
  }
  return plan;
}

namespace {

void clog(World& world, const PlannedFault& fault, Rng& rng) {
  for (const uint32_t from : world.ids()) {
    for (const uint32_t to : world.ids()) {
      const int64_t from_ms = between(rng, 0, fault.for_ms), until_ms = between(rng, from_ms, fault.for_ms);
      world.after(from_ms, [&world, link = Link{from, to}, until_ms, from_ms] {
        const int64_t until_ns = world.scheduler().now_ns() + (until_ms - from_ms) * 1'000'000;
        if (link.from != link.to && !world.is_healed()) world.network().links().clog(link, until_ns);
      });
    }
  }
}

void rot(Machine& machine, Rng& rng) {
  const auto files = machine.disk().files();
  if (files.empty()) return;
  const std::string& path = files[rng.below(files.size())];
  const uint64_t size = machine.disk().size_of(path);
  const auto mask = static_cast<std::byte>(1 << rng.below(8));
  if (size > 0) (void)machine.disk().flip_bits(path, rng.below(size), mask);
}

void power_off_all(World& world, const PlannedFault& fault) {
  for (const uint32_t id : world.ids()) world.machine(id).power_off();
  world.after(fault.for_ms, [&world] { world.start_all(); });
}

void kill_all(World& world, const PlannedFault& fault) {
  for (const uint32_t id : world.ids()) world.machine(id).kill();
  world.after(fault.for_ms, [&world] { world.start_all(); });
}

/// The victim's links to and from machines below `others`: both ways, or the same way of each.
std::vector<Link> links_of(const World& world, uint32_t victim, uint32_t others, Rng& rng) {
  const uint64_t ways = rng.below(3);  // 0: both
  std::vector<Link> links;
  for (const uint32_t other : world.ids()) {
    if (other == victim || other >= others) continue;
    const Link link{victim, other};
    if (ways != 1) links.push_back(link);
    if (ways != 2) links.push_back(link.back());
  }
  return links;
}

void block(World& world, const std::vector<Link>& links, int64_t for_ms) {
  for (const Link& link : links) world.network().links().block(link);
  world.after(for_ms, [&world, links] {
    for (const Link& link : links) world.network().links().unblock(link);
  });
}

void slow(World& world, const PlannedFault& fault, Rng& rng) {
  const Slowness slowness{.extra_us_mean = int64_t{1'000} << between(rng, 2, 9),
                          .loss = {static_cast<uint32_t>(rng.below(300'000))}};
  const std::vector<Link> links = links_of(world, fault.victim, UINT32_MAX, rng);
  for (const Link& link : links) world.network().links().slow(link, slowness);
  world.after(fault.for_ms, [&world, links] {
    for (const Link& link : links) world.network().links().unslow(link);
  });
}

/// The disk is as the world has it again after the fault's time.
void spoil_disk(World& world, const PlannedFault& fault, const DiskFaults& faults) {
  SimDisk& disk = world.machine(fault.victim).disk();
  disk.set_faults(faults);
  world.after(fault.for_ms, [&world, &disk] {
    if (!world.is_healed()) disk.set_faults(world.options().disk);
  });
}

void fill_disk(World& world, const PlannedFault& fault, Rng& rng) {
  constexpr uint64_t left_bytes_max = 16 << 10;
  SimDisk& disk = world.machine(fault.victim).disk();
  DiskFaults faults = disk.faults();
  faults.capacity_bytes = disk.used_bytes() + rng.below(left_bytes_max);
  spoil_disk(world, fault, faults);
}

void fail_disk(World& world, const PlannedFault& fault, Rng& rng) {
  const Chance chance{1'000u << rng.below(8)};
  DiskFaults faults = world.machine(fault.victim).disk().faults();
  Chance* const kinds[] = {&faults.open, &faults.read, &faults.write, &faults.name};
  *kinds[rng.below(std::size(kinds))] = chance;
  spoil_disk(world, fault, faults);
}

constexpr uint64_t flushes_mean = 8;  // from a fault's time to the flush that fails

constexpr int64_t changes_mean = 12;     // from a fault's time to the cut
constexpr int64_t few_changes_mean = 3;  // likewise, of files that change seldom

void cut_later(World& world, const PlannedFault& fault, Rng& rng, Machine::Cut cut) {
  const int64_t mean = fault.files.empty() ? changes_mean : few_changes_mean;
  world.machine(fault.victim).cut_after(static_cast<uint64_t>(exponential(rng, mean)), cut, fault.files);
}

/// Down, and down once more in the middle of its next start.
void strike_start(World& world, const PlannedFault& fault, Rng& rng, Machine::Cut cut) {
  Machine& victim = world.machine(fault.victim);
  cut == Machine::Cut::kill ? victim.kill() : victim.power_off();
  const auto changes = static_cast<uint64_t>(exponential(rng, changes_mean));
  world.after(fault.for_ms, [&world, &victim, changes, cut] {
    if (!world.is_healed() && !victim.is_running()) victim.cut_after(changes, cut);
    world.start(victim.id());
  });
}

void strike(World& world, const PlannedFault& fault) {
  SeededRng rng(fault.seed);
  Machine& victim = world.machine(fault.victim);
  const auto restart = [&world, id = fault.victim] { world.start(id); };
  world.trace().note(world.scheduler().now_ns(), name_of(fault.fault), fault.victim);
  switch (fault.fault) {
    case Fault::kill:
      victim.kill();
      return world.after(fault.for_ms, restart);
    case Fault::power_off:
      victim.power_off();
      return world.after(fault.for_ms, restart);
    case Fault::power_off_all:
      return power_off_all(world, fault);
    case Fault::pause:
      victim.pause();
      return world.after(fault.for_ms, [&victim] { victim.resume(); });
    case Fault::partition:
      return block(world, cut_links(fault.shape, world.ids(), rng), fault.for_ms);
    case Fault::cut_off:
      return block(world, links_of(world, fault.victim, fault.peers, rng), fault.for_ms);
    case Fault::clog:
      return clog(world, fault, rng);
    case Fault::clock_jump:
      return victim.clock().jump_ms(between(rng, -fault.for_ms, fault.for_ms));
    case Fault::rot:
      return rot(victim, rng);
    case Fault::terminate:
      victim.terminate();
      return world.after(fault.for_ms, restart);
    case Fault::kill_at_write:
      return cut_later(world, fault, rng, Machine::Cut::kill);
    case Fault::power_off_at_write:
      return cut_later(world, fault, rng, Machine::Cut::power_off);
    case Fault::kill_at_start:
      return strike_start(world, fault, rng, Machine::Cut::kill);
    case Fault::power_off_at_start:
      return strike_start(world, fault, rng, Machine::Cut::power_off);
    case Fault::power_off_at_stop:
      victim.terminate();
      cut_later(world, fault, rng, Machine::Cut::power_off);
      return world.after(fault.for_ms, restart);
    case Fault::kill_all:
      return kill_all(world, fault);
    case Fault::slow:
      return slow(world, fault, rng);
    case Fault::disk_full:
      return fill_disk(world, fault, rng);
    case Fault::disk_error:
      return fail_disk(world, fault, rng);
    case Fault::flush_error:
      return victim.disk().fail_nth(SimDisk::Call::sync, 1 + rng.below(2 * flushes_mean));
    case Fault::wipe:
      victim.wipe();
      return world.after(fault.for_ms, restart);
    case Fault::operation:  // of who knows what runs here
    case Fault::count:
      break;
  }
}

/// The plan without its faults [first, last).
FaultPlan without(const FaultPlan& plan, size_t first, size_t last) {
  FaultPlan rest(plan.begin(), plan.begin() + static_cast<ptrdiff_t>(first));
  rest.insert(rest.end(), plan.begin() + static_cast<ptrdiff_t>(last), plan.end());
  return rest;
}

/// Absent, rare or frequent.
Chance draw_chance(Rng& rng, uint32_t frequent_per_million) {
  const uint32_t choices[] = {0, frequent_per_million / 20, frequent_per_million};
  return {choices[rng.below(3)]};
}

}  // namespace

void schedule(World& world, const FaultPlan& plan, PlanHooks hooks) {
  const auto shared = std::make_shared<const PlanHooks>(std::move(hooks));
  for (const PlannedFault& fault : plan) {
    world.after(fault.at_ms, [&world, fault, shared] {
      if (world.is_healed() || !shared->may_strike(fault)) return;
      shared->struck(fault);
      strike(world, fault);
      if (fault.fault == Fault::operation) shared->operate(fault);
    });
  }
}

FaultPlan shrink(FaultPlan plan, const std::function<bool(const FaultPlan&)>& still_fails) {
  for (size_t chunk = std::max<size_t>(1, plan.size() / 2);; chunk = (chunk + 1) / 2) {
    bool is_smaller = false;
    for (size_t first = 0; first < plan.size();) {
      FaultPlan rest = without(plan, first, std::min(first + chunk, plan.size()));
      if (still_fails(rest)) {
        plan = std::move(rest);
        is_smaller = true;
      } else {
        first += chunk;
      }
    }
    if (chunk == 1 && !is_smaller) return plan;
  }
}

WorldOptions draw_world(Rng& rng) {
  WorldOptions options;
  options.net.latency_us_mean = int64_t{1} << between(rng, 5, 14);  // 32 us to 16 ms
  options.net.chunk_bytes_max = 1u << between(rng, 0, 15);
  options.net.bytes_per_us = int64_t{1} << between(rng, 3, 10);  // 8 MB/s to 1 GB/s
  options.net.window_bytes = 1u << between(rng, 10, 19);
  options.net.loss = draw_chance(rng, 100'000);
  options.net.reset = draw_chance(rng, 2'000);
  options.net.zombie = draw_chance(rng, 500'000);
  options.disk.cold = draw_chance(rng, 500'000);
  options.crash.kept = {static_cast<uint32_t>(rng.below(3) * 500'000)};
  options.crash.torn = draw_chance(rng, 500'000);
  options.crash.garbage = draw_chance(rng, 200'000);
  options.machine.event_cost_ns_mean = int64_t{1'000} << between(rng, 0, 6);
  options.machine.work_latency_ns_mean = int64_t{10'000} << between(rng, 0, 11);  // 10 us to 20 ms
  options.clock_offset_ms_max = int64_t{1} << between(rng, 0, 17);
  options.clock_drift_ppm_max = between(rng, 0, 500);
  options.write_back_ms_mean = 100 * (int64_t{1} << between(rng, 0, 8));
  return options;
}

FaultOptions draw_faults(Rng& rng, std::vector<uint32_t> machines) {
  FaultOptions options{.machines = std::move(machines)};
  // Rot is left out: whether it may strike depends on what other copies there are.
  for (const Fault fault : {Fault::kill, Fault::power_off, Fault::power_off_all, Fault::pause,
                            Fault::partition, Fault::clog, Fault::clock_jump}) {
    if (rng.below(2) == 0) options.faults.push_back(fault);
  }
  if (options.faults.empty()) options.faults.push_back(Fault::kill);
  options.period_ms_mean = 200 * (int64_t{1} << between(rng, 0, 5));
  options.duration_ms_mean = 100 * (int64_t{1} << between(rng, 0, 6));
  options.down_max = 1 + rng.below(options.machines.size());
  return options;
}

}  // namespace kt::sim
