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
constexpr int32_t jobs_max = 16, repeat_max = 10'000;

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
  if (given.has("seed")) {
    const std::string seed = *given.text("seed");
    uint64_t value = 0;
    const auto read = std::from_chars(seed.data(), seed.data() + seed.size(), value);
    if (read.ec != std::errc() || read.ptr != seed.data() + seed.size())
      return UsageError{"--seed is a number, not " + seed};
    up.seed = value;
  }
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
  expect.from = given.integer("from");
  expect.to = given.text("to");
  expect.only = given.text("only");
  expect.sizes = given.text("sizes");
  expect.sent = given.text("sent");
  expect.got = given.text("got");
  expect.max_skew = given.integer("max-skew");
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

std::optional<UsageError> read_fault(const Given& given, FaultOptions& fault) {
  fault.link = given.has_common("link") ? *given.text("link") : given.text("node").value_or("");
  if (given.has_common("amount")) fault.amount = *given.text("amount");
  fault.is_one_way = given.has_common("one-way");
  fault.is_answer = given.has_common("answer");
  if (given.has_common("api")) fault.apis = given.all("api");
  if (given.has_common("client")) fault.client = *given.text("client");
  if (given.has_common("count")) fault.count = *given.integer("count");
  Rules rules(given);
  rules.that(fault.count > 0, "--count is a number above 0");
  if (given.has_common("for")) {
    fault.for_ms = span_of(given, "for");
    rules.that(fault.for_ms && *fault.for_ms > 0, "--for is a time such as 5s, not " + *given.text("for"));
  }
  if (given.has_common("after")) {
    const auto bytes = kt::lab::parse_bytes(*given.text("after"));
    rules.that(bytes.has_value(), "--after is so many bytes, such as 1MB, not " + *given.text("after"));
    fault.after_bytes = bytes.value_or(0);
  }
  return rules.broken();
}

std::optional<UsageError> read_heal(const Given& given, FaultOptions& fault) {
  const std::string which = given.text("fault").value_or("all");
  if (which == "all") return std::nullopt;
  int32_t id = 0;
  const auto parsed = std::from_chars(which.data(), which.data() + which.size(), id);
  if (parsed.ec != std::errc() || parsed.ptr != which.data() + which.size())
    return UsageError{"heal takes a fault's number, or all, not " + which};
  fault.id = id;
  return std::nullopt;
}

/// "advance 25h", "freeze", "run", "rate x60".
std::optional<UsageError> read_clock(const Given& given, kt::lab::ClockChange& clock) {
  using How = kt::lab::ClockChange::How;
  const std::string how = *given.text("how"), by = given.text("by").value_or("");
  if (how == "advance") {
    const auto by_ms = config::parse_span_ms(by);
    if (!by_ms || *by_ms <= 0) return UsageError{"clock advance needs a time such as 25h"};
    clock = {.how = How::advance, .by_ms = *by_ms};
    return std::nullopt;
  }
  if (how == "rate") {
    double rate = 0;
    const char* const first = by.data() + (by.starts_with('x') ? 1 : 0);
    const auto parsed = std::from_chars(first, by.data() + by.size(), rate);
    constexpr double rate_max = 100'000;
    if (parsed.ec != std::errc() || parsed.ptr != by.data() + by.size() || !(rate > 0) || rate > rate_max)
      return UsageError{"clock rate needs how many times as fast: x60"};
    clock = {.how = How::run, .rate = rate};
    return std::nullopt;
  }
  if (!by.empty()) return UsageError{fmt::format("clock {} takes nothing else", how)};
  clock = {.how = how == "freeze" ? How::freeze : How::run};
  return std::nullopt;
}

bool is_fault_verb(std::string_view verb) {
  constexpr std::string_view verbs[] = {"partition", "isolate",   "slow",      "throttle",
                                        "lose",      "disk-full", "disk-error"};
  return std::ranges::find(verbs, verb) != std::end(verbs);
}

/// Those that come with Kafka, or came with it in 2017.
std::vector<std::string> scripts_of(Commands commands) {
  std::vector<std::string> scripts;
  const auto add = [&](std::string_view name) {
    if (name.starts_with("kafka-") || name.starts_with("zookeeper-"))
      scripts.push_back(std::string(name) + ".sh");
  };
  for (const Command* command : commands) {
    add(command->syntax.script);
    for_each_word(command->syntax.also, add);
  }
  return scripts;
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
                   .junit = given.text("junit"),
                   .ndjson = given.text("ndjson"),
                   .jobs = *given.integer("jobs"),
                   .repeat = *given.integer("repeat")};
    Rules rules(given);
    rules
        .that(options.run.jobs >= 1 && options.run.jobs <= jobs_max,
              fmt::format("--jobs is 1 to {}", jobs_max))
        .that(options.run.repeat >= 1 && options.run.repeat <= repeat_max,
              fmt::format("--repeat is 1 to {}", repeat_max));
    rules.that(options.run.mode == "ci" || (options.run.jobs == 1 && options.run.repeat == 1),
               "--jobs and --repeat are for --mode ci");
    if (rules.broken()) return std::unexpected(*rules.broken());
  }
  if (options.verb == "scaffold") {
    options.scaffold = {
        .directory = given.text("directory").value_or(call.environment.variable("HOME").value_or(".")),
        .scripts = scripts_of(call.commands)};
  }
  if (options.verb == "expect") {
    if (const auto refused = read_expect(given, options.expect)) return std::unexpected(*refused);
  }
  if (is_fault_verb(options.verb)) {
    if (const auto refused = read_fault(given, options.fault)) return std::unexpected(*refused);
  }
  if (options.verb == "heal") {
    if (const auto refused = read_heal(given, options.fault)) return std::unexpected(*refused);
  }
  if (options.verb == "clock") {
    if (const auto refused = read_clock(given, options.clock)) return std::unexpected(*refused);
  }
  if (given.has_common("partition") && options.verb != "expect")
    options.tend.partition = *given.text("partition");
  options.tend.is_unclean = given.has_common("unclean");
  if (options.verb == "corrupt") {
    options.corrupt = {.spot = *given.text("spot"),
                       .how = given.has("truncate") ? "truncate"
                              : given.has("torn")   ? "torn"
                                                    : "bit"};
  }
  if (given.has_common("node")) options.node = *given.text("node");
  if (given.has_common("rack")) options.rack = *given.text("rack");
  options.drains = given.has_common("drain");
  if (given.has_common("snapshot")) options.snapshot = *given.text("snapshot");
  if (options.verb == "bundle") options.file = *given.text("file");
  if (options.verb == "lint") options.files = given.all("files");
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
