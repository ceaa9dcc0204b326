#include "libbroker/sim/machine.h"

#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/sim/chance.h"

namespace kt::sim {
namespace {

constexpr int64_t ending_ns_mean = 300'000;  // from the end of one thread to that of the process

}  // namespace

Machine::Machine(uint32_t id, std::string host, uint64_t seed, Scheduler& scheduler, Trace& trace,
                 Network& network)
    : id_(id),
      host_(std::move(host)),
      scheduler_(scheduler),
      trace_(trace),
      network_(network),
      rng_(seed),
      hardware_rng_(~seed),
      buggify_(rng_),
      clock_(scheduler),
      disk_(hardware_rng_, &clock_),
      net_(network, id) {
  network_.add_host(id_, host_);
}

Machine::~Machine() {
  if (is_running()) end_process();
}

std::vector<Loop*> Machine::loops() {
  std::vector<Loop*> all;
  for (const auto& loop : loops_) all.push_back(loop.get());
  return all;
}

void Machine::start(const Program& program, const MachineOptions& options) {
  KT_ASSERT(!is_running() && has_power_);
  trace_.note(scheduler_.now_ns(), "start", id_);
  ++starts_;
  std::vector<std::shared_ptr<Thread>> pool;
  for (uint32_t i = 0; i < options.loops; ++i) {
    threads_.push_back(std::make_shared<Thread>(Thread{id_, i, options.event_cost_ns_mean}));
    loops_.push_back(std::make_unique<SimLoop>(scheduler_, clock_, threads_.back()));
  }
  for (size_t i = 0; i < options.pool_threads; ++i) {
    pool.push_back(std::make_shared<Thread>(Thread{id_, static_cast<uint32_t>(options.loops + i)}));
    threads_.push_back(pool.back());
  }
  executor_ = std::make_unique<SimExecutor>(scheduler_, hardware_rng_, std::move(pool));
  executor_->set_latency_ns_mean(options.work_latency_ns_mean);
  disk_.attach();
  process_ = program(*this);
  KT_ASSERT(process_ != nullptr);
}

void Machine::exit() {
  scheduler_.after(exponential(hardware_rng_, ending_ns_mean), "exit", [this, start = starts_] {
    if (start != starts_ || !is_running()) return;
    kill();
    if (on_exit_) on_exit_();
  });
}

void Machine::kill() {
  if (!is_running()) return;
  trace_.note(scheduler_.now_ns(), "kill", id_);
  network_.process_died(id_);  // before its destructors close streams in whatever order they come
  end_process();
}

void Machine::power_off() {
  if (!has_power_) return;
  trace_.note(scheduler_.now_ns(), "power off", id_);
  has_power_ = false;
  network_.links().set_up(id_, false);
  network_.power_lost(id_);
  if (is_running()) end_process();
  disk_.crash();
}

void Machine::wipe() {
  kill();
  trace_.note(scheduler_.now_ns(), "wipe", id_);
  disk_.wipe();
}

void Machine::terminate() {
  if (!is_running()) return;
  trace_.note(scheduler_.now_ns(), "terminate", id_);
  if (on_terminate_) return loop().post([ask = on_terminate_] { ask(); });
  exit();
}

void Machine::cut_after(uint64_t changes, Cut cut, std::string_view of) {
  const auto on_cut = [this, cut] {
    scheduler_.after(exponential(hardware_rng_, ending_ns_mean), "cut", [this, cut, start = starts_] {
      if (start != starts_ || !is_running()) return;
      cut == Cut::kill ? kill() : power_off();
      if (on_exit_) on_exit_();
    });
  };
  disk_.power_off_after(changes, on_cut, of);
}

void Machine::power_on() {
  trace_.note(scheduler_.now_ns(), "power on", id_);
  has_power_ = true;
  network_.links().set_up(id_, true);
}

/// Nothing of the process may reach the world any more while its destructors run.
void Machine::end_process() {
  KT_ASSERT(scheduler_.running() == nullptr);
  for (const auto& thread : threads_) thread->is_alive = false;
  disk_.detach();
  scheduler_.sweep_dead();
  for (const auto& loop : loops_) loop->cancel_all();
  on_terminate_ = nullptr;
  network_.drop_callbacks(id_);
  process_.reset();
  network_.drop_callbacks(id_);  // what its destructors asked for
  loops_.clear();
  executor_.reset();
  threads_.clear();
  is_paused_ = false;
}

void Machine::pause() {
  if (!is_running()) return;
  trace_.note(scheduler_.now_ns(), "pause", id_);
  is_paused_ = true;
  for (const auto& thread : threads_) thread->is_paused = true;
}

void Machine::resume() {
  if (!is_paused_) return;
  trace_.note(scheduler_.now_ns(), "resume", id_);
  is_paused_ = false;
  for (const auto& thread : threads_) scheduler_.resume(*thread);
}

}  // namespace kt::sim
