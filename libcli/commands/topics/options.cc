#include "libcli/commands/topics/options.h"

#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/commands/topics/assignment.h"

namespace kt::cli::topics {
namespace {

constexpr OptionSpec specs[] = {
    {.name = "create", .action = true, .help = "Create a topic"},
    {.name = "list", .action = true, .help = "List the names of topics"},
    {.name = "describe", .action = true, .help = "Show partitions, leaders, replicas and overridden configs"},
    {.name = "alter", .action = true, .help = "Add partitions; to change configs use kafka-configs"},
    {.name = "delete", .action = true, .help = "Delete topics"},
    {.name = "topic",
     .letter = 't',
     .value = Value::text,
     .value_name = "topic",
     .positional = true,
     .complete = Complete::topic,
     .help = "The topic to create, or a filter for the other actions: names or Java regular expressions, "
             "separated by "
             "commas, where a dot matches any character"},
    {.name = "topic-id",
     .value = Value::text,
     .value_name = "topic-id",
     .group = Group::filter,
     .help = "The id of the topic to describe"},
    {.name = "partitions",
     .letter = 'p',
     .value = Value::integer,
     .value_name = "# of partitions",
     .help = "How many partitions the topic is to have; the cluster's default where create has none. More "
             "partitions "
             "change which partition a key goes to"},
    {.name = "replication-factor",
     .letter = 'r',
     .value = Value::integer,
     .value_name = "replication factor",
     .help = "How many replicas each partition is to have; the cluster's default where create has none"},
    {.name = "replica-assignment",
     .value = Value::text,
     .value_name =
         "broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : "
         "broker_id_for_part2_replica2 , ...",
     .group = Group::advanced,
     .help = "The brokers of each partition, the preferred leader first"},
    {.name = "config",
     .letter = 'c',
     .value = Value::text,
     .value_name = "name=value",
     .many = Many::occurrences,
     .complete = Complete::config_key,
     .help = "A config of the topic to create, over the cluster's default; to change one later use "
             "kafka-configs"},
    {.name = "delete-config",
     .value = Value::text,
     .value_name = "name",
     .many = Many::occurrences,
     .group = Group::advanced,
     .help = "No longer does anything; use kafka-configs"},
    {.name = "if-exists",
     .help = "Alter, delete or describe only what exists, and call nothing missing an error"},
    {.name = "if-not-exists", .help = "Create the topic only if there is none of its name"},
    {.name = "exclude-internal", .group = Group::filter, .help = "Leave out Kafka's own topics"},
    {.name = "under-replicated-partitions",
     .group = Group::filter,
     .help = "Describe only partitions with fewer in-sync replicas than replicas"},
    {.name = "unavailable-partitions",
     .group = Group::filter,
     .help = "Describe only partitions without a live leader"},
    {.name = "under-min-isr-partitions",
     .group = Group::filter,
     .help = "Describe only partitions with fewer in-sync replicas than min.insync.replicas"},
    {.name = "at-min-isr-partitions",
     .group = Group::filter,
     .help = "Describe only partitions with exactly min.insync.replicas in-sync replicas"},
    {.name = "topics-with-overrides",
     .group = Group::filter,
     .help = "Describe only topics with configs of their own"},
    {.name = "partition-size-limit-per-response",
     .value = Value::integer,
     .value_name = "maximum number of partitions per response",
     .group = Group::advanced,
     .help = "How many partitions to ask for at a time"},
    bootstrap_server_option,
    command_config_option,
    {.name = "assign",
     .value = Value::text,
     .value_name = "how",
     .choices = "classic",
     .group = Group::legacy,
     .complete = Complete::choice,
     .help = "Who places the replicas: this tool, as before Kafka 2.2"},
    zookeeper_option,
    ignored_option("force", Value::none, Ignored::silently),
    ignored_option("disable-rack-aware", Value::none, Ignored::silently),
};

constexpr Example examples[] = {
    {"kt topics create orders --partitions 3", "Create a topic with three partitions"},
    {"kt topics list", "See which topics there are"},
    {"kt topics describe orders", "See where the partitions of a topic are"},
    {"kt topics describe --under-replicated-partitions", "See which partitions lack replicas"},
    {"kt topics delete orders --if-exists", "Delete a topic, or do nothing if it is gone"},
};

constexpr std::string_view configs_are_altered_elsewhere =
    " (To alter topic configurations, the kafka-configs tool can be used.)";

/// A failure that Kafka's tool finds once it runs, and tells on stdout.
UsageError failure(const std::string& message) {
  return {std::string(failure_prefix) + message, Show::message_on_out};
}

/// Kafka's checks of which options go together, in its order.
std::optional<UsageError> check_combination(const Given& given) {
  const size_t actions = count_given(given, {"create", "list", "alter", "describe", "delete"});
  Rules rules(given);
  rules
      .that(actions == 1,
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete")
      .that(given.has("bootstrap-server"), "--bootstrap-server must be specified", Show::message);
  if (given.has("describe") && given.has("if-exists")) {
    rules.that(given.has("topic") || given.has("topic-id"),
               "--topic or --topic-id is required to describe a topic");
  }
  if (!given.has("list") && !given.has("describe")) rules.require({"topic"});
  if (given.has("alter")) {
    rules.forbid_all({"bootstrap-server", "config"}, {"alter"}, configs_are_altered_elsewhere)
        .require({"partitions"});
  }
  rules.forbid("config", {"describe", "list", "delete"})
      .forbid("partitions", {"describe", "list", "delete"})
      .forbid("replication-factor", {"alter", "describe", "list", "delete"})
      .forbid("replica-assignment", {"describe", "list", "delete"});
  if (given.has("create")) rules.forbid("replica-assignment", {"partitions", "replication-factor"});
  const bool asks_zookeeper = given.has("zookeeper") && given.spelling("bootstrap-server").empty();
  const bool is_placed_here = asks_zookeeper || given.text("assign") == "classic";
  if (given.has("create") && is_placed_here && !given.has("replica-assignment"))
    rules.require({"partitions", "replication-factor"});  // no cluster had defaults for the old tool
  for (const std::string_view report : {"under-replicated-partitions", "under-min-isr-partitions",
                                        "at-min-isr-partitions", "unavailable-partitions"}) {
    rules.forbid(report, {"alter", "create", "list", "delete", "topics-with-overrides"});
  }
  rules
      .forbid("topics-with-overrides",
              {"alter", "create", "list", "delete", "under-replicated-partitions", "under-min-isr-partitions",
               "at-min-isr-partitions", "unavailable-partitions"})
      .forbid("if-exists", {"create", "list"})
      .forbid("if-not-exists", {"alter", "describe", "list", "delete"})
      .forbid("exclude-internal", {"alter", "create", "delete"});
  return rules.broken();
}

Action action_of(const Given& given) {
  if (given.has("create")) return Action::create;
  if (given.has("alter")) return Action::alter;
  if (given.has("describe")) return Action::describe;
  return given.has("delete") ? Action::remove : Action::list;
}

std::string trimmed(const std::string& text) {
  const size_t start = text.find_first_not_of(" \t");
  return start == std::string::npos ? "" : text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

/// "key=value" with exactly one '=' and something after it.
std::optional<UsageError> read_configs(const Given& given, Options& options) {
  for (const std::string& text : given.all("config")) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size() ||
        text.find('=', equals + 1) != std::string::npos) {
      return failure(
          "requirement failed: Invalid topic config: all configs to be added must be in the format "
          "\"key=val\".");
    }
    options.configs.emplace_back(trimmed(text.substr(0, equals)), trimmed(text.substr(equals + 1)));
  }
  return std::nullopt;
}

std::optional<UsageError> read_layout(const Given& given, Options& options) {
  options.partitions = given.integer("partitions");
  options.replication_factor = given.integer("replication-factor");
  if (const auto text = given.text("replica-assignment"); text && !text->empty()) {
    auto assignment = parse_assignment(*text);
    if (!assignment) return failure(assignment.error());
    options.replica_assignment = std::move(*assignment);
  }
  if (const auto refused = read_configs(given, options)) return refused;
  if (options.action != Action::create) return std::nullopt;
  if (options.replication_factor &&
      (*options.replication_factor < 1 || *options.replication_factor > 32767)) {
    return failure("The replication factor must be between 1 and 32767 inclusive");
  }
  if (options.partitions && *options.partitions < 1) return failure("The partitions must be greater than 0");
  return std::nullopt;
}

std::optional<UsageError> read_topic_id(const Given& given, Options& options) {
  const auto text = given.text("topic-id");
  if (!text) return std::nullopt;
  options.topic_id = Uuid::parse(*text);
  if (!options.topic_id) {
    return failure("Input string `" + *text + "` decoded as " + std::to_string(text->size() * 6 / 8) +
                   " bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID");
  }
  if (options.topic_id->is_zero()) options.topic_id.reset();
  return std::nullopt;
}

void read_filters(const Given& given, Options& options) {
  options.if_exists = given.has("if-exists");
  options.if_not_exists = given.has("if-not-exists");
  options.exclude_internal = given.has("exclude-internal");
  options.reports = {.under_replicated = given.has("under-replicated-partitions"),
                     .unavailable = given.has("unavailable-partitions"),
                     .under_min_isr = given.has("under-min-isr-partitions"),
                     .at_min_isr = given.has("at-min-isr-partitions")};
  options.only_with_overrides = given.has("topics-with-overrides");
  options.partitions_per_response_max =
      given.integer("partition-size-limit-per-response").value_or(options.partitions_per_response_max);
}

void read_notices(const Given& given, Options& options) {
  if (given.has("delete-config")) {
    options.notices_on_err.emplace_back(
        "delete-config option is no longer supported and deprecated since version 4.0. The config will be "
        "fully removed "
        "in future releases.");
  }
  if (given.has("describe") && given.has("if-exists") && given.has("topic") && given.has("topic-id")) {
    options.notices_on_out.emplace_back(
        "Only topic id will be used when both --topic and --topic-id are specified and topicId is not "
        "Uuid.ZERO_UUID");
  }
}

}  // namespace

constinit const Syntax syntax{.name = "topics",
                              .script = "kafka-topics",
                              .family = Family::jopt,
                              .summary = "Create, list, describe, change and delete topics",
                              .purpose = "This tool helps to create, delete, describe, or change a topic.",
                              .grammar = {.options = specs},
                              .examples = examples,
                              .outputs = "table json"};

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  if (const auto refused = check_combination(given)) return std::unexpected(*refused);
  auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  Options options{.setting = call.setting, .connection = std::move(*connection), .action = action_of(given)};
  options.topic = given.text("topic");
  const bool through_zookeeper = options.connection.through == Connection::Through::zookeeper_port;
  options.classic_assignment = through_zookeeper || given.text("assign") == "classic";
  options.classic_start = era_number(call.setting, "assignment.start");
  options.classic_shift = era_number(call.setting, "assignment.shift");
  auto refused = read_topic_id(given, options);
  if (!refused) refused = read_layout(given, options);
  if (refused) return std::unexpected(*refused);
  read_filters(given, options);
  read_notices(given, options);
  return options;
}

}  // namespace kt::cli::topics
