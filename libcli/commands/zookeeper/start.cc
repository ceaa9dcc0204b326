#include "libcli/commands/zookeeper/start.h"

#include <fmt/core.h>

#include <ostream>

#include "libbroker/base/disk.h"
#include "libbroker/base/logger.h"
#include "libcli/commands/server/daemon.h"
#include "libcli/commands/server/java_words.h"
#include "libcli/commands/server/serve.h"
#include "libcli/commands/zookeeper/place.h"
#include "libcli/lab/ports.h"
#include "libcli/term/text.h"

namespace kt::cli::zookeeper {
namespace {

constexpr OptionSpec options[] = {
    {.name = "file",
     .value = Value::text,
     .value_name = "zookeeper.properties",
     .positional = true,
     .complete = Complete::file,
     .help = "The property file: dataDir and clientPort of it count"},
    {.name = "daemon",
     .help =
         "Go on in the background and print to zookeeper.out, in $LOG_DIR or else in kt's state directory"},
    {.name = "ready-fd",
     .value = Value::integer,
     .value_name = "fd",
     .group = Group::advanced,
     .help = "Write one line of JSON to this descriptor when brokers are served"},
    {.name = "ready-file",
     .value = Value::text,
     .value_name = "file",
     .group = Group::advanced,
     .complete = Complete::file,
     .help = "Write one line of JSON to this file when brokers are served"},
};
constexpr Example examples[] = {
    {"kt zookeeper-server-start config/zookeeper.properties",
     "What a page of 2017 says comes before the brokers"},
    {"kt zookeeper-server-start --daemon config/zookeeper.properties", "The same in the background"},
};

std::string log_name(std::string_view simple) { return "org.apache.zookeeper.server." + std::string(simple); }

Result<Place> place_of(const StartOptions& asked, Disk& disk) {
  if (const auto is_there = disk.exists(asked.file); is_there && !*is_there)
    return fail(ErrorCode::kafka_storage_error, "there is no property file " + asked.file);
  const auto properties = config::load_properties(disk, asked.file);
  if (!properties) return fail(properties.error());
  auto place = read_place(*properties, asked.file, disk);
  if (!place) return place;
  if (const std::string holder = kt::lab::port_holder(place->port); place->port != 0 && !holder.empty())
    return fail(
        ErrorCode::network_exception,
        fmt::format(
            "port {} is in use{}. If that is what takes ZooKeeper's place, it runs already, and brokers "
            "come next: kafka-server-start.sh config/server.properties",
            place->port, holder));
  return place;
}

}  // namespace

constinit const Syntax start_syntax{
    .name = "zookeeper-server-start",
    .script = "zookeeper-server-start",
    .summary = "Run a controller in ZooKeeper's place, for brokers of 2017",
    .purpose = "USAGE: zookeeper-server-start.sh [-daemon] zookeeper.properties",
    .grammar = {.options = options},
    .examples = examples};

const Command start_command{start_syntax, parse_and_run<parse_start, start>};

std::expected<StartOptions, UsageError> parse_start(const Call& call) {
  auto words = server::without_java(call.given.words(), server::zookeeper_class);
  auto file = call.given.text("file");
  if (!file && !words.empty()) {  // under the script's name words stay words
    file = words.front();
    words.erase(words.begin());
  }
  if (!words.empty())
    return std::unexpected(UsageError{"Found non argument parameters: " + term::join(words, ",")});
  if (!file) return std::unexpected(UsageError{std::string(start_syntax.purpose), Show::message_on_out});
  return StartOptions{.setting = call.setting,
                      .file = std::move(*file),
                      .is_daemon = call.given.has("daemon"),
                      .ready_fd = call.given.integer("ready-fd"),
                      .ready_file = call.given.text("ready-file")};
}

Exit start(const StartOptions& asked, Environment& environment, Streams& streams) {
  if (asked.setting.mode == Mode::script) server::show_as_java(server::zookeeper_class);
  if (asked.is_daemon) {
    streams.out.flush();
    const auto side = server::detach(server::daemon_output(environment, "zookeeper.out"));
    if (!side) return server::refuse(streams, side.error());
    if (*side == server::Side::caller) return Exit::done;
  }
  const auto place = place_of(asked, environment.disk);
  if (!place) return server::refuse(streams, place.error());
  config::Properties properties = controller_properties(*place);
  const metadata::ConfigMap none;
  auto config = metadata::BrokerConfig::from({none, none, properties});
  if (!config) return server::refuse(streams, config.error());
  server::begin_log(properties, environment);
  log_info(log_name("quorum.QuorumPeerConfig"), "Reading configuration from: {}", asked.file);
  server::Service service{.ready_fd = asked.ready_fd, .ready_file = asked.ready_file};
  service.node.config = std::move(*config);
  service.node.properties = std::move(properties);
  service.node.may_format = true;
  service.node.answer_to_word = [place = *place](std::string_view word) {
    return answer_to_word(place, word);
  };
  service.on_serving = [](const node::Node::Serving& serving) {
    const uint16_t port = serving.listeners.front().second.port;
    log_info(log_name("NIOServerCnxnFactory"), "binding to port 0.0.0.0/0.0.0.0:{}", port);
    log_info(log_name("ZooKeeperServer"), "kt's controller {} is in ZooKeeper's place; brokers come next",
             serving.node_id);
  };
  return server::serve(std::move(service), environment, streams);
}

}  // namespace kt::cli::zookeeper
