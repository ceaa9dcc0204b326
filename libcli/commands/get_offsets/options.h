#pragma once
#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <vector>

#include "libcli/commands/framework/command.h"
#include "libcli/commands/framework/connection.h"
#include "libcli/commands/framework/topic_filter.h"

namespace kt::cli::get_offsets {

/// Topics, and which of their partitions.
struct Rule {
  TopicFilter topics;
  std::vector<int32_t> only = {};  // empty: those of the range
  int32_t first = 0;
  int32_t end = std::numeric_limits<int32_t>::max();  // not itself

  bool allows(int32_t partition) const;
};

struct Options {
  Setting setting;
  Connection connection;
  std::vector<Rule> rules;  // what any of them allows is meant
  int64_t timestamp = -1;   // as ListOffsets has it: -1 latest, -2 earliest, -3 max timestamp, -4 earliest
                            // local, -5 latest tiered, -6 earliest pending upload
  bool exclude_internal = false;
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::get_offsets
