#include "libcli/commands/producer_perf_test/options.h"

#include <algorithm>

#include "libbroker/base/rng.h"
#include "libbroker/base/uuid.h"
#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"

namespace kt::cli::producer_perf_test {
namespace {

constexpr int64_t default_transaction_duration_ms = 3'000;

constexpr OptionSpec specs[] = {
    {.name = "topic",
     .value = Value::text,
     .value_name = "TOPIC",
     .required = true,
     .positional = true,
     .complete = Complete::topic,
     .help = "The topic to send to"},
    {.name = "num-records",
     .value = Value::long_integer,
     .value_name = "NUM-RECORDS",
     .required = true,
     .help = "How many records to send"},
    {.name = "throughput",
     .value = Value::number,
     .value_name = "THROUGHPUT",
     .required = true,
     .help = "About how many records to send in a second; -1 for as many as possible"},
    {.name = "record-size",
     .value = Value::integer,
     .value_name = "RECORD-SIZE",
     .help = "Bytes of a record of random letters"},
    {.name = "payload-file",
     .value = Value::text,
     .value_name = "PAYLOAD-FILE",
     .complete = Complete::file,
     .help = "A file whose parts are records, picked by chance"},
    {.name = "payload-monotonic", .help = "Records hold their number"},
    {.name = "payload-delimiter",
     .value = Value::text,
     .value_name = "PAYLOAD-DELIMITER",
     .default_value = "\\n",
     .help = "What stands between the parts of the file, a regular expression"},
    {.name = "warmup-records",
     .value = Value::long_integer,
     .value_name = "WARMUP-RECORDS",
     .default_value = "0",
     .help = "How many of the records not to count in a summary of their own"},
    {.name = "transactional-id",
     .value = Value::text,
     .value_name = "TRANSACTIONAL-ID",
     .group = Group::advanced,
     .help = "Send in transactions under this id"},
    {.name = "transaction-duration-ms",
     .value = Value::long_integer,
     .value_name = "TRANSACTION-DURATION",
     .group = Group::advanced,
     .help = "Send in transactions that are committed after so long; 3000 where only an id is given"},
    {.name = "print-metrics", .group = Group::output, .help = "Print the producer's metrics at the end"},
    {.name = "reporting-interval",
     .value = Value::long_integer,
     .value_name = "INTERVAL-MS",
     .default_value = "5000",
     .group = Group::output,
     .help = "How often to print how it goes, in milliseconds"},
    bootstrap_server_option,
    {.name = "producer-props",
     .aliases = {renamed("command-property")},
     .value = Value::text,
     .value_name = "PROP-NAME=PROP-VALUE",
     .many = Many::words,
     .group = Group::connection,
     .help = "Settings for the producer, over those of the file"},
    {.name = "producer.config",
     .aliases = {renamed("command-config"), native_name("client-config")},
     .value = Value::text,
     .value_name = "CONFIG-FILE",
     .group = Group::connection,
     .complete = Complete::file,
     .help = "A file with settings for the producer"},
};

constexpr OneOf exclusive[] = {{.options = "record-size payload-file payload-monotonic", .required = true}};

constexpr Example examples[] = {
    {"kt producer-perf-test orders --num-records 1000000 --record-size 1024 --throughput -1",
     "Send a million records as fast as "
     "possible"},
    {"kt producer-perf-test orders --num-records 60000 --record-size 100 --throughput 1000",
     "Send a thousand a second"},
};

/// Two names of one option, in the words of the argparse tools.
void check_names(const Given& given, Rules& rules, std::string_view option, std::string_view renamed_to) {
  const bool both = given.has_spelling(option, option) && given.has_spelling(option, renamed_to);
  rules.that(!both, "--" + std::string(renamed_to) + " and --" + std::string(option) +
                        " cannot be specified together.");
}

std::optional<UsageError> check(const Given& given) {
  const int64_t records = *given.long_integer("num-records");
  Rules rules(given);
  rules.that(records > 0, "--num-records should be greater than zero")
      .that(given.integer("record-size").value_or(1) > 0, "--record-size should be greater than zero")
      .that(count_given(given, {"bootstrap-server", "producer-props", "producer.config"}) > 0,
            "Either --producer-props or --producer.config must be specified.");
  check_names(given, rules, "producer.config", "command-config");
  check_names(given, rules, "producer-props", "command-property");
  rules
      .that(given.long_integer("transaction-duration-ms").value_or(1) > 0,
            "--transaction-duration-ms should be greater than zero")
      .that(*given.long_integer("reporting-interval") > 0,
            "--reporting-interval should be greater than zero.")
      .that(*given.long_integer("warmup-records") < records,
            "The value for --warmup-records must be strictly fewer than the number of records in the test, "
            "--num-records.");
  for (const std::string& text : given.all("producer-props")) {
    rules.that(std::ranges::count(text, '=') == 1, "Invalid property: " + text, Show::message);
  }
  return rules.broken();
}

Payload payload_of(const Given& given) {
  if (given.has("payload-monotonic")) return {.kind = Payload::Kind::monotonic};
  if (const auto file = given.text("payload-file")) {
    const std::string delimiter = *given.text("payload-delimiter");
    return {.kind = Payload::Kind::file, .file = *file, .delimiter = delimiter == "\\n" ? "\n" : delimiter};
  }
  return {.kind = Payload::Kind::random, .bytes = *given.integer("record-size")};
}

/// The bootstrap servers stand in a flag, a property or the file, in this order.
std::expected<Connection, UsageError> producer_connection(const Call& call) {
  auto properties = read_properties(call, "producer.config");
  if (!properties) return std::unexpected(properties.error());
  *properties =
      config::merge(std::move(*properties), config::parse_key_values(call.given.all("producer-props")));
  *properties = config::merge(std::move(*properties), call.setting.client_properties);
  Connection connection = cluster_of(call);
  const auto named = config::find(*properties, "bootstrap.servers");
  const bool by_flag = !call.given.spelling("bootstrap-server").empty();
  if (named && !by_flag) connection.addresses = *named;
  properties->erase("bootstrap.servers");
  properties->try_emplace("client.id", "perf-producer-client");
  connection.properties = std::move(*properties);
  return connection;
}

/// An id or a duration, wherever it stands, switches transactions on; what lacks has a default.
std::optional<int64_t> read_transactions(const Call& call, config::Properties& producer) {
  const auto duration_ms = call.given.long_integer("transaction-duration-ms");
  const auto id = call.given.text("transactional-id");
  if (!duration_ms && !id && !producer.contains("transactional.id")) return std::nullopt;
  if (id) producer.insert_or_assign("transactional.id", *id);
  producer.try_emplace("transactional.id",
                       "performance-producer-" + Uuid::random(call.environment.rng).text());
  return duration_ms.value_or(default_transaction_duration_ms);
}

}  // namespace

constinit const Syntax syntax{.name = "producer-perf-test",
                              .script = "kafka-producer-perf-test",
                              .program = "producer-performance",
                              .family = Family::argparse,
                              .summary = "Measure how fast records are sent",
                              .purpose = "This tool is used to verify the producer performance.",
                              .grammar = {.options = specs, .one_of = exclusive},
                              .examples = examples};

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  if (const auto refused = check(given)) return std::unexpected(*refused);
  auto connection = producer_connection(call);
  if (!connection) return std::unexpected(connection.error());
  const auto transaction_duration_ms = read_transactions(call, connection->properties);
  return Options{.setting = call.setting,
                 .connection = std::move(*connection),
                 .topic = *given.text("topic"),
                 .records = *given.long_integer("num-records"),
                 .payload = payload_of(given),
                 .records_per_second_max = *given.number("throughput"),
                 .transaction_duration_ms = transaction_duration_ms,
                 .warmup_records = *given.long_integer("warmup-records"),
                 .reporting_interval_ms = *given.long_integer("reporting-interval"),
                 .print_metrics = given.has("print-metrics")};
}

}  // namespace kt::cli::producer_perf_test
