#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcli/commands/framework/command.h"
#include "libcli/config/properties.h"
#include "libcli/lab/expectation.h"
#include "libcli/lab/faults.h"

namespace kt::cli::lab {

inline constexpr std::string_view default_lab_name = "lab";

struct UpOptions {
  std::string name;
  int32_t brokers = 3, controllers = 1;
  bool is_fast = false;
  std::optional<uint16_t> port_base;  // none: any that is free
  bool may_move = false;              // to another base when that one is taken
  config::Properties properties;
  std::optional<uint64_t> seed;
  std::optional<std::string> directory;
  bool keeps = false;  // goes on with what is there
  bool is_foreground = false;
  int64_t timeout_ms = 0, ttl_ms = 0;
};

struct ExpectOptions {
  std::vector<std::string> words;  // the check and what it is about; of those with a command, that too
  kt::lab::Patience patience;
  std::optional<std::string> topic, is, size, file, match;
  std::optional<std::string> to, only, sizes, sent, got;
  std::optional<int32_t> partition, without, from, max_skew;
  bool is_full = false;
  std::vector<std::string> by;
};

struct RunOptions {
  std::string what;  // a file, or an exercise's number
  bool all = false, keeps_on_failure = false;
  std::string mode;  // narrate, do or ci
  std::optional<std::string> junit, ndjson;
  int32_t jobs = 1, repeat = 1;
};

struct FaultOptions {
  std::string link, amount;  // "0,1|2"; "200ms", "1MB/s"
  bool is_one_way = false, is_answer = false;
  std::vector<std::string> apis;
  std::string client;
  std::optional<int64_t> for_ms;
  int64_t count = 1, after_bytes = 0;
  std::optional<int32_t> id;  // of heal; none: all
};

struct CorruptOptions {
  std::string spot;  // "t:0@12"
  std::string how;   // bit, truncate or torn
};

struct TendOptions {
  std::string partition;  // "t", "t:0"
  bool is_unclean = false;
};

struct ScaffoldOptions {
  std::string directory;
  std::vector<std::string> scripts;  // the names of Kafka's scripts that kt is, with .sh
};

/// What stands after `kt lab VERB`.
struct Options {
  Setting setting;
  std::string_view verb;
  std::optional<std::string> lab;  // that is meant; none: the current one
  UpOptions up;
  ExpectOptions expect;
  RunOptions run;
  FaultOptions fault;
  TendOptions tend;
  CorruptOptions corrupt;
  kt::lab::ClockChange clock;
  ScaffoldOptions scaffold;
  std::string node;  // "1", "controller"; of kill, stop, start, restart, pause, resume, logs
  int signal = 9;
  std::string rack;                // of add
  bool drains = false;             // of remove
  std::string snapshot, file;      // of snapshot and restore; of bundle
  std::vector<std::string> files;  // of lint
  bool is_rolling = false, all = false, wipes = false, follows = false;
  std::string pattern;  // of --grep
  std::string shell;
};

extern const Syntax syntax;
std::expected<Options, UsageError> parse(const Call& call);

/// "9", "KILL", "SIGKILL"; none for what is no signal.
std::optional<int> parse_signal(std::string_view text);

}  // namespace kt::cli::lab
