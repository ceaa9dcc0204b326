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

namespace kt::cli::lab {

inline constexpr std::string_view default_lab_name = "lab";

struct UpOptions {
  std::string name;
  int32_t brokers = 3, controllers = 1;
  bool is_fast = false;
  std::optional<uint16_t> port_base;  // none: any that is free
  bool may_move = false;              // to another base when that one is taken
  config::Properties properties;
  std::optional<std::string> directory;
  bool keeps = false;  // goes on with what is there
  bool is_foreground = false;
  int64_t timeout_ms = 0, ttl_ms = 0;
};

struct ExpectOptions {
  std::vector<std::string> words;  // the check and what it is about; of those with a command, that too
  kt::lab::Patience patience;
  std::optional<std::string> topic, is, size, file, match;
  std::optional<int32_t> partition, without;
  bool is_full = false;
  std::vector<std::string> by;
};

struct RunOptions {
  std::string what;  // a file, or an exercise's number
  bool all = false, keeps_on_failure = false;
  std::string mode;  // narrate or ci
  std::optional<std::string> junit;
};

/// What stands after `kt lab VERB`.
struct Options {
  Setting setting;
  std::string_view verb;
  std::optional<std::string> lab;  // that is meant; none: the current one
  UpOptions up;
  ExpectOptions expect;
  RunOptions run;
  std::string node;  // "1", "controller"; of kill, stop, start, restart, pause, resume, logs
  int signal = 9;
  bool is_rolling = false, all = false, wipes = false, follows = false;
  std::string pattern;  // of --grep
  std::string shell;
};

extern const Syntax syntax;
std::expected<Options, UsageError> parse(const Call& call);

/// "9", "KILL", "SIGKILL"; none for what is no signal.
std::optional<int> parse_signal(std::string_view text);

}  // namespace kt::cli::lab
