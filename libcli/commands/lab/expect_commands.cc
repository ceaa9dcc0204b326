#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <regex>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libcli/commands/lab/child_command.h"
#include "libcli/commands/lab/expect.h"
#include "libcli/commands/lab/log_tail.h"
#include "libcli/config/span.h"
#include "libcli/term/text.h"

namespace kt::cli::lab {
namespace {

using kt::lab::Sight;
using Words = std::vector<std::string>;

/// Where the command names no cluster, the lab is meant.
Result<ChildOutcome> run_in(const Chosen& lab, const Words& command) {
  return run_child(command, {{"KT_BOOTSTRAP_SERVERS", lab.spec.bootstrap_servers()}});
}

Words words_from(const ExpectOptions& options, size_t index) {
  return {options.words.begin() + static_cast<ptrdiff_t>(std::min(index, options.words.size())),
          options.words.end()};
}

/// The error's name in capitals, from that or from its number.
std::optional<std::string> error_name(const std::string& text) {
  int16_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size())
    return std::string(name_of(static_cast<ErrorCode>(number)));
  for (int16_t code = -1; code < 200; ++code) {
    if (name_of(static_cast<ErrorCode>(code)) == text) return text;
  }
  return std::nullopt;
}

std::expected<Check, UsageError> table_check(const ExpectOptions& options) {
  Words command = words_from(options, 1);
  if (!options.file || command.empty())
    return bad_check(
        "expect table needs --file and a command: expect table --file F -- kt topics describe t");
  return Check{fmt::format("{} prints what is in {}", term::join(command, " "), *options.file),
               [file = *options.file, command](Looker& looker) -> Result<Sight> {
                 const auto expected = looker.environment().disk.read_all(file);
                 if (!expected) return fail(expected.error());
                 const auto outcome = run_in(looker.lab(), command);
                 if (!outcome) return fail(outcome.error());
                 const auto line = kt::lab::first_difference(*expected, outcome->out);
                 if (!line) return Sight{true, "the same"};
                 return Sight{false,
                              fmt::format("line {} differs:\n{}{}", *line, outcome->out, outcome->err)};
               }};
}

/// "<2s": a sign and a time, in milliseconds.
std::optional<kt::lab::Bound> parse_time_bound(const std::string& text) {
  const size_t sign = std::min(text.find_first_not_of("<>=!"), text.size());
  const auto ms = config::parse_span_ms(text.substr(sign));
  return ms ? kt::lab::parse_bound(text.substr(0, sign) + std::to_string(*ms)) : std::nullopt;
}

std::expected<Check, UsageError> took_check(const ExpectOptions& options) {
  const auto bound = options.words.size() > 1 ? parse_time_bound(options.words[1]) : std::nullopt;
  Words command = words_from(options, 2);
  if (!bound || command.empty())
    return bad_check("expect took needs a time and a command: expect took '<2s' -- kt topics list");
  return Check{fmt::format("{} takes {}", term::join(command, " "), options.words[1]),
               [bound = *bound, command](Looker& looker) -> Result<Sight> {
                 Clock& clock = looker.environment().clock;
                 const int64_t begun_ms = clock.monotonic_ms();
                 const auto outcome = run_in(looker.lab(), command);
                 if (!outcome) return fail(outcome.error());
                 const int64_t took_ms = clock.monotonic_ms() - begun_ms;
                 if (outcome->status != 0)
                   return Sight{false, fmt::format("it ended with {}: {}", outcome->status, outcome->err)};
                 return Sight{bound.holds(took_ms), fmt::format("it took {} ms", took_ms)};
               }};
}

std::expected<Check, UsageError> error_check(const ExpectOptions& options) {
  Words command = words_from(options, 2);
  if (command.empty())
    return bad_check(
        "expect error needs an error and a command: expect error NOT_ENOUGH_REPLICAS -- kt produce ...");
  const auto name = error_name(options.words[1]);
  if (!name) return bad_check(options.words[1] + " is no error of Kafka's, by name or number");
  return Check{fmt::format("{} fails with {}", term::join(command, " "), *name),
               [name = *name, command](Looker& looker) -> Result<Sight> {
                 const auto outcome = run_in(looker.lab(), command);
                 if (!outcome) return fail(outcome.error());
                 const std::regex word("(^|[^A-Z_])" + name + "([^A-Z_]|$)");
                 const bool says_so =
                     std::regex_search(outcome->err, word) || std::regex_search(outcome->out, word);
                 return Sight{outcome->status != 0 && says_so,
                              fmt::format("it ended with {}: {}", outcome->status, outcome->err)};
               }};
}

std::expected<Check, UsageError> logs_check(const ExpectOptions& options) {
  if (options.words.size() < 2 || !options.match)
    return bad_check("expect logs needs a node and --match: expect logs 1 --match 'started'");
  std::regex wanted;
  try {
    wanted = std::regex(*options.match);
  } catch (const std::regex_error&) {
    return bad_check(fmt::format("--match {} is no regular expression", *options.match));
  }
  return Check{fmt::format("a line of {}'s log matches {}", options.words[1], *options.match),
               [word = options.words[1], wanted](Looker& looker) -> Result<Sight> {
                 const auto node = node_of(word, looker.lab().spec, looker.environment());
                 if (!node) return fail(node.error());
                 const auto lines =
                     LogReader(looker.environment().disk, looker.lab().place.node_log(*node)).next();
                 if (!lines) return fail(lines.error());
                 const auto found = std::ranges::find_if(
                     *lines, [&](const std::string& line) { return std::regex_search(line, wanted); });
                 if (found == lines->end())
                   return Sight{false, fmt::format("none of {} lines does", lines->size())};
                 return Sight{true, *found};
               }};
}

}  // namespace

std::expected<Check, UsageError> command_check(const ExpectOptions& options) {
  const std::string& name = options.words[0];
  if (name == "table") return table_check(options);
  if (name == "took") return took_check(options);
  return name == "error" ? error_check(options) : logs_check(options);
}

}  // namespace kt::cli::lab
