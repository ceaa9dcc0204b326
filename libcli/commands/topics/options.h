#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/uuid.h"
#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::topics {

enum class Action : uint8_t { list, create, alter, describe, remove };

/// Which partitions describe shows; none of them: all, with the line about the topic.
struct Reports {
  bool under_replicated = false;
  bool unavailable = false;
  bool under_min_isr = false;
  bool at_min_isr = false;
  bool any() const { return under_replicated || unavailable || under_min_isr || at_min_isr; }
};

struct Options {
  Setting setting;
  Connection connection;
  Action action = Action::list;
  std::optional<std::string> topic;  // create: a name; else a filter, "a,b" and Java regex
  std::optional<Uuid> topic_id;      // describe; wins over `topic`; never zero
  std::optional<int32_t> partitions;
  std::optional<int32_t> replication_factor;
  std::vector<std::vector<int32_t>> replica_assignment;  // brokers by partition, all of one size
  bool classic_assignment = false;                       // replicas placed by this tool, as before Kafka 2.2
  std::optional<uint32_t> classic_start, classic_shift;  // of it, where they are not to be left to chance
  std::vector<std::pair<std::string, std::string>> configs;  // in the order given
  bool if_exists = false;
  bool if_not_exists = false;
  bool exclude_internal = false;
  Reports reports;
  bool only_with_overrides = false;
  int32_t partitions_per_response_max = 2000;
  std::vector<std::string> notices_on_out, notices_on_err;  // what Kafka's tool says before it starts
};

/// What precedes every failure of the tool, on stdout.
inline constexpr std::string_view failure_prefix = "Error while executing topic command : ";

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::topics
