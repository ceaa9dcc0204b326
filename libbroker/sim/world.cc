#include "libbroker/sim/world.h"

#include <utility>

#include "libbroker/sim/chance.h"

namespace kt::sim {

World::World(uint64_t seed, const WorldOptions& options)
    : options_(options),
      rng_(seed),
      net_rng_(rng_.next()),
      time_rng_(rng_.next()),
      scheduler_(trace_, time_rng_),
      network_(scheduler_, trace_, net_rng_) {
  network_.links().set_faults(options_.net);
}

World::~World() {
  machines_.clear();
  scheduler_.clear();  // streams in it refer to the network
}

Machine& World::add(const std::string& host, Program program) {
  const auto id = static_cast<uint32_t>(machines_.size());
  auto machine = std::make_unique<Machine>(id, host, rng_.next(), scheduler_, trace_, network_);
  machine->disk().set_faults(options_.disk);
  machine->disk().set_crash_faults(options_.crash);
  machine->clock().jump_ms(between(rng_, -options_.clock_offset_ms_max, options_.clock_offset_ms_max));
  machine->clock().set_drift_ppm(between(rng_, -options_.clock_drift_ppm_max, options_.clock_drift_ppm_max));
  machine->set_supervisor([this, id] { after(options_.restart_ms, [this, id] { start(id); }); });
  write_back_later(*machine);
  machines_.push_back({std::move(machine), std::move(program)});
  return *machines_.back().machine;
}

void World::write_back_later(Machine& machine) {
  const int64_t delay_ns = exponential(rng_, options_.write_back_ms_mean * 1'000'000);
  scheduler_.after(delay_ns, "write back", [this, &machine] {
    machine.disk().write_back();
    write_back_later(machine);
  });
}

std::vector<uint32_t> World::ids() const {
  std::vector<uint32_t> ids;
  for (const Slot& slot : machines_) ids.push_back(slot.machine->id());
  return ids;
}

void World::start(uint32_t id) {
  Slot& slot = machines_.at(id);
  if (!slot.machine->has_power()) slot.machine->power_on();
  if (!slot.machine->is_running()) slot.machine->start(slot.program, options_.machine);
}

void World::start_all() {
  for (const uint32_t id : ids()) start(id);
}

void World::heal() {
  is_healed_ = true;
  NetFaults net = options_.net;
  net.loss = net.reset = net.zombie = never;
  network_.links().set_faults(net);
  network_.links().heal();
  for (const Slot& slot : machines_) {
    slot.machine->disk().set_faults({.capacity_bytes = options_.disk.capacity_bytes});
    slot.machine->disk().cancel_power_off();
    slot.machine->disk().cancel_failures();
    slot.machine->resume();
  }
  start_all();
}

World::Outcome World::run_until(const std::function<bool()>& is_met, Limits limits) {
  const int64_t end_ns = scheduler_.now_ns() + limits.ms * 1'000'000;
  const uint64_t events_end = scheduler_.events() + limits.events;
  while (!is_met()) {
    if (scheduler_.is_idle() || scheduler_.next_ns() > end_ns) {
      scheduler_.advance_to(end_ns);
      return Outcome::out_of_time;
    }
    if (scheduler_.events() >= events_end) return Outcome::out_of_events;
    scheduler_.step();
    if (check_) check_();
  }
  return Outcome::met;
}

void World::run_for(int64_t ms) {
  run_until([] { return false; }, {.ms = ms, .events = UINT64_MAX / 2});
}

}  // namespace kt::sim
