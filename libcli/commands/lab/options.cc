#include "libcli/commands/lab/options.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <utility>

#include "libcli/commands/argv/rules.h"
#include "libcli/config/span.h"
#include "libcli/lab/spec.h"

namespace kt::cli::lab {
namespace {

constexpr int32_t default_port_base = 9092;
constexpr int32_t port_max = 65'535;

constexpr std::pair<std::string_view, int> signals[] = {
    {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"ABRT", SIGABRT}, {"KILL", SIGKILL},
    {"SEGV", SIGSEGV}, {"TERM", SIGTERM}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2}};

std::optional<int64_t> span_of(const Given& given, std::string_view option) {
  return config::parse_span_ms(given.text(option).value_or(""));
}

std::optional<UsageError> read_up(const Given& given, UpOptions& up) {
  up.name = given.text("name").value_or(given.text("lab").value_or(std::string(default_lab_name)));
  up.brokers = *given.integer("brokers");
  up.controllers = *given.integer("controllers");
  up.is_fast = given.has("fast");
  up.keeps = given.has("keep");
  up.is_foreground = given.has("foreground");
  up.directory = given.text("dir");
  up.properties = config::parse_key_values(given.all("set"));
  const std::string base = given.text("port-base").value_or(std::to_string(default_port_base));
  int32_t port = 0;
  const auto parsed = std::from_chars(base.data(), base.data() + base.size(), port);
  const bool is_port = parsed.ec == std::errc() && parsed.ptr == base.data() + base.size() && port > 0 &&
                       port + kt::lab::controller_port_distance + kt::lab::controllers_max <= port_max;
  const auto timeout_ms = span_of(given, "timeout"), ttl_ms = span_of(given, "ttl");
  Rules rules(given);
  rules
      .that(kt::lab::is_lab_name(up.name),
            "a lab's name is of letters, digits, '-', '_' and '.', not " + up.name)
      .that(up.brokers >= 1 && up.brokers <= kt::lab::brokers_max,
            fmt::format("--brokers is 1 to {}", kt::lab::brokers_max))
      .that(up.controllers >= 1 && up.controllers <= kt::lab::controllers_max,
            fmt::format("--controllers is 1 to {}", kt::lab::controllers_max))
      .that(is_port || base == "auto", "--port-base is a port or auto, not " + base)
      .that(timeout_ms && *timeout_ms > 0,
            "--timeout is a time such as 30s, not " + given.text("timeout").value_or(""))
      .that(ttl_ms && *ttl_ms > 0, "--ttl is a time such as 12h, not " + given.text("ttl").value_or(""));
  if (rules.broken()) return rules.broken();
  if (base != "auto") up.port_base = static_cast<uint16_t>(port);
  up.may_move = !given.has("port-base");
  up.timeout_ms = *timeout_ms;
  up.ttl_ms = *ttl_ms;
  return std::nullopt;
}

std::optional<UsageError> read_expect(const Given& given, ExpectOptions& expect) {
  expect.words = given.all("check");
  expect.topic = given.text("topic");
  expect.is = given.text("is");
  expect.size = given.text("size");
  expect.file = given.text("file");
  expect.match = given.text("match");
  expect.partition = given.integer("partition");
  expect.without = given.integer("without");
  expect.is_full = given.has("full");
  expect.by = given.all("by");
  expect.patience.never = given.has("never");
  expect.patience.within_ms = span_of(given, "within");
  expect.patience.for_ms = span_of(given, "for");
  Rules rules(given);
  for (const char* option : {"within", "for"}) {
    rules.that(!given.has(option) || span_of(given, option),
               fmt::format("--{} is a time such as 5s, not {}", option, given.text(option).value_or("")));
  }
  return rules.broken();
}

}  // namespace

std::optional<int> parse_signal(std::string_view text) {
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size())
    return number > 0 && number < NSIG ? std::optional(number) : std::nullopt;
  if (text.starts_with("SIG")) text.remove_prefix(3);
  const auto found = std::ranges::find(signals, text, &std::pair<std::string_view, int>::first);
  return found == std::end(signals) ? std::nullopt : std::optional(found->second);
}

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  Options options{.setting = call.setting, .verb = given.subcommand()};
  if (const auto variable = call.environment.variable("KT_LAB"); variable && !variable->empty())
    options.lab = variable;
  if (given.has("lab")) options.lab = given.text("lab");
  if (given.has_common("name")) options.lab = given.text("name");
  if (options.verb == "up") {
    if (const auto refused = read_up(given, options.up)) return std::unexpected(*refused);
  }
  if (options.verb == "run") {
    options.run = {.what = given.text("exercise").value_or(""),
                   .all = given.has("all"),
                   .keeps_on_failure = given.has("keep-on-failure"),
                   .mode = given.text("mode").value_or(
                       call.environment.out_is_terminal && !given.has("tap") ? "narrate" : "ci"),
                   .junit = given.text("junit")};
  }
  if (options.verb == "expect") {
    if (const auto refused = read_expect(given, options.expect)) return std::unexpected(*refused);
  }
  if (given.has_common("node")) options.node = *given.text("node");
  options.is_rolling = given.has_common("rolling");
  options.all = given.has_common("all");
  options.wipes = given.has_common("wipe");
  options.follows = given.has_common("follow");
  if (given.has_common("grep")) options.pattern = *given.text("grep");
  if (options.verb == "env") options.shell = *given.text("shell");
  if (options.verb == "kill") {
    const auto signal = parse_signal(*given.text("signal"));
    if (!signal)
      return std::unexpected(
          UsageError{"--signal is a signal such as KILL or 9, not " + *given.text("signal")});
    options.signal = *signal;
  }
  return options;
}

}  // namespace kt::cli::lab
