#pragma once
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/topic_partition.h"
#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"

namespace kt::cli::groups {

enum class Action : uint8_t { list, describe, remove, reset_offsets, delete_offsets, validate_regex };
enum class View : uint8_t { offsets, members, state };

/// "orders" or "orders:0,1".
struct TopicPartitions {
  std::string topic;
  std::vector<int32_t> partitions;  // empty: all
  bool operator==(const TopicPartitions&) const = default;
};

/// Where offsets are reset to.
struct ResetTarget {
  enum class Kind : uint8_t { offset, shift, timestamp, earliest, latest, current, file };
  Kind kind = Kind::latest;
  int64_t value = 0;  // an offset, by how much to shift, or milliseconds since 1970
  std::string file = {};
  bool operator==(const ResetTarget&) const = default;
};

struct Options {
  Setting setting;
  Connection connection;
  Action action = Action::list;
  std::vector<std::string> groups;
  bool all_groups = false;
  std::vector<TopicPartitions> topics;
  bool all_topics = false;
  int64_t timeout_ms = 0;
  View view = View::offsets;  // describe
  bool verbose = false;
  bool list_states = false;  // list: with a column of its own, and only those in `states` unless it is empty
  bool list_types = false;
  std::vector<std::string> states;  // "PreparingRebalance", as Kafka writes them
  std::vector<std::string> types;   // "Classic", "Consumer"
  std::optional<ResetTarget> reset;
  bool execute = false;  // reset-offsets: else only show
  bool export_csv = false;
  std::string regex;                        // validate-regex
  std::vector<std::string> notices_on_err;  // what Kafka's tool says before it starts
  std::string refused_late = {};            // what it finds only while it works
};

/// One per group: offsets to reset to.
using ResetPlan = std::map<std::string, std::map<TopicPartition, int64_t>>;

/// What precedes most failures of the tool, on stdout, after an empty line.
inline constexpr std::string_view failure_prefix = "\nError: Executing consumer group command failed due to ";

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

/// Lines of `topic,partition,offset`, meant for `only_group`, or of `group,topic,partition,offset`; what
/// --export writes. Errors: a sentence that names the line.
std::expected<ResetPlan, std::string> parse_reset_plan(const std::string& csv,
                                                       const std::optional<std::string>& only_group);

/// "t" or "t:0,1". Errors: Kafka's sentences.
std::expected<TopicPartitions, std::string> parse_topic_partitions(const std::string& text);

}  // namespace kt::cli::groups
