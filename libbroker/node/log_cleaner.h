#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libbroker/base/rng.h"
#include "libbroker/log/cleaning_plan.h"
#include "libbroker/metadata/broker_config.h"
#include "libbroker/node/cleaner_checkpoints.h"
#include "libbroker/node/partition_table.h"
#include "libbroker/node/seams.h"

namespace kt::node {

/// Compacts the logs of topics whose cleanup.policy has `compact`: looks for those that are due, the dirtiest
/// first, and drives their cleanings step by step on the disk pool, log.cleaner.threads of them at a time, so
/// that other work has its turn in between. Decides on the control loop. A log that cannot be read as it
/// should be is left alone until the next start.
class LogCleaner {
 public:
  struct Options {
    bool is_enabled = true;
    int32_t threads = 1;
    int64_t backoff_ms = 15'000;            // between looks while nothing is due
    uint64_t dedupe_bytes_max = 128 << 20;  // of all offset maps
    double load_factor = 0.9;               // of a map
    double bytes_per_second_max = 0;        // read and written
    static Options from(const metadata::BrokerConfig& config);
  };
  /// Reads the checkpoints of the log directories. Blocks.
  LogCleaner(const Seams& seams, PartitionTable& table, const Options& options,
             const std::vector<std::string>& directories);
  ~LogCleaner();

  void start();
  /// Begins nothing more; a step under way ends, and changes no log that is closed by then.
  void stop();
  void set_options(const Options& options);
  /// Compacts the log at once and whole, as far as its segments are sealed, though it may not be due; `done`
  /// is called on the control loop. Errors: invalid_config when its topic is not compacted, and why it could
  /// not be.
  using Done = std::move_only_function<void(Result<void>)>;
  void compact(const std::shared_ptr<PartitionShard>& shard, Done done);
  /// Replicas that are retired leave this broker, or their directory: others of their names begin dirty.
  /// Blocks.
  void forget(const std::string& log_dir, const std::vector<log::TopicPartition>& partitions);

 private:
  /// A log and why it is to be cleaned.
  struct Candidate {
    std::shared_ptr<PartitionShard> shard;
    log::CleaningPlan plan;
    bool is_asked_for = false;
  };
  struct Run;
  struct Step;

  void look();
  void look_later();
  void answer(const std::string& directory, const Result<void>& outcome);
  void begin(std::vector<Candidate> candidates);
  void advance(std::shared_ptr<Run> run);
  void on_step(const std::shared_ptr<Run>& run, const Step& step);
  void end(const std::shared_ptr<Run>& run, const Step& step);
  static Step take_step(Run& run, uint64_t bytes_max, Disk& disk, CleanerCheckpoints& checkpoints);
  static Step finish(Run& run, Disk& disk, CleanerCheckpoints& checkpoints);
  uint64_t step_bytes_max() const;
  int64_t throttle_ms(uint64_t bytes);

  const Seams seams_;
  PartitionTable& table_;
  Options options_;
  SeededRng rng_;
  const std::shared_ptr<CleanerCheckpoints> checkpoints_;
  std::vector<std::shared_ptr<Run>> runs_;
  std::set<std::string> uncleanable_;  // by directory
  std::map<std::string, std::vector<Done>> asked_for_;  // by directory
  bool is_started_ = false, is_looking_ = false;
  int64_t free_at_ns_ = 0;  // when the allowed rate will have caught up with what was read and written
  Timers::Id timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kt::node
