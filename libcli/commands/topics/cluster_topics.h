#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/uuid.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/topics/options.h"

namespace kt::cli::topics {

/// One topic as describe shows it. A list that is none: the cluster could not tell.
struct TopicDescription {
  /// A reassignment under way: all replicas, and which of them come and go.
  struct Move {
    std::vector<int32_t> replicas, adding, removing;
  };
  struct Partition {
    int32_t index = 0, leader = -1;
    bool leader_is_alive = true;
    std::vector<int32_t> replicas, isr;
    std::optional<std::vector<int32_t>> elr, last_known_elr;
    std::optional<Move> move = {};

    /// Without the replicas that a move adds, while it has not ended [TopicCommand.getReplicationFactor].
    size_t replication_factor() const;
  };
  std::string name;
  Uuid id;
  bool is_internal = false;
  std::vector<Partition> partitions;
  std::vector<std::pair<std::string, std::string>> configs;  // those that are not the default
  int32_t min_insync_replicas = 1;
};

/// Names that the options ask for, sorted. Errors: the cluster's, an invalid regex.
Result<std::vector<std::string>> matching_topics(Session& session, const Options& options);
/// Page by page (KIP-966), from metadata where the cluster has no pages.
Result<std::vector<TopicDescription>> describe_topics(Session& session, const std::vector<std::string>& names,
                                                      int32_t page_partitions);
/// Fills in `move`. Nobody is told to move where the cluster has no such question or does not let us ask it.
/// Errors: the cluster's.
Result<void> describe_moves(Session& session, std::vector<TopicDescription>& topics);
/// Fills in `configs`, of the topic itself where it is `only_own`, and `min_insync_replicas`.
Result<void> describe_configs(Session& session, std::vector<TopicDescription>& topics, bool only_own);

}  // namespace kt::cli::topics
