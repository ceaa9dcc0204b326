#include "libcli/commands/zookeeper/shell.h"

#include <fmt/core.h>

#include <istream>
#include <ostream>
#include <sstream>

#include "libbroker/wire/32_describe_configs.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/zookeeper/nodes.h"
#include "libcli/term/text.h"

namespace kt::cli::zookeeper {
namespace {

constexpr int8_t topic_resource = 2, topic_source = 1;

constexpr OptionSpec options[] = {
    {.name = "server",
     .value = Value::text,
     .value_name = "host:port",
     .positional = true,
     .help = "Where the controller listens on ZooKeeper's port"},
    {.name = "command",
     .value = Value::text,
     .value_name = "word",
     .many = Many::words,
     .positional = true,
     .help =
         "What to do there, ls or get and a path; none: it is read from the standard input, line by line"},
    ignored_option("zk-tls-config-file", Value::text, Ignored::silently),
};
constexpr Example examples[] = {
    {"kt zookeeper-shell localhost:2181 ls /brokers/ids", "See which brokers there are, as in 2017"},
    {"kt zookeeper-shell localhost:2181 get /brokers/topics/orders", "See where the replicas of a topic are"},
};

Result<Nodes::Configs> own_configs(Session& session, const client::Topology& topology) {
  Nodes::Configs configs;
  wire::DescribeConfigsRequest request;
  for (const auto& [name, topic] : topology.topics)
    request.resources.push_back({topic_resource, name, std::nullopt});
  if (request.resources.empty()) return configs;
  const auto response = session.ask<wire::DescribeConfigsResponse>(client::Target::any(), std::move(request));
  if (!response) return fail(response.error());
  for (const auto& result : response->results) {
    auto& own = configs[result.resource_name];
    for (const auto& config : result.configs) {
      if (config.config_source == topic_source) own.emplace_back(config.name, config.value.value_or(""));
    }
  }
  return configs;
}

Result<Nodes> look(const Connection& connection, Environment& environment) {
  auto session = Session::open(connection, environment, "zookeeper-shell");
  if (!session && session.error().code == ErrorCode::broker_not_available) return Nodes({}, {});
  if (!session) return fail(std::move(session.error()));
  const auto topology = (*session)->topology(std::nullopt);
  if (!topology) return fail(topology.error());
  const auto configs = own_configs(**session, **topology);
  if (!configs) return fail(configs.error());
  return Nodes(**topology, *configs);
}

/// One command of the shell, of which each looks anew. Errors: the cluster cannot be asked.
class Shell {
 public:
  Shell(const ShellOptions& asked, Environment& environment, Streams& streams)
      : asked_(asked), environment_(environment), streams_(streams) {}

  Result<Exit> run(const std::vector<std::string>& words) {
    if (words.empty()) return Exit::done;
    const bool reads = words[0] == "ls" || words[0] == "get";
    if (!reads || words.size() < 2) return tell(words[0]);
    const auto nodes = look(asked_.connection, environment_);
    if (!nodes) return fail(nodes.error());
    const auto children = nodes->children(words[1]);
    if (!children) return streams_.out << "Node does not exist: " << words[1] << '\n', Exit::not_found;
    streams_.out << (words[0] == "ls" ? "[" + term::join(*children, ", ") + "]" : *nodes->data(words[1]))
                 << '\n';
    return Exit::done;
  }

 private:
  Result<Exit> tell(const std::string& word) {
    streams_.err << fmt::format(
        "{}: there are \"ls path\" and \"get path\", and \"quit\": a controller is in ZooKeeper's place, "
        "which has no "
        "nodes of its own. Topics are changed by kafka-topics.sh and kafka-configs.sh\n",
        word);
    return word == "help" ? Exit::done : Exit::usage;
  }

  const ShellOptions& asked_;
  Environment& environment_;
  Streams& streams_;
};

std::vector<std::string> split(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace

constinit const Syntax shell_syntax{
    .name = "zookeeper-shell",
    .script = "zookeeper-shell",
    .summary = "Look at brokers and topics as ZooKeeper showed them",
    .purpose = "USAGE: zookeeper-shell.sh zookeeper_host:port[/path] [args...]",
    .grammar = {.options = options},
    .examples = examples};
const Command shell_command{shell_syntax, parse_and_run<parse_shell, shell>};

std::expected<ShellOptions, UsageError> parse_shell(const Call& call) {
  auto words = call.given.words();
  auto server = call.given.text("server");
  if (!server && !words.empty()) {  // under the script's name words stay words
    server = words.front();
    words.erase(words.begin());
  }
  if (!server) return std::unexpected(UsageError{std::string(shell_syntax.purpose), Show::message_on_out});
  Connection connection{.through = Connection::Through::zookeeper_port,
                        .addresses = server->substr(0, server->find('/'))};
  if (call.given.has("command")) words = call.given.all("command");
  return ShellOptions{call.setting, std::move(connection), std::move(words)};
}

Exit shell(const ShellOptions& asked, Environment& environment, Streams& streams) {
  const FailureStyle style{asked.setting, "zookeeper-shell"};
  Shell commands(asked, environment, streams);
  streams.out << fmt::format("Connecting to {}\n", asked.connection.addresses);
  if (const auto nodes = look(asked.connection, environment); !nodes)
    return report_failure(nodes.error(), style, streams);
  if (!asked.words.empty()) {
    streams.out << "\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null\n";
    const auto exit = commands.run(asked.words);
    return exit ? *exit : report_failure(exit.error(), style, streams);
  }
  streams.out << "Welcome to ZooKeeper!\nJLine support is disabled\n" << std::flush;
  for (std::string line; std::getline(streams.in, line) && line != "quit";) {
    if (const auto exit = commands.run(split(line)); !exit) report_failure(exit.error(), style, streams);
    streams.out.flush();
  }
  return Exit::done;
}

}  // namespace kt::cli::zookeeper
