#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/topic_partition.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/lab/lab.h"

namespace kt::cli::lab {

/// "t:0", or "t-0"; none for anything else.
std::optional<TopicPartition> parse_partition(const std::string& text);

/// A partition that is meant, and who has it.
struct Meant {
  TopicPartition partition;
  int32_t leader_id = -1;
  std::vector<int32_t> replicas;
};
/// "t" is every partition of topic t, "t:0" that one. Errors: there is no such topic or partition, the
/// cluster's.
Result<std::vector<Meant>> partitions_meant(Session& session, const std::string& text);

/// A client of the lab. Errors: its addresses.
Result<std::unique_ptr<Session>> open_session(const kt::lab::Spec& spec, Environment& environment);

}  // namespace kt::cli::lab
