#include "libcli/commands/server/options.h"

#include "libcli/commands/server/java_words.h"
#include "libcli/term/text.h"

namespace kt::cli::server {
namespace {

constexpr OptionSpec options[] = {
    {.name = "file",
     .value = Value::text,
     .value_name = "server.properties",
     .positional = true,
     .complete = Complete::file,
     .help = "The property file; without one, a broker of its own on localhost:9092"},
    {.name = "override",
     .value = Value::text,
     .value_name = "key=value",
     .many = Many::occurrences,
     .help = "Set a property, over the file's"},
    {.name = "dir",
     .value = Value::text,
     .value_name = "directory",
     .complete = Complete::directory,
     .help = "Keep the data there, when no file says where"},
    {.name = "daemon",
     .help =
         "Go on in the background and print to kafkaServer.out, in $LOG_DIR or else in kt's state directory"},
    {.name = "ephemeral", .help = "Keep the data in a temporary directory, gone at the end"},
    {.name = "ready-fd",
     .value = Value::integer,
     .value_name = "fd",
     .group = Group::advanced,
     .help = "Write one line of JSON to this descriptor when clients are served"},
    {.name = "ready-file",
     .value = Value::text,
     .value_name = "file",
     .group = Group::advanced,
     .complete = Complete::file,
     .help = "Write one line of JSON to this file when clients are served"},
};
constexpr Example examples[] = {
    {"kt server --ephemeral --override listeners=PLAINTEXT://127.0.0.1:0",
     "A throw-away server on a free port"},
    {"kt server config/server.properties --override num.partitions=3",
     "A server from Kafka's own property file"},
};

}  // namespace

const Syntax syntax{
    .name = "server",
    .script = "kafka-server-start",
    .also = "server-start",
    .summary = "Run a broker, a controller, or both",
    .purpose = "USAGE: kafka-server-start.sh [-daemon] server.properties [--override property=value]*",
    .grammar = {.options = options},
    .examples = examples,
    .runs_bare = true};

const Command command{syntax, parse_and_run<parse, run>};

std::expected<Options, UsageError> parse(const Call& call) {
  Options parsed;
  parsed.setting = call.setting;
  auto words = without_java(call.given.words(), kafka_class);
  parsed.file = call.given.text("file");
  if (!parsed.file && !words.empty()) {  // under the script's name words stay words
    parsed.file = words.front();
    words.erase(words.begin());
  }
  if (!words.empty())
    return std::unexpected(UsageError{"Found non argument parameters: " + term::join(words, ",")});
  if (call.setting.mode == Mode::script && !parsed.file) {
    return std::unexpected(UsageError{std::string(syntax.purpose), Show::message_on_out});
  }
  parsed.overrides = config::parse_key_values(call.given.all("override"));
  parsed.directory = call.given.text("dir");
  parsed.is_daemon = call.given.has("daemon");
  parsed.is_ephemeral = call.given.has("ephemeral");
  parsed.ready_fd = call.given.integer("ready-fd");
  parsed.ready_file = call.given.text("ready-file");
  if (parsed.is_ephemeral && parsed.directory) {
    return std::unexpected(UsageError{"Option \"[dir]\" can't be used with option \"[ephemeral]\""});
  }
  return parsed;
}

}  // namespace kt::cli::server
