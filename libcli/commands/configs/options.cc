#include "libcli/commands/configs/options.h"

#include <algorithm>
#include <set>

#include "libcli/commands/argv/java_number.h"
#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/term/text.h"

namespace kt::cli::configs {
namespace {

constexpr OptionSpec entity(std::string_view name, char letter, Complete complete, std::string_view help) {
  return {.name = name, .letter = letter, .value = Value::text, .complete = complete, .help = help};
}

constexpr OptionSpec specs[] = {
    {.name = "describe", .action = true, .help = "Show the configs"},
    {.name = "alter", .action = true, .help = "Set or remove configs"},
    entity("topic", 't', Complete::topic, "The topic meant"),
    entity("broker", 0, Complete::broker, "The broker meant, by its id"),
    entity("group", 'g', Complete::group, "The group meant"),
    entity("user", 'u', Complete::nothing, "The user meant, by principal name"),
    entity("client", 0, Complete::nothing, "The client meant, by its client.id"),
    entity("ip", 0, Complete::nothing, "The address meant"),
    entity("broker-logger", 0, Complete::broker, "The broker whose loggers are meant"),
    entity("client-metrics", 0, Complete::nothing, "The subscription of client metrics meant"),
    {.name = "broker-defaults", .help = "What holds for all brokers"},
    {.name = "user-defaults", .help = "What holds for all users"},
    {.name = "client-defaults", .help = "What holds for all clients"},
    {.name = "ip-defaults", .help = "What holds for all addresses"},
    {.name = "all", .help = "Show also static and default configs"},
    {.name = "add-config",
     .letter = 'c',
     .value = Value::text,
     .complete = Complete::config_key,
     .help = "Configs to set: k1=v1,k2=[v1,v2],k3=v3, with brackets around values that have commas"},
    {.name = "add-config-file",
     .value = Value::text,
     .complete = Complete::file,
     .help = "A file with configs to set"},
    {.name = "delete-config",
     .value = Value::text,
     .many = Many::commas,
     .complete = Complete::config_key,
     .help = "Configs to remove: k1,k2"},
    {.name = "entity-type",
     .value = Value::text,
     .many = Many::occurrences,
     .choices = "topics clients users brokers ips client-metrics groups broker-loggers",
     .group = Group::advanced,
     .complete = Complete::choice,
     .help = "The kind of thing meant"},
    {.name = "entity-name",
     .value = Value::text,
     .many = Many::occurrences,
     .group = Group::advanced,
     .help = "Which of the kind"},
    {.name = "entity-default", .group = Group::advanced, .help = "What holds for all of the kind"},
    bootstrap_server_option,
    bootstrap_controller_option,
    command_config_option,
    zookeeper_option,
    ignored_option("force", Value::none, Ignored::silently),
    ignored_option("zk-tls-config-file", Value::text, Ignored::silently),
};

constexpr Example examples[] = {
    {"kt configs describe --topic orders --all", "See the configs of a topic, where each comes from"},
    {"kt configs alter --topic orders --add-config retention.ms=3600000", "Keep records for an hour"},
    {"kt configs alter --broker-defaults --delete-config log.cleaner.threads",
     "Go back to the brokers' own setting"},
};

UsageError message(const std::string& text) { return {text, Show::message}; }

/// What follows from the entity options alone.
void check_entities(const EntityOptions& entities, Rules& rules) {
  std::set<std::string> distinct;
  std::vector<std::string> duplicates;
  for (const std::string& type : entities.types) {
    if (!distinct.insert(type).second) duplicates.push_back(type);
  }
  rules.that(duplicates.empty(), "Duplicate entity type(s) specified: " + term::join(duplicates, ","),
             Show::message);
  for (const std::string& type : entities.types) {
    const std::vector<std::string> known(entity_types.begin(), entity_types.end());
    rules.that(std::ranges::find(known, type) != known.end(),
               "Invalid entity type " + type + ", the entity type must be one of " + term::join(known, ", ") +
                   " with a --bootstrap-server or --bootstrap-controller argument",
               Show::message);
  }
  rules.that(!entities.types.empty(), "At least one entity type must be specified", Show::message)
      .that(entities.types.size() < 2 || distinct == std::set<std::string>{"users", "clients"},
            "Only 'users' and 'clients' entity types may be specified together", Show::message)
      .that(!(entities.by_type && entities.by_flag),
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
            Show::message);
}

void check_connection(const Given& given, Rules& rules) {
  const size_t connections = count_given(given, {"bootstrap-server", "bootstrap-controller"});
  rules
      .that(connections > 0, "Either --bootstrap-server or --bootstrap-controller must be specified.",
            Show::message)
      .that(connections < 2, "Only one of --bootstrap-server or --bootstrap-controller can be specified",
            Show::message);
}

void check_broker_ids(const EntityOptions& entities, Rules& rules) {
  if (!entities.has_type("brokers") && !entities.has_type("broker-loggers")) return;
  for (const std::string& name : entities.names) {
    rules.that(name.empty() || java_integer(name),
               "The entity name for " + entities.types.front() +
                   " must be a valid integer broker id, but it is: " + name,
               Show::message);
  }
}

bool has_defaults(const EntityOptions& entities) {
  return entities.has_type("users") || entities.has_type("clients") || entities.has_type("brokers") ||
         entities.has_type("ips");
}

void check_describe(const Given& given, const EntityOptions& entities, Rules& rules) {
  const std::string types = term::join(entities.types, ",");
  rules
      .that(has_defaults(entities) || !given.has("entity-default"),
            "--entity-default must not be specified with --describe of " + types, Show::message)
      .that(!entities.has_type("broker-loggers") || entities.has_name(),
            "An entity name must be specified with --describe of " + types, Show::message)
      .that(entities.names.size() <= entities.types.size(), "More entity names specified than entity types",
            Show::message);
}

void check_alter(const Given& given, const EntityOptions& entities, Rules& rules) {
  if (has_defaults(entities)) {
    rules.that(
        !entities.names.empty(),
        "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips",
        Show::message);
  } else {
    rules.that(entities.has_name(),
               "An entity name must be specified with --alter of " + term::join(entities.types, ","),
               Show::message);
  }
  rules
      .that(!(given.has("add-config") && given.has("add-config-file")),
            "Only one of --add-config or --add-config-file must be specified", Show::message)
      .that(count_given(given, {"add-config", "add-config-file", "delete-config"}) > 0,
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with "
            "--alter",
            Show::message)
      .that(entities.names.size() == entities.types.size(),
            "An entity name must be specified for every entity type", Show::message);
}

std::optional<UsageError> check(const Given& given, const EntityOptions& entities) {
  Rules rules(given);
  rules
      .that(count_given(given, {"describe", "alter"}) == 1,
            "Command must include exactly one action: --describe, --alter")
      .forbid("describe", {"add-config", "delete-config"});
  check_entities(entities, rules);
  check_connection(given, rules);
  check_broker_ids(entities, rules);
  if (given.has("describe")) {
    check_describe(given, entities, rules);
  } else {
    check_alter(given, entities, rules);
  }
  return rules.broken();
}

std::expected<Changes, UsageError> read_changes(const Call& call, const EntityOptions& entities) {
  auto set = read_properties(call, "add-config-file");
  if (!set) return std::unexpected(set.error());
  if (const auto text = call.given.text("add-config")) {
    auto additions = parse_additions(*text);
    if (!additions) return std::unexpected(message(additions.error()));
    *set = std::move(*additions);
  }
  if (const auto refused = refuse_keys(*set)) return std::unexpected(message(*refused));
  auto changes = sort_changes(entities, *set, call.given.all("delete-config"));
  if (!changes) return std::unexpected(message(changes.error()));
  return std::move(*changes);
}

/// Types and names, paired in order; what has no name stands for all of its type.
std::vector<Entity> paired(const EntityOptions& entities) {
  std::vector<Entity> pairs;
  for (size_t i = 0; i < entities.types.size(); ++i) {
    pairs.push_back(
        {entities.types[i], i < entities.names.size() ? std::optional(entities.names[i]) : std::nullopt});
  }
  return pairs;
}

}  // namespace

constinit const Syntax syntax{
    .name = "configs",
    .script = "kafka-configs",
    .family = Family::jopt,
    .summary = "Show and change configs of topics, brokers, users, clients and others",
    .purpose =
        "This tool helps to manipulate and describe entity config for a topic, "
        "client, user, broker, ip, client-metrics or group",
    .grammar = {.options = specs},
    .examples = examples,
    .outputs = "table json"};

std::expected<Options, UsageError> parse(const Call& call) {
  const EntityOptions entities = read_entities(call.given);
  if (const auto refused = check(call.given, entities)) return std::unexpected(*refused);
  auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  Options options{.setting = call.setting,
                  .connection = std::move(*connection),
                  .action = call.given.has("alter") ? Action::alter : Action::describe,
                  .entities = paired(entities),
                  .all = call.given.has("all"),
                  .words = term::join({call.words.begin(), call.words.end()}, " ")};
  if (options.action == Action::describe) return options;
  auto changes = read_changes(call, entities);
  if (!changes) return std::unexpected(changes.error());
  options.changes = std::move(*changes);
  return options;
}

}  // namespace kt::cli::configs
