#pragma once
#include "libcli/commands/argv/usage_error.h"
#include "libcli/commands/framework/streams.h"
#include "libcli/commands/groups/cluster_groups.h"

namespace kt::cli::groups {

/// Where the offsets of groups are to go, as --reset-offsets asks.
class Resetting {
 public:
  Resetting(Session& session, const Options& options, Streams& streams)
      : session_(session), options_(options), streams_(streams) {}

  using Offsets = std::map<TopicPartition, int64_t>;
  /// Works it out for one group and, with --execute, commits it. A group with members, or one that the plan
  /// in a file leaves out, gets nothing, and is told of. Errors: what the cluster answers.
  Result<Offsets> reset(const std::string& group);
  /// Reads the plan that --from-file names.
  Result<void> read_plan(Disk& disk);

  /// Why the command line makes no sense after all.
  const std::optional<UsageError>& refused() const { return refused_; }
  bool left_out_groups() const { return left_out_groups_; }

 private:
  Result<std::vector<TopicPartition>> partitions(const Offsets& committed);
  Result<Offsets> plan(const std::string& group);
  Result<Offsets> bounds(const std::vector<TopicPartition>& partitions, int64_t timestamp);
  Result<Offsets> by_time(const std::vector<TopicPartition>& partitions);
  Result<Offsets> within_log(Offsets wanted);
  void tell_of(const std::string& problem);

  Session& session_;
  const Options& options_;
  Streams& streams_;
  ResetPlan from_file_;
  std::optional<UsageError> refused_;
  bool left_out_groups_ = false;
};

}  // namespace kt::cli::groups
