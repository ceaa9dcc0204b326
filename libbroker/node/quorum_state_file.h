#pragma once
#include <optional>
#include <string>

#include "libbroker/base/disk.h"
#include "libbroker/raft/ballot.h"
#include "libbroker/raft/voter_set.h"

namespace kt::node {

/// The ballot in Kafka's `quorum-state` file: QuorumStateData as JSON, and "data_version". Version 0, which names the
/// voters, goes with kraft.version 0, version 1 with 1. Errors: kafka_storage_error, also for a file nobody wrote so.
Result<std::optional<raft::Ballot>> read_quorum_state(Disk& disk, const std::string& directory);
std::string quorum_state_path(const std::string& directory);
/// What such a file says; `path` is for the error.
Result<raft::Ballot> parse_quorum_state(const std::string& text, const std::string& path);
Result<void> write_quorum_state(Disk& disk, const std::string& directory, const raft::Ballot& ballot,
                                const raft::VoterHistory::Entry& voters);

}  // namespace kt::node
