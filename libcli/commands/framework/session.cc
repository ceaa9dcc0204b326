#include "libcli/commands/framework/session.h"

#include <fmt/core.h>

#include <charconv>

#include "libbroker/net/asio_loop.h"
#include "libbroker/net/asio_net.h"
#include "libbroker/net/thread_pool.h"
#include "libbroker/wire/60_describe_cluster.h"
#include "libcli/term/text.h"

namespace kt::cli {
namespace {

constexpr int64_t request_timeout_ms_default = 30'000, api_timeout_ms_default = 60'000;

std::unexpected<Error> invalid_url(std::string_view address) {
  return fail(ErrorCode::invalid_config, fmt::format("Invalid url in bootstrap.servers: {}", address));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Result<kt::Endpoint> parse_address(std::string_view address) {
  std::string_view rest = address;
  if (const size_t scheme = rest.find("://"); scheme != rest.npos) rest.remove_prefix(scheme + 3);
  const size_t colon = rest.rfind(':');
  if (colon == rest.npos || colon == 0) return invalid_url(address);
  const std::string_view digits = rest.substr(colon + 1);
  uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return invalid_url(address);
  std::string_view host = rest.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return kt::Endpoint{std::string(host), port};
}

int64_t number_or(const config::Properties& properties, std::string_view key, int64_t fallback) {
  const auto text = config::find(properties, key);
  int64_t value = fallback;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

/// What kt would have to ignore to connect in plain text. Errors: invalid_config, naming the first key.
Result<void> refuse_security(const config::Properties& properties) {
  const auto protocol = config::find(properties, "security.protocol");
  if (protocol && term::capitals(*protocol) == "PLAINTEXT") return {};  // then the others mean nothing
  if (protocol)
    return fail(
        ErrorCode::invalid_config,
        fmt::format("security.protocol={}: this build of kt connects in plain text alone; leave it out and "
                    "name a PLAINTEXT listener of the cluster",
                    *protocol));
  for (const std::string_view prefix : {"sasl.", "ssl."}) {
    const auto found = properties.lower_bound(prefix);
    if (found == properties.end() || !found->first.starts_with(prefix)) continue;
    return fail(ErrorCode::invalid_config,
                fmt::format("{}: this build of kt connects in plain text alone; leave it out, or say "
                            "security.protocol=PLAINTEXT where that is meant",
                            found->first));
  }
  return {};
}

/// Asks the controller that listens in ZooKeeper's place which brokers there are. Errors: one sentence with
/// what to do about it.
Result<std::vector<kt::Endpoint>> brokers_of(const Connection& zookeeper, Environment& environment) {
  Connection there = zookeeper;
  there.through = Connection::Through::controllers;
  auto session = Session::open(there, environment, "kt-zookeeper");
  if (!session) return fail(std::move(session.error()));
  const auto cluster =
      (*session)->ask<wire::DescribeClusterResponse>(client::Target::any(), wire::DescribeClusterRequest{});
  const ErrorCode code = cluster ? cluster->error_code : cluster.error().code;
  if (code == ErrorCode::none && !cluster->brokers.empty()) {
    std::vector<kt::Endpoint> brokers;
    for (const auto& broker : cluster->brokers)
      brokers.push_back({broker.host, static_cast<uint16_t>(broker.port)});
    return brokers;
  }
  const std::string& where = zookeeper.addresses;
  if (code == ErrorCode::none)
    return fail(ErrorCode::broker_not_available,
                fmt::format("--zookeeper {}: no broker is there yet, start one with kafka-server-start.sh "
                            "config/server.properties",
                            where));
  return fail(
      code, fmt::format("--zookeeper {}: {}. A controller takes ZooKeeper's place: zookeeper-server-start.sh "
                        "config/zookeeper.properties; brokers are found by --bootstrap-server {}:9092",
                        where, cluster ? text_of(code) : cluster.error().message,
                        session.value()->cluster().options().bootstrap.front().host));
}

}  // namespace

Result<std::vector<kt::Endpoint>> parse_addresses(const std::string& list) {
  std::vector<kt::Endpoint> addresses;
  for (std::string_view rest = list; !rest.empty();) {
    const size_t comma = rest.find(',');
    const std::string_view address = trimmed(rest.substr(0, comma));
    rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
    if (address.empty()) continue;
    auto parsed = parse_address(address);
    if (!parsed) return fail(std::move(parsed.error()));
    addresses.push_back(std::move(*parsed));
  }
  if (addresses.empty())
    return fail(ErrorCode::invalid_config, "No resolvable bootstrap urls given in bootstrap.servers");
  return addresses;
}

Result<std::unique_ptr<Session>> Session::open(const Connection& connection, Environment& environment,
                                               std::string default_client_id) {
  if (auto plain = refuse_security(connection.properties); !plain) return fail(std::move(plain.error()));
  auto addresses = parse_addresses(connection.addresses);
  if (!addresses) return fail(std::move(addresses.error()));
  if (connection.through == Connection::Through::zookeeper_port) {
    auto brokers = brokers_of(connection, environment);
    if (!brokers) return fail(std::move(brokers.error()));
    addresses = std::move(*brokers);
  }
  client::ClusterOptions options{.bootstrap = std::move(*addresses)};
  options.client_id = config::find(connection.properties, "client.id").value_or(std::move(default_client_id));
  options.request_timeout_ms =
      number_or(connection.properties, "request.timeout.ms", request_timeout_ms_default);
  options.connect_timeout_ms =
      number_or(connection.properties, "socket.connection.setup.timeout.ms", options.connect_timeout_ms);
  return std::unique_ptr<Session>(
      new Session(environment, std::move(options),
                  number_or(connection.properties, "default.api.timeout.ms", api_timeout_ms_default)));
}

Session::Session(Environment& environment, client::ClusterOptions options, int64_t api_timeout_ms)
    : clock_(environment.clock),
      api_timeout_ms_(api_timeout_ms),
      resolvers_(std::make_unique<net::ThreadPool>(1)),
      loop_(std::make_unique<net::AsioLoop>(clock_)),
      net_(std::make_unique<net::AsioNet>(*resolvers_)),
      cluster_(std::make_unique<client::Cluster>(*loop_, *net_, clock_, std::move(options))) {}

Session::Session(Clock& clock, std::unique_ptr<client::Cluster> cluster, int64_t api_timeout_ms,
                 std::function<void()> let_pass)
    : clock_(clock),
      api_timeout_ms_(api_timeout_ms),
      let_pass_(std::move(let_pass)),
      cluster_(std::move(cluster)) {}

Session::~Session() = default;

Loop& Session::loop() { return cluster_->loop(); }
net::AsioLoop& Session::reactor() { return *loop_; }
Net& Session::net() { return *net_; }
void Session::turn() { let_pass_ ? let_pass_() : loop_->run(); }
void Session::stop_turning() {
  if (loop_) loop_->stop();
}

void Session::pause() {
  wait<bool>([this](auto done) {
    loop().after(cluster_->options().retry_backoff_ms, [done]() mutable { done(true); });
  });
}

Result<const client::Topology*> Session::topology(std::optional<std::vector<std::string>> topics) {
  return wait<Result<const client::Topology*>>([&](auto done) {
    cluster_->refresh(std::move(topics), false,
                      [done](Result<const client::Topology*> topology) mutable { done(topology); });
  });
}

}  // namespace kt::cli
