#pragma once
#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <vector>

#include "libcli/commands/framework/command.h"

namespace kt::cli::dump_log {

/// What records are read as.
enum class Contents : uint8_t {
  plain,  // by the key's and the value's decoder
  offsets,
  transactions,
  cluster_metadata,
  remote_log_metadata,
  share_group_state,
};

/// Kafka's decoders of keys and values.
enum class Decoder : uint8_t { string, bytes, integer, long_integer };

struct Options {
  Setting setting;
  std::vector<std::string> files;
  Contents contents = Contents::plain;
  Decoder key_decoder = Decoder::string;
  Decoder value_decoder = Decoder::string;
  bool print_data = false;
  bool deep = false;  // a line for each record
  bool skip_record_metadata = false;
  int32_t bytes_max = std::numeric_limits<int32_t>::max();  // of batches, then stop
  int32_t message_bytes_max = 5 << 20;
  bool verify_index_only = false;
  bool index_sanity_check = false;
};

extern const Syntax syntax;

std::expected<Options, UsageError> parse(const Call& call);

}  // namespace kt::cli::dump_log
