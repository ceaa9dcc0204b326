#include "libcli/commands/groups/options.h"

#include <algorithm>
#include <array>

#include "libbroker/base/clock.h"
#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/config/java_time.h"
#include "libcli/term/text.h"

namespace kt::cli::groups {
namespace {

constexpr OptionSpec target(std::string_view name, Value value, std::string_view value_name,
                            std::string_view help) {
  return {.name = name, .value = value, .value_name = value_name, .group = Group::filter, .help = help};
}

constexpr OptionSpec specs[] = {
    {.name = "list", .action = true, .help = "List the groups"},
    {.name = "describe", .action = true, .help = "Show offsets and lag of groups, or their members or state"},
    {.name = "delete", .action = true, .help = "Delete groups that have no members"},
    {.name = "reset-offsets",
     .action = true,
     .help = "Move the offsets of a group without members: say which topics, where to, and --execute"},
    {.name = "delete-offsets", .action = true, .help = "Forget the offsets of a group for a topic"},
    {.name = "validate-regex",
     .value = Value::text,
     .value_name = "regex",
     .action = true,
     .help = "Say whether consumers may subscribe with this regular expression"},
    {.name = "group",
     .letter = 'g',
     .value = Value::text,
     .value_name = "consumer group",
     .many = Many::occurrences,
     .positional = true,
     .complete = Complete::group,
     .help = "The group meant; may be given several times"},
    {.name = "all-groups", .help = "All groups are meant"},
    {.name = "topic",
     .letter = 't',
     .value = Value::text,
     .value_name = "topic",
     .many = Many::occurrences,
     .complete = Complete::topic,
     .help = "The topic whose offsets are meant, or some of its partitions: orders:0,1"},
    {.name = "all-topics", .help = "All topics for which the group has offsets are meant"},
    {.name = "offsets",
     .available_with = "describe",
     .help = "Describe offsets and lag, which is what describe does anyway"},
    {.name = "members", .available_with = "describe", .help = "Describe the members instead"},
    {.name = "state",
     .value = Value::text,
     .value_optional = true,
     .available_with = "describe list",
     .help = "Describe the state instead; with list, show it, and only groups in these states, separated by "
             "commas"},
    {.name = "type",
     .value = Value::text,
     .value_optional = true,
     .available_with = "list",
     .help = "Show the types of groups, and only these types, separated by commas"},
    {.name = "verbose", .available_with = "describe", .help = "Describe more"},
    {.name = "dry-run",
     .help = "Only show where offsets would be reset to, which is what happens without --execute"},
    {.name = "execute", .help = "Reset the offsets"},
    {.name = "export", .group = Group::output, .help = "Show where to as CSV, which --from-file reads"},
    target("to-offset", Value::long_integer, "offset", "Reset to this offset"),
    target("shift-by", Value::long_integer, "number-of-offsets",
           "Reset by so many, forward or (negative) back"),
    target("to-datetime", Value::text, "datetime",
           "Reset to the first record at this time or later: "
           "2025-01-02T03:04:05.678, in UTC unless a zone follows"),
    target("by-duration", Value::text, "duration",
           "Reset to the first record so long ago or later: PnDTnHnMnS"),
    target("to-earliest", Value::none, {}, "Reset to the first record there is"),
    target("to-latest", Value::none, {}, "Reset to the end"),
    target("to-current", Value::none, {}, "Reset to where the group is, or to the end where it is nowhere"),
    {.name = "from-file",
     .value = Value::text,
     .value_name = "path to CSV file",
     .group = Group::filter,
     .complete = Complete::file,
     .help = "Reset to the offsets in this file"},
    {.name = "timeout",
     .value = Value::long_integer,
     .value_name = "timeout (ms)",
     .default_value = "30000",
     .group = Group::connection,
     .help = "How long to wait for an answer"},
    bootstrap_server_option,
    command_config_option,
    zookeeper_option,
    ignored_option("new-consumer", Value::none, Ignored::silently),
};

constexpr Example examples[] = {
    {"kt groups list", "See which groups there are"},
    {"kt groups describe billing", "See how far a group has read"},
    {"kt groups describe billing --members --verbose", "See who reads what"},
    {"kt groups reset-offsets billing --topic orders --to-earliest --execute",
     "Let a stopped group read all again"},
};

constexpr std::array<std::string_view, 8> reset_targets = {"to-offset",   "shift-by",    "to-datetime",
                                                           "by-duration", "to-earliest", "to-latest",
                                                           "to-current",  "from-file"};
constexpr std::array<std::string_view, 7> known_states = {
    "PreparingRebalance", "CompletingRebalance", "Stable", "Dead", "Empty", "Assigning", "Reconciling"};
constexpr std::array<std::string_view, 2> known_types = {"Classic", "Consumer"};

constexpr std::string_view dry_run_notice =
    "WARN: No action will be performed as the --execute option is missing. In a future major release, the "
    "default "
    "behavior of this command will be to prompt the user before executing the reset rather than doing a dry "
    "run. You "
    "should add the --dry-run option explicitly if you are scripting this command and want to keep the "
    "current default "
    "behavior without prompting.";

void check_describe(const Given& given, Rules& rules) {
  if (!given.has("describe")) return;
  rules
      .that(given.has("group") || given.has("all-groups"),
            "Option [describe] takes one of these options: [all-groups], [group]")
      .that(count_given(given, {"members", "offsets", "state"}) <= 1,
            "Option [describe] takes at most one of these options: [members], [offsets], [state]")
      .that(!given.has("state") || !given.text("state"),
            "Option [describe] does not take a value for [state]");
}

/// Before Kafka 2.0, `--delete --group g --topic t` of the old consumer forgot offsets.
bool deletes_offsets_as_of_old(const Given& given) {
  return given.has("delete") && given.has("zookeeper") && given.has("group") && given.has("topic");
}

void check_delete(const Given& given, Rules& rules) {
  if (given.has("delete") && !deletes_offsets_as_of_old(given)) {
    rules
        .that(given.has("group") || given.has("all-groups"),
              "Option [delete] takes one of these options: [all-groups], [group]")
        .that(!given.has("topic"),
              "The consumer does not support topic-specific offset deletion from a consumer group.");
  }
  if (given.has("delete-offsets")) {
    rules.that(given.has("group") && given.has("topic"),
               "Option [delete-offsets] takes the following options: [topic], [group]");
  }
}

void check_reset(const Given& given, Rules& rules) {
  if (!given.has("reset-offsets")) return;
  rules
      .that(!given.has("dry-run") || !given.has("execute"),
            "Option [reset-offsets] only accepts one of [execute] and [dry-run]")
      .that(given.has("group") || given.has("all-groups"),
            "Option [reset-offsets] takes one of these options: [all-groups], [group]");
  for (const std::string_view one : reset_targets) {
    for (const std::string_view other : reset_targets) {
      if (one != other) rules.forbid(one, {other});
    }
  }
}

/// What Kafka's tool finds out after it has talked to the cluster, and that needs no cluster.
void check_reset_scope(const Given& given, Rules& rules) {
  if (!given.has("reset-offsets")) return;
  rules.that(given.has("all-topics") || given.has("topic") || given.has("from-file"),
             "One of the reset scopes should be defined: --all-topics, --topic.");
  const bool has_target = std::ranges::any_of(reset_targets, [&given](auto name) { return given.has(name); });
  rules.that(has_target,
             "Option '[reset-offsets]' requires one of the following scenarios: [[to-offset], [shift-by], "
             "[to-datetime], [by-duration], [to-earliest], [to-latest], [to-current], [from-file]]");
}

std::optional<UsageError> check_combination(const Given& given) {
  Rules rules(given);
  if (!given.has("validate-regex")) rules.require({"bootstrap-server"});
  check_describe(given, rules);
  check_delete(given, rules);
  check_reset(given, rules);
  rules.forbid("group", {"all-groups"}).forbid("group", {"list"});
  if (!deletes_offsets_as_of_old(given)) rules.forbid("topic", {"list", "describe"});
  rules.that(count_given(given, {"list", "describe", "delete", "reset-offsets", "delete-offsets",
                                 "validate-regex"}) == 1,
             "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, "
             "--delete-offsets, "
             "--validate-regex");
  check_reset_scope(given, rules);
  return rules.broken();
}

Action action_of(const Given& given) {
  if (given.has("describe")) return Action::describe;
  if (given.has("delete")) return deletes_offsets_as_of_old(given) ? Action::delete_offsets : Action::remove;
  if (given.has("reset-offsets")) return Action::reset_offsets;
  if (given.has("delete-offsets")) return Action::delete_offsets;
  return given.has("validate-regex") ? Action::validate_regex : Action::list;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

std::string trimmed(const std::string& text) {
  const size_t start = text.find_first_not_of(' ');
  return start == std::string::npos ? "" : text.substr(start, text.find_last_not_of(' ') - start + 1);
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return term::capitals(a) == term::capitals(b);
}

/// A comma-separated list of `known` words, whatever their case, as Kafka writes them; none for any other
/// word.
template <size_t N>
std::optional<std::vector<std::string>> known_words(const std::string& text,
                                                    const std::array<std::string_view, N>& known) {
  std::vector<std::string> found;
  for (const std::string& part : split(text, ',')) {
    const std::string word = trimmed(part);
    const auto at =
        std::ranges::find_if(known, [&word](auto name) { return equal_but_for_case(name, word); });
    if (at == known.end()) return std::nullopt;
    found.emplace_back(*at);
  }
  return found;
}

template <size_t N>
UsageError unknown_words(std::string_view what, const std::string& text, std::string_view valid,
                         const std::array<std::string_view, N>& known) {
  const std::vector<std::string> names(known.begin(), known.end());
  return {"Invalid " + std::string(what) + " list '" + text + "'. Valid " + std::string(valid) +
          " are: " + term::join(names, ", ")};
}

std::optional<UsageError> read_filters(const Given& given, Options& options) {
  if (options.action != Action::list) return std::nullopt;
  options.list_states = given.has("state");
  options.list_types = given.has("type");
  if (const auto text = given.text("state")) {
    auto states = known_words(*text, known_states);
    if (!states) return unknown_words("state", *text, "states", known_states);
    options.states = std::move(*states);
  }
  if (const auto text = given.text("type")) {
    auto types = known_words(*text, known_types);
    if (!types) return unknown_words("types", *text, "types", known_types);
    options.types = std::move(*types);
  }
  return std::nullopt;
}

std::expected<ResetTarget, std::string> read_target(const Given& given, Clock& clock) {
  using enum ResetTarget::Kind;
  if (given.has("to-offset")) return ResetTarget{offset, *given.long_integer("to-offset")};
  if (given.has("shift-by")) return ResetTarget{shift, *given.long_integer("shift-by")};
  if (given.has("to-earliest")) return ResetTarget{earliest};
  if (given.has("to-latest")) return ResetTarget{latest};
  if (given.has("to-current")) return ResetTarget{current};
  if (given.has("from-file")) return ResetTarget{file, 0, *given.text("from-file")};
  if (given.has("to-datetime")) {
    const auto time = config::parse_date_time(*given.text("to-datetime"));
    if (!time) return std::unexpected("java.text.ParseException: " + time.error());
    return ResetTarget{timestamp, *time};
  }
  const auto duration = config::parse_duration_ms(*given.text("by-duration"));
  if (!duration) return std::unexpected(duration.error());
  return ResetTarget{timestamp, clock.wall_ms() - *duration};
}

std::optional<UsageError> read_topics(const Given& given, Options& options) {
  for (const std::string& text : given.all("topic")) {
    auto topic = parse_topic_partitions(text);
    if (!topic) return UsageError{topic.error()};
    options.topics.push_back(std::move(*topic));
  }
  return std::nullopt;
}

}  // namespace

constinit const Syntax syntax{.name = "groups",
                              .script = "kafka-consumer-groups",
                              .family = Family::jopt,
                              .summary = "List, describe and delete consumer groups, and reset their offsets",
                              .purpose =
                                  "This tool helps to list all consumer groups, describe a consumer group, "
                                  "delete consumer group info, or reset consumer group offsets.",
                              .grammar = {.options = specs},
                              .examples = examples,
                              .outputs = "table json"};

std::expected<TopicPartitions, std::string> parse_topic_partitions(const std::string& text) {
  if (!text.contains(':')) return TopicPartitions{text, {}};
  const std::vector<std::string> halves = split(text, ':');
  if (halves.size() != 2) {
    return std::unexpected("Invalid topic arg '" + text + "', expected topic name and partitions");
  }
  TopicPartitions result{halves[0], {}};
  for (const std::string& part : split(halves[1], ',')) {
    const auto partition = java_integer(part);
    if (!partition)
      return std::unexpected("Invalid partition '" + part + "' specified in topic arg '" + text + "''");
    result.partitions.push_back(*partition);
  }
  return result;
}

std::expected<ResetPlan, std::string> parse_reset_plan(const std::string& csv,
                                                       const std::optional<std::string>& only_group) {
  ResetPlan plan;
  std::optional<size_t> columns;
  for (const std::string& line : split(csv, '\n')) {
    std::vector<std::string> fields;
    for (const std::string& field : split(line, ',')) fields.push_back(trimmed(field));
    if (!columns) columns = only_group && fields.size() == 3 ? 3 : 4;
    const auto refused = [&] {
      return std::unexpected("Not " + std::string(*columns == 4 ? "group," : "") +
                             "topic,partition,offset: " + line);
    };
    if (fields.size() != *columns) return refused();
    const auto partition = java_integer(fields[*columns - 2]);
    const auto offset = java_long(fields[*columns - 1]);
    if (!partition || !offset) return refused();
    plan[*columns == 4 ? fields[0] : *only_group][{fields[*columns - 3], *partition}] = *offset;
  }
  return plan;
}

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  if (const auto refused = check_combination(given)) return std::unexpected(*refused);
  auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  Options options{.setting = call.setting, .connection = std::move(*connection), .action = action_of(given)};
  auto refused = read_filters(given, options);
  if (!refused) refused = read_topics(given, options);
  if (refused) return std::unexpected(*refused);
  if (options.action == Action::reset_offsets) {
    auto target = read_target(given, call.environment.clock);
    options.reset = target.value_or(ResetTarget{});
    if (!target) options.refused_late = target.error();
  }
  options.groups = given.all("group");
  if (options.action == Action::delete_offsets && options.groups.size() > 1) {
    options.refused_late = "Found multiple arguments for option group, but you asked for only one";
  }
  options.all_groups = given.has("all-groups");
  options.all_topics = given.has("all-topics");
  options.timeout_ms = *given.long_integer("timeout");
  options.view = given.has("members") ? View::members : given.has("state") ? View::state : View::offsets;
  options.verbose = given.has("verbose");
  options.execute = given.has("execute");
  options.export_csv = given.has("export");
  if (options.reset && !options.execute && !given.has("dry-run"))
    options.notices_on_err.emplace_back(dry_run_notice);
  options.regex = given.text("validate-regex").value_or("");
  return options;
}

}  // namespace kt::cli::groups
