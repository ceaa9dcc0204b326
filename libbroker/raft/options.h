#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/raft/voter_set.h"

namespace kt::raft {

struct Options {
  ReplicaKey self = {};
  std::string cluster_id = {};
  std::vector<Endpoint> listeners = {};  // this replica's own, as a voter's
  std::vector<std::vector<Endpoint>> bootstrap_servers =
      {};                                  // where a replica without voters looks for a leader
  int64_t election_timeout_ms = 1000;      // controller.quorum.election.timeout.ms
  std::optional<int64_t> first_election_ms_max =
      {};                                  // who starts asks for votes by then; none: as after any timeout
  int64_t election_backoff_ms_max = 1000;  // controller.quorum.election.backoff.max.ms
  int64_t fetch_timeout_ms = 2000;         // controller.quorum.fetch.timeout.ms
  int64_t request_timeout_ms = 2000;       // controller.quorum.request.timeout.ms
  int64_t retry_backoff_ms = 20;           // controller.quorum.retry.backoff.ms
  int32_t fetch_wait_ms_max = 500;
  uint64_t seed = 0;
  Mutants mutants = {};
};

}  // namespace kt::raft
