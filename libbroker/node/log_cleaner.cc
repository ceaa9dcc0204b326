#include "libbroker/node/log_cleaner.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "libbroker/base/logger.h"
#include "libbroker/log/cleaning.h"
#include "libbroker/log/file_names.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.LogCleaner";
constexpr uint64_t step_bytes_most = 1 << 20, step_bytes_least = 16 << 10;
constexpr double step_seconds = 0.1;  // what a step may read and write at the allowed rate
constexpr double load_factor_min = 0.01,
                 load_factor_max = 0.99;  // what log.cleaner.io.buffer.load.factor is held to

std::string directory_of(const PartitionShard& shard) {
  return shard.log_dir() + "/" + log::directory_name({shard.topic(), shard.index()});
}

void put(CleanerCheckpoints& checkpoints, PartitionShard& shard, int64_t clean_offset) {
  checkpoints.put(shard.log_dir(), {shard.topic(), shard.index()}, clean_offset,
                  [&] { return shard.is_retired(); });
}

}  // namespace

/// One cleaning. Its steps run on the pool, one after the other.
struct LogCleaner::Run {
  const std::shared_ptr<PartitionShard> shard;
  const log::CleaningPlan plan;
  log::OffsetMap map;
  const int64_t started_ms;
  std::vector<Done> waiting = {};                     // for it to end
  std::unique_ptr<log::Cleaning> cleaning = nullptr;  // from the first step on
};

struct LogCleaner::Step {
  Result<void> outcome = {};
  uint64_t bytes = 0;
  bool is_last = false;
  int64_t end_offset = -1;  // clean up to here; -1: given up, since the log has gone
};

LogCleaner::Options LogCleaner::Options::from(const metadata::BrokerConfig& config) {
  return {
      .is_enabled = config.log_cleaner_enable,
      .threads = config.log_cleaner_threads,
      .backoff_ms = config.log_cleaner_backoff_ms,
      .dedupe_bytes_max = static_cast<uint64_t>(std::max<int64_t>(0, config.log_cleaner_dedupe_buffer_bytes)),
      .load_factor = std::clamp(config.log_cleaner_load_factor, load_factor_min, load_factor_max),
      .bytes_per_second_max = config.log_cleaner_io_bytes_per_second_max};
}

LogCleaner::LogCleaner(const Seams& seams, PartitionTable& table, const Options& options,
                       const std::vector<std::string>& directories)
    : seams_(seams),
      table_(table),
      options_(options),
      rng_(seams.rng.next()),
      checkpoints_(std::make_shared<CleanerCheckpoints>(seams.disk)) {
  for (const std::string& directory : directories) checkpoints_->read(directory);
}

LogCleaner::~LogCleaner() = default;

void LogCleaner::start() {
  is_started_ = true;
  look();
}

void LogCleaner::stop() {
  alive_.reset();
  is_started_ = false;
  seams_.control.cancel(timer_);
}

void LogCleaner::set_options(const Options& options) {
  options_ = options;
  look();
}

void LogCleaner::forget(const std::string& log_dir, const std::vector<log::TopicPartition>& partitions) {
  bool is_known = false;
  for (const log::TopicPartition& partition : partitions) {
    uncleanable_.erase(log_dir + "/" + log::directory_name(partition));
    is_known |= checkpoints_->remove(log_dir, partition);
  }
  if (!is_known) return;
  if (auto written = checkpoints_->write(log_dir); !written)
    log_warn(component, "{}", written.error().message);
}

void LogCleaner::compact(const std::shared_ptr<PartitionShard>& shard, Done done) {
  const std::string directory = directory_of(*shard);
  if (!shard->is_compacted())
    return done(fail(ErrorCode::invalid_config,
                     shard->topic() + " is not compacted: its cleanup.policy has no compact"));
  if (!is_started_ || !options_.is_enabled || uncleanable_.contains(directory))
    return done(
        fail(ErrorCode::invalid_config, directory + " is not compacted: the cleaner does not work on it"));
  asked_for_[directory].push_back(std::move(done));
  look();
}

void LogCleaner::answer(const std::string& directory, const Result<void>& outcome) {
  const auto waiting = asked_for_.extract(directory);
  if (waiting.empty()) return;
  for (Done& done : waiting.mapped()) done(outcome);
}

/// Finds out, on the pool, which logs are due.
void LogCleaner::look() {
  const bool is_busy = static_cast<int64_t>(runs_.size()) >= options_.threads;
  if (!is_started_ || !options_.is_enabled || is_looking_ || is_busy) return;
  is_looking_ = true;
  seams_.control.cancel(timer_);
  std::set<std::string> skipped = uncleanable_;
  for (const auto& run : runs_) skipped.insert(directory_of(*run->shard));
  std::set<std::string> asked_for;
  for (const auto& [directory, waiting] : asked_for_) asked_for.insert(directory);
  seams_.disk_pool.run([this, alive = std::weak_ptr(alive_), skipped = std::move(skipped),
                        asked_for = std::move(asked_for), shards = table_.all(), checkpoints = checkpoints_,
                        &control = seams_.control] {
    std::vector<Candidate> due;
    for (const auto& shard : shards) {
      if (!shard->is_compacted() || skipped.contains(directory_of(*shard))) continue;
      const auto clean_offset = checkpoints->find(shard->log_dir(), {shard->topic(), shard->index()});
      const auto plan = shard->plan_cleaning(clean_offset);
      if (plan && clean_offset && plan->first_dirty_offset < *clean_offset) {  // the log was cut
        put(*checkpoints, *shard, plan->first_dirty_offset);
        if (auto written = checkpoints->write(shard->log_dir()); !written)
          log_warn(component, "{}", written.error().message);
      }
      if (!plan)
        log_warn(component, "{}: {}", directory_of(*shard), plan.error().message);
      else if (asked_for.contains(directory_of(*shard)))
        due.push_back({shard, *plan, true});
      else if (plan->is_due)
        due.push_back({shard, *plan, false});
    }
    std::ranges::stable_sort(due, std::greater(), [](const Candidate& candidate) {
      return std::pair(candidate.is_asked_for, candidate.plan.dirty_ratio);
    });
    control.post([this, alive, due = std::move(due), skipped, asked_for]() mutable {
      if (!alive.lock()) return;
      for (const Candidate& candidate : due) asked_for.erase(directory_of(*candidate.shard));
      for (const std::string& directory : asked_for) {
        if (!skipped.contains(directory))
          answer(directory, fail(ErrorCode::invalid_config, directory + " cannot be compacted any more"));
      }
      begin(std::move(due));
    });
  });
}

void LogCleaner::look_later() {
  seams_.control.cancel(timer_);
  timer_ = seams_.control.after(options_.backoff_ms, [this] { look(); });
}

void LogCleaner::begin(std::vector<Candidate> candidates) {
  is_looking_ = false;
  const auto threads = static_cast<size_t>(std::max(1, options_.threads));
  const size_t map_bytes =
      std::min<uint64_t>(options_.dedupe_bytes_max / threads, std::numeric_limits<int32_t>::max());
  for (Candidate& candidate : candidates) {
    const std::string directory = directory_of(*candidate.shard);
    if (candidate.is_asked_for && !candidate.plan.can_clean()) {
      answer(directory, {});
      continue;
    }
    if (runs_.size() >= threads) return;  // who ends looks again
    runs_.push_back(std::make_shared<Run>(Run{std::move(candidate.shard), candidate.plan,
                                              log::OffsetMap(rng_, map_bytes, options_.load_factor),
                                              seams_.clock.monotonic_ms()}));
    if (candidate.is_asked_for) runs_.back()->waiting = std::move(asked_for_.extract(directory).mapped());
    advance(runs_.back());
  }
  if (runs_.size() >= threads) return;
  const bool more_is_asked_for = std::ranges::any_of(asked_for_, [this](const auto& asked) {
    return std::ranges::none_of(runs_,
                                [&](const auto& run) { return directory_of(*run->shard) == asked.first; });
  });
  return more_is_asked_for ? look() : look_later();
}

void LogCleaner::advance(std::shared_ptr<Run> run) {
  seams_.disk_pool.run([this, alive = std::weak_ptr(alive_), run = std::move(run),
                        bytes_max = step_bytes_max(), &disk = seams_.disk, checkpoints = checkpoints_,
                        &control = seams_.control] {
    Step step = take_step(*run, bytes_max, disk, *checkpoints);
    if (!step.outcome || step.is_last) {
      if (std::exchange(run->cleaning, nullptr)) run->shard->end_cleaning();
    }
    control.post([this, alive, run, step = std::move(step)] {
      if (alive.lock()) on_step(run, step);
    });
  });
}

LogCleaner::Step LogCleaner::take_step(Run& run, uint64_t bytes_max, Disk& disk,
                                       CleanerCheckpoints& checkpoints) {
  if (!run.cleaning) {
    auto begun = run.shard->begin_cleaning(run.plan, std::move(run.map));
    const bool is_cut = !begun && begun.error().code == ErrorCode::offset_out_of_range;
    if (!begun && (is_cut || run.shard->is_retired())) return {.is_last = true};
    if (!begun) return {.outcome = fail(std::move(begun.error())), .is_last = true};
    run.cleaning = std::move(*begun);
  }
  if (!run.shard->is_current(*run.cleaning)) return {.is_last = true};
  const auto done = run.cleaning->step(bytes_max);
  if (!done && !run.shard->is_current(*run.cleaning))
    return {.is_last = true};  // its files were taken from under it
  if (!done) return {.outcome = fail(done.error()), .is_last = true};
  Step step{.bytes = *done};
  if (run.cleaning->state() != log::Cleaning::State::working) step = finish(run, disk, checkpoints);
  step.bytes = *done;
  return step;
}

/// A group is ready, or all is done.
LogCleaner::Step LogCleaner::finish(Run& run, Disk& disk, CleanerCheckpoints& checkpoints) {
  if (run.cleaning->state() == log::Cleaning::State::group_ready) {
    const auto removed = run.shard->swap_in(*run.cleaning);
    if (!removed && !run.shard->is_current(*run.cleaning)) return {.is_last = true};
    if (!removed) return {.outcome = fail(removed.error()), .is_last = true};
    // At once, so that no more than one segment more is on the disk: who reads one of them has it open.
    for (const std::string& path : *removed) {
      if (auto gone = disk.remove(path); !gone) log_warn(component, "{}", gone.error().message);
    }
  }
  if (run.cleaning->state() != log::Cleaning::State::done) return {};
  PartitionShard& shard = *run.shard;
  put(checkpoints, shard, run.cleaning->end_offset());
  if (auto written = checkpoints.write(shard.log_dir()); !written) {
    return {.outcome = fail(std::move(written.error())), .is_last = true};
  }
  return {.is_last = true, .end_offset = run.cleaning->end_offset()};
}

void LogCleaner::on_step(const std::shared_ptr<Run>& run, const Step& step) {
  const int64_t wait_ms = throttle_ms(step.bytes);
  if (step.is_last) return end(run, step);
  if (wait_ms == 0) return advance(run);
  seams_.control.after(wait_ms, [this, alive = std::weak_ptr(alive_), run] {
    if (alive.lock()) advance(run);
  });
}

void LogCleaner::end(const std::shared_ptr<Run>& run, const Step& step) {
  std::erase(runs_, run);
  const std::string directory = directory_of(*run->shard);
  for (Done& done : run->waiting) done(step.outcome);
  const bool is_stuck = step.end_offset >= 0 && step.end_offset <= run->plan.first_dirty_offset;
  if (!step.outcome && step.outcome.error().code == ErrorCode::kafka_storage_error) {
    log_warn(component, "{}: not compacted, trying again in {} ms: {}", directory, options_.backoff_ms,
             step.outcome.error().message);
    return look_later();
  }
  if (!step.outcome || is_stuck) {
    uncleanable_.insert(directory);
    answer(directory, fail(ErrorCode::invalid_config, directory + " cannot be compacted any more"));
    log_error(component, "{} cannot be compacted, and is not tried again before the next start: {}",
              directory,
              step.outcome ? "log.cleaner.dedupe.buffer.size holds no key" : step.outcome.error().message);
  } else if (step.end_offset >= 0) {
    log_info(component, "Cleaned {} from offset {} to {} in {} ms", directory, run->plan.first_dirty_offset,
             step.end_offset, seams_.clock.monotonic_ms() - run->started_ms);
  }
  look();
}

uint64_t LogCleaner::step_bytes_max() const {
  const double allowed = options_.bytes_per_second_max * step_seconds;
  return allowed < step_bytes_most ? std::max(step_bytes_least, static_cast<uint64_t>(allowed))
                                   : step_bytes_most;
}

/// For how long the next step has to wait after one of so many bytes.
int64_t LogCleaner::throttle_ms(uint64_t bytes) {
  const int64_t now_ns = seams_.clock.monotonic_ns();
  const double seconds =
      options_.bytes_per_second_max > 0 ? static_cast<double>(bytes) / options_.bytes_per_second_max : 0;
  free_at_ns_ = std::max(free_at_ns_, now_ns) + static_cast<int64_t>(seconds * 1e9);
  return (free_at_ns_ - now_ns) / 1'000'000;
}

}  // namespace kt::node
