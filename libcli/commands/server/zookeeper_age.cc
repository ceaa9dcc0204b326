#include "libcli/commands/server/zookeeper_age.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <set>

#include "libbroker/base/clock.h"
#include "libbroker/base/logger.h"
#include "libbroker/log/meta_files.h"
#include "libbroker/net/owned_descriptor.h"
#include "libbroker/net/socket_address.h"
#include "libbroker/wire/60_describe_cluster.h"
#include "libcli/commands/framework/session.h"

namespace kt::cli::server {
namespace {

constexpr int64_t ask_again_ms = 100, answer_ms_max = 2'000;
constexpr int32_t picked_id_min = 1'001;  // reserved.broker.max.id + 1
constexpr std::string_view next_step =
    "Start its controller first: zookeeper-server-start.sh config/zookeeper.properties; or give "
    "zookeeper.connect "
    "no value, and the broker has a controller of its own";

using Cluster = wire::DescribeClusterResponse;

Result<Cluster> ask_once(const Connection& connection, Environment& environment) {
  auto session = Session::open(connection, environment, "kt-server");
  if (!session) return fail(std::move(session.error()));
  auto answer = (*session)->ask<Cluster>(client::Target::any(),
                                         wire::DescribeClusterRequest{.include_fenced_brokers = true});
  if (!answer || answer->error_code == ErrorCode::none) return answer;
  return fail(answer->error_code, answer->error_message.value_or(std::string(text_of(answer->error_code))));
}

void pause(const Connection& connection, Environment& environment, int64_t ms) {
  auto session = Session::open(connection, environment, "kt-server");
  if (session)
    (*session)->wait<bool>(
        [&](auto done) { (*session)->loop().after(ms, [done]() mutable { done(true); }); });
}

Result<Cluster> ask(const metadata::BrokerConfig& config, Environment& environment) {
  const Connection connection{
      .addresses = *config.zookeeper_connect,
      .properties = {{"request.timeout.ms", std::to_string(answer_ms_max)},
                     {"socket.connection.setup.timeout.ms", std::to_string(answer_ms_max)}}};
  log_info("kafka.server.KafkaServer", "Connecting to zookeeper on {}", *config.zookeeper_connect);
  const int64_t deadline_ms = environment.clock.monotonic_ms() + config.zookeeper_connection_timeout_ms;
  for (;;) {
    auto cluster = ask_once(connection, environment);
    if (cluster) return cluster;
    if (environment.clock.monotonic_ms() + ask_again_ms >= deadline_ms)
      return fail(cluster.error().code,
                  fmt::format("no cluster is found at zookeeper.connect={} within {} ms: {}. {}",
                              *config.zookeeper_connect, config.zookeeper_connection_timeout_ms,
                              cluster.error().message, next_step));
    pause(connection, environment, ask_again_ms);
  }
}

/// This host's address on the way there; empty where it cannot be told. Connecting a datagram socket sends
/// nothing.
std::string own_address_towards(const metadata::HostPort& there) {
  const auto addresses = net::resolve({there.host, there.port});
  if (!addresses) return "";
  for (const net::SocketAddress& to : *addresses) {
    const net::OwnedDescriptor socket(::socket(to.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket.get() >= 0 && ::connect(socket.get(), to.get(), to.length) == 0)
      return net::local_endpoint(socket.get()).host;
  }
  return "";
}

Result<bool> has_stored_id(const metadata::BrokerConfig& config, Disk& disk) {
  for (const std::string& directory : config.log_dirs) {
    const auto stored = log::read_meta_properties(disk, directory);
    if (!stored) return fail(stored.error());
    if (*stored && (*stored)->node_id) return true;
  }
  return false;
}

}  // namespace

Result<std::string> join(metadata::BrokerConfig& config, Environment& environment) {
  const auto cluster = ask(config, environment);
  if (!cluster) return fail(cluster.error());
  if (config.node_id < 0) {
    const auto is_stored = has_stored_id(config, environment.disk);
    if (!is_stored) return fail(is_stored.error());
    std::set<int32_t> taken;
    for (const auto& broker : cluster->brokers) taken.insert(broker.broker_id);
    int32_t free = picked_id_min;
    while (taken.contains(free)) ++free;
    if (!*is_stored) config.node_id = free;
  }
  std::string own;
  for (metadata::Endpoint& at : config.advertised_listeners) {
    if (!at.host.empty() && at.host != "0.0.0.0" && at.host != "::") continue;
    if (own.empty()) own = own_address_towards(config.quorum_bootstrap_servers.front());
    at.host = own;
  }
  return cluster->cluster_id;
}

void log_config_values(const config::Properties& properties) {
  std::map<std::string, std::string> values = {{"advertised.host.name", "null"},
                                               {"advertised.port", "null"},
                                               {"host.name", ""},
                                               {"port", "9092"},
                                               {"zookeeper.connect", "null"},
                                               {"zookeeper.connection.timeout.ms", "null"}};
  for (const metadata::ConfigDef& def : metadata::broker_configs()) {
    if (!def.internal) values[std::string(def.name)] = def.fallback.value_or("null");
  }
  for (const auto& [name, text] : properties) {
    const metadata::ConfigDef* def = metadata::broker_configs().find(name);
    if (def ? !def->internal : values.contains(name))
      values[name] = def && def->sensitive() ? "[hidden]" : text;
  }
  std::vector<std::string> rows;
  for (const auto& [name, value] : values) rows.push_back(fmt::format("{} = {}", name, value));
  log_rows(LogLevel::info, "kafka.server.KafkaConfig", "KafkaConfig values: ", rows);
}

}  // namespace kt::cli::server
