#include "libcli/commands/sim/sim.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/logger.h"
#include "libcli/commands/sim/seed_report.h"
#include "libcli/commands/sim/workers.h"

namespace kt::cli::sim {
namespace {

constexpr double ms_of_a_day = 86'400'000;

template <class T>
T median(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// The figures of all seeds so far.
class Tally {
 public:
  void add(const SeedReport& report) {
    failed_ += report.has_failed() ? 1 : 0;
    simulated_s_.push_back(report.simulated_s);
    acknowledged_.push_back(report.acknowledged);
    faults_.push_back(report.faults);
    leader_changes_.push_back(report.leader_changes);
    starts_ += report.starts;
    ++by_profile_[report.profile];
  }
  uint64_t failed() const { return failed_; }
  std::string text(int64_t took_ms) const {
    std::string profiles;
    for (const auto& [profile, seeds] : by_profile_)
      profiles += fmt::format("{}{} {}", profiles.empty() ? "" : ", ", seeds, profile);
    const double seeds_per_ms =
        static_cast<double>(simulated_s_.size()) / static_cast<double>(std::max<int64_t>(took_ms, 1));
    return fmt::format(
        "{} seeds, {} failed ({}); medians: {:.1f} s simulated, {} records acknowledged, {} faults, {} "
        "leader "
        "changes; {} starts; {:.1f} seeds/s, {:.0f} a day",
        simulated_s_.size(), failed_, profiles, median(simulated_s_), median(acknowledged_), median(faults_),
        median(leader_changes_), starts_, seeds_per_ms * 1'000, seeds_per_ms * ms_of_a_day);
  }

 private:
  uint64_t failed_ = 0, starts_ = 0;
  std::vector<double> simulated_s_;
  std::vector<uint64_t> acknowledged_, faults_, leader_changes_;
  std::map<std::string, uint64_t> by_profile_;
};

void tell(const SeedReport& report, const Options& options, std::ostream& out) {
  if (options.setting.output == Output::ndjson) {
    out << report.json() << std::endl;
    return;
  }
  out << report.text() << std::endl;
  if (report.has_failed()) out << report.failure_text() << std::flush;
}

SeedReport report_of(const Workers::Done& done, uint64_t seed) {
  if (done.answer) return SeedReport::from_json(*done.answer);
  const std::string said = done.last_words.substr(0, done.last_words.find('\n'));
  return {.seed = seed, .violations = {said.empty() ? "the process ended" : said}};
}

/// In order of the seeds, whichever is done first.
void run_all(const Options& options, Tally& tally, std::ostream& out) {
  const uint64_t end = options.first_seed + options.seeds;
  Workers workers(std::min<uint64_t>(options.jobs, options.seeds),
                  [&](uint64_t seed) { return run_seed(seed, options).json(); });
  std::map<uint64_t, SeedReport> done;
  for (uint64_t next = options.first_seed, told = options.first_seed; told < end;) {
    while (next < end && workers.has_idle()) workers.give(next++);
    const Workers::Done one = workers.take();
    done[one.task] = report_of(one, one.task);
    for (auto first = done.find(told); first != done.end(); first = done.find(++told)) {
      tally.add(first->second);
      tell(first->second, options, out);
      done.erase(first);
    }
  }
}

/// In this process, event by event.
SeedReport replay(const Options& options, std::ostream& out) {
  kt::sim::RunOptions watching;
  const auto line = [&out](int64_t time_ns, const std::string& what) {
    out << fmt::format("{:>12.6f} {}\n", static_cast<double>(time_ns) / 1e9, what);
  };
  if (options.is_replayed) watching.tell = line;
  if (options.is_traced) {
    watching.sink = [line](int64_t time_ns, std::string_view what, uint64_t a, uint64_t b) {
      line(time_ns, fmt::format("{} {} {}", what, a, b));
    };
  }
  return run_seed(options.first_seed, options, watching);
}

/// One mutant's seeds, until enough have caught it.
struct Hunt {
  uint64_t seeds = 0, caught = 0;
  std::optional<SeedReport> first;
};

Hunt hunt(Mutant mutant, const Options& options) {
  Options one = options;
  one.mutant = mutant;
  Workers workers(options.jobs, [&](uint64_t seed) { return run_seed(seed, one).json(); });
  Hunt hunt;
  uint64_t next = options.first_seed;
  const uint64_t end = options.first_seed + options.seeds;
  while (true) {
    while (next < end && hunt.caught < options.caught_max && workers.has_idle()) workers.give(next++);
    if (workers.is_all_idle()) return hunt;
    const Workers::Done done = workers.take();
    const SeedReport report = report_of(done, done.task);
    ++hunt.seeds;
    if (!report.has_failed()) continue;
    ++hunt.caught;
    if (!hunt.first || report.seed < hunt.first->seed) hunt.first = report;
  }
}

Exit try_mutants(const Options& options, std::ostream& out) {
  uint64_t survived = 0;
  out << "| mutant | first seed | caught | what was found |\n| --- | --- | --- | --- |\n" << std::flush;
  for (const Mutant mutant : options.hunted) {
    const Hunt found = hunt(mutant, options);
    if (found.caught < options.caught_max) ++survived;
    std::string what = found.first ? found.first->violations.front() : "";
    what = what.substr(0, 120);
    std::ranges::replace(what, '\n', ' ');
    std::ranges::replace(what, '|', '/');
    out << fmt::format("| {} | {} | {} of {} | {} |\n", name_of(mutant),
                       found.first ? fmt::format("{} ({})", found.first->seed, found.first->profile) : "-",
                       found.caught, found.seeds, what)
        << std::flush;
  }
  out << fmt::format("{} mutants, {} survived {} seeds\n", options.hunted.size(), survived, options.seeds);
  return survived == 0 ? Exit::done : Exit::failed;
}

Exit list(Listing listing, std::ostream& out) {
  if (listing == Listing::profiles) {
    for (const kt::sim::ProfileText& text : kt::sim::profile_texts())
      out << fmt::format("{:<10} {}\n", text.name, text.help);
  } else {
    for (const std::string_view name : mutant_names) out << name << '\n';
  }
  return Exit::done;
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  if (options.listing != Listing::none) return list(options.listing, streams.out);
  set_log(options.is_traced ? LogLevel::info : LogLevel::off, false);
  if (options.caught_max > 0) return try_mutants(options, streams.out);
  const int64_t begun_ms = environment.clock.monotonic_ms();
  Tally tally;
  if (options.is_replayed || options.is_traced) {
    const SeedReport report = replay(options, streams.out);
    tally.add(report);
    tell(report, options, streams.out);
  } else {
    run_all(options, tally, streams.out);
  }
  const std::string figures = tally.text(environment.clock.monotonic_ms() - begun_ms);
  if (options.setting.output != Output::ndjson) streams.out << figures << '\n';
  return tally.failed() == 0 ? Exit::done : Exit::failed;
}

}  // namespace kt::cli::sim
