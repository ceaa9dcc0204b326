#include "libbroker/metadata/broker_config.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/metadata/broker_config_checks.h"
#include "libbroker/metadata/config_validation.h"
#include "libbroker/metadata/java_text.h"

namespace kt::metadata {
namespace {

Result<void> invalid(std::string message) { return fail(ErrorCode::invalid_config, std::move(message)); }

/// Reads typed values in effect. A name or type that the table does not have is our mistake.
class Reader {
 public:
  explicit Reader(const BrokerLayers& layers) : layers_(layers) {}

  template <std::integral I>
    requires(!std::same_as<I, bool>)
  void operator()(std::string_view name, I& out) const {
    out = static_cast<I>(std::get<int64_t>(value(name)));
  }
  void operator()(std::string_view name, bool& out) const { out = std::get<bool>(value(name)); }
  void operator()(std::string_view name, double& out) const { out = std::get<double>(value(name)); }
  /// None when the value is null.
  std::optional<std::string> text(std::string_view name) const { return text_of(value(name)); }
  std::vector<std::string> list(std::string_view name) const {
    return java::split_list(text(name).value_or(""));
  }
  bool is_set(std::string_view name) const { return layers_.find(name).text != nullptr; }
  /// The text of a key that is in no table.
  std::optional<std::string> raw(std::string_view name) const {
    const std::string* text = layers_.find(name).text;
    return text ? std::optional(*text) : std::nullopt;
  }

 private:
  ConfigValue value(std::string_view name) const {
    const ConfigDef* def = broker_configs().find(name);
    KT_ASSERT(def);
    return layers_.value_of(*def);
  }

  const BrokerLayers& layers_;
};

Result<void> check_values(const BrokerLayers& layers) {
  for (const ConfigMap* layer : {&layers.static_broker, &layers.dynamic_default, &layers.dynamic_broker}) {
    for (const auto& [name, text] : *layer) {
      const ConfigDef* def = broker_configs().find(name);
      if (!def) continue;
      if (const Result<ConfigValue> value = parse_config(*def, text); !value) return fail(value.error());
    }
  }
  return {};
}

void read_quorum(const Reader& in, BrokerConfig& out) {
  in("controller.quorum.election.timeout.ms", out.quorum_election_timeout_ms);
  in("controller.quorum.election.backoff.max.ms", out.quorum_election_backoff_ms_max);
  in("controller.quorum.fetch.timeout.ms", out.quorum_fetch_timeout_ms);
  in("controller.quorum.request.timeout.ms", out.quorum_request_timeout_ms);
  in("controller.quorum.retry.backoff.ms", out.quorum_retry_backoff_ms);
  in("controller.quorum.append.linger.ms", out.quorum_append_linger_ms);
  in("broker.heartbeat.interval.ms", out.heartbeat_interval_ms);
  in("broker.session.timeout.ms", out.session_timeout_ms);
  in("initial.broker.registration.timeout.ms", out.initial_registration_timeout_ms);
  in("metadata.log.max.record.bytes.between.snapshots", out.metadata_snapshot_bytes);
  in("metadata.log.max.snapshot.interval.ms", out.metadata_snapshot_interval_ms);
  in("metadata.max.retention.bytes", out.metadata_retention_bytes);
  in("metadata.max.retention.ms", out.metadata_retention_ms);
  in("metadata.log.segment.bytes", out.metadata_segment_bytes);
  in("metadata.log.segment.ms", out.metadata_segment_ms);
  in("metadata.max.idle.interval.ms", out.metadata_idle_interval_ms);
}

void read_topics(const Reader& in, BrokerConfig& out) {
  in("num.partitions", out.num_partitions);
  in("default.replication.factor", out.default_replication_factor);
  in("auto.create.topics.enable", out.auto_create_topics);
  in("delete.topic.enable", out.delete_topic);
  in("auto.leader.rebalance.enable", out.auto_leader_rebalance);
  in("leader.imbalance.check.interval.seconds", out.leader_imbalance_check_interval_seconds);
  in("unclean.leader.election.interval.ms", out.unclean_leader_election_interval_ms);
}

void read_requests(const Reader& in, BrokerConfig& out) {
  in("socket.send.buffer.bytes", out.socket_send_buffer_bytes);
  in("socket.receive.buffer.bytes", out.socket_receive_buffer_bytes);
  in("socket.request.max.bytes", out.socket_request_bytes_max);
  in("socket.listen.backlog.size", out.socket_listen_backlog);
  in("connections.max.idle.ms", out.connections_idle_ms_max);
  in("max.connections", out.connections_max);
  in("max.connections.per.ip", out.connections_per_ip_max);
  in("queued.max.request.bytes", out.queued_request_bytes_max);
  in("request.timeout.ms", out.request_timeout_ms);
  in("fetch.max.bytes", out.fetch_bytes_max);
  in("max.incremental.fetch.session.cache.slots", out.fetch_session_slots_max);
  in("max.request.partition.size.limit", out.request_partition_size_limit);
  in("kt.require.secure.listeners", out.require_secure_listeners);
  in("kt.io.threads", out.io_threads);
  out.validate_compressed = *in.text("kt.validate.compressed") == "header" ? ValidateCompressed::header
                                                                           : ValidateCompressed::records;
}

void read_replication(const Reader& in, BrokerConfig& out) {
  in("replica.lag.time.max.ms", out.replica_lag_ms_max);
  in("replica.fetch.max.bytes", out.replica_fetch_bytes_max);
  in("replica.fetch.min.bytes", out.replica_fetch_bytes_min);
  in("replica.fetch.response.max.bytes", out.replica_fetch_response_bytes_max);
  in("replica.fetch.wait.max.ms", out.replica_fetch_wait_ms_max);
  in("replica.fetch.backoff.ms", out.replica_fetch_backoff_ms);
  in("replica.socket.timeout.ms", out.replica_socket_timeout_ms);
  in("replica.high.watermark.checkpoint.interval.ms", out.high_watermark_checkpoint_interval_ms);
  in("replication.quota.window.num", out.replication_quota_windows);
  in("replication.quota.window.size.seconds", out.replication_quota_window_seconds);
  in("leader.replication.throttled.rate", out.leader_throttled_rate);
  in("follower.replication.throttled.rate", out.follower_throttled_rate);
}

void read_logs(const Reader& in, BrokerConfig& out) {
  in("log.retention.check.interval.ms", out.log_retention_check_interval_ms);
  in("log.flush.scheduler.interval.ms", out.log_flush_scheduler_interval_ms);
  in("log.initial.task.delay.ms", out.log_initial_task_delay_ms);
  in("log.flush.offset.checkpoint.interval.ms", out.log_flush_offset_checkpoint_interval_ms);
  in("log.flush.start.offset.checkpoint.interval.ms", out.log_flush_start_offset_checkpoint_interval_ms);
  in("log.dir.failure.timeout.ms", out.log_dir_failure_timeout_ms);
  in("log.cleaner.enable", out.log_cleaner_enable);
  in("log.cleaner.backoff.ms", out.log_cleaner_backoff_ms);
  in("log.cleaner.dedupe.buffer.size", out.log_cleaner_dedupe_buffer_bytes);
  in("log.cleaner.io.max.bytes.per.second", out.log_cleaner_io_bytes_per_second_max);
  in("log.cleaner.io.buffer.load.factor", out.log_cleaner_load_factor);
  in("log.cleaner.threads", out.log_cleaner_threads);
  in("num.recovery.threads.per.data.dir", out.recovery_threads_per_dir);
}

void read_groups(const Reader& in, BrokerConfig& out) {
  in("offsets.topic.num.partitions", out.offsets_topic_partitions);
  in("offsets.topic.segment.bytes", out.offsets_topic_segment_bytes);
  in("offsets.topic.replication.factor", out.offsets_topic_replication_factor);
  in("offsets.topic.compression.codec", out.offsets_topic_compression_codec);
  in("offsets.retention.minutes", out.offsets_retention_minutes);
  in("offsets.retention.check.interval.ms", out.offsets_retention_check_interval_ms);
  in("offsets.commit.timeout.ms", out.offsets_commit_timeout_ms);
  in("offset.metadata.max.bytes", out.offset_metadata_bytes_max);
  in("group.min.session.timeout.ms", out.group_session_timeout_ms_min);
  in("group.max.session.timeout.ms", out.group_session_timeout_ms_max);
  in("group.max.size", out.group_size_max);
  in("group.initial.rebalance.delay.ms", out.group_initial_rebalance_delay_ms);
}

void read_transactions(const Reader& in, BrokerConfig& out) {
  in("producer.id.expiration.ms", out.producer_id_expiration_ms);
  in("producer.id.expiration.check.interval.ms", out.producer_id_expiration_check_interval_ms);
  in("transaction.max.timeout.ms", out.transaction_timeout_ms_max);
  in("transactional.id.expiration.ms", out.transactional_id_expiration_ms);
  in("transaction.state.log.num.partitions", out.transaction_topic_partitions);
  in("transaction.state.log.min.isr", out.transaction_topic_min_isr);
  in("transaction.state.log.segment.bytes", out.transaction_topic_segment_bytes);
  in("transaction.state.log.replication.factor", out.transaction_topic_replication_factor);
}

Result<void> read_identity(const Reader& in, BrokerConfig& out) {
  for (const std::string& role : in.list("process.roles")) {
    bool& plays = role == "broker" ? out.is_broker : out.is_controller;
    if (plays) return invalid("Duplicate role names found in `process.roles`: " + *in.text("process.roles"));
    plays = true;
  }
  out.zookeeper_connect = in.raw("zookeeper.connect");
  if (const auto ms = java::parse_long(in.raw("zookeeper.connection.timeout.ms").value_or("18000")))
    out.zookeeper_connection_timeout_ms = static_cast<int32_t>(*ms);
  const bool has_role = out.is_broker || out.is_controller;
  if (has_role) out.zookeeper_connect.reset();
  if (!has_role && !out.zookeeper_connect)
    return invalid("Missing required configuration \"process.roles\" which has no default value.");
  if (!has_role) out.is_broker = true;
  if (in.is_set("broker.id")) in("broker.id", out.node_id);
  if (in.is_set("node.id")) {
    in("node.id", out.node_id);
    int32_t broker_id = out.node_id;
    if (in.is_set("broker.id")) in("broker.id", broker_id);
    if (broker_id != out.node_id) return invalid("You must set `node.id` to the same value as `broker.id`.");
  }
  if (has_role && out.node_id < 0)
    return invalid(
        "Missing configuration `node.id` which is required when `process.roles` is defined "
        "(i.e. when running in KRaft mode).");
  out.rack = in.text("broker.rack");
  return {};
}

/// Kafka's two; others are Java's.
Result<void> read_replica_selector(const Reader& in, BrokerConfig& out) {
  constexpr std::string_view by_rack = "org.apache.kafka.common.replica.RackAwareReplicaSelector",
                             leaders = "org.apache.kafka.common.replica.LeaderSelector";
  const std::string selector = in.text("replica.selector.class").value_or("");
  out.selects_replicas_by_rack = selector == by_rack;
  if (selector.empty() || selector == by_rack || selector == leaders) return {};
  return invalid(fmt::format("replica.selector.class {} is not known here: {} or {} may be given, or nothing",
                             selector, by_rack, leaders));
}

/// What a plugin of Kafka's would forbid must not become allowed because nobody loads it.
Result<void> refuse_plugins(const Reader& in, BrokerConfig&) {
  for (const std::string_view name : {"authorizer.class.name", "create.topic.policy.class.name",
                                      "alter.config.policy.class.name", "client.quota.callback.class"}) {
    const std::string plugin = in.raw(name).value_or("");
    if (plugin.empty()) continue;
    return invalid(
        fmt::format("{}={}: there is no such thing here yet, and without it everything would be allowed: "
                    "take it out of the configuration if that is meant",
                    name, plugin));
  }
  return {};
}

Result<void> read_dirs(const Reader& in, BrokerConfig& out) {
  out.log_dirs = in.list("log.dirs");
  if (out.log_dirs.empty()) out.log_dirs = in.list("log.dir");
  std::erase(out.log_dirs, "");
  if (out.log_dirs.empty())
    return invalid("At least one log directory must be defined via log.dirs or log.dir.");
  out.metadata_log_dir = in.text("metadata.log.dir").value_or(out.log_dirs.front());
  return {};
}

bool names_secure_protocol(std::string_view name) {
  return name == "SSL" || name == "SASL_SSL" || name == "SASL_PLAINTEXT";
}

/// The listeners' protocols; without a map of their own, the controller's listeners speak plaintext unless
/// something secure is in use.
Result<ProtocolMap> protocols_of(const Reader& in, const BrokerConfig& config, std::string_view listeners) {
  Result<ProtocolMap> map = parse_protocol_map(*in.text("listener.security.protocol.map"));
  if (!map || in.is_set("listener.security.protocol.map")) return map;
  bool secure = std::ranges::any_of(config.controller_listener_names, names_secure_protocol);
  for (const std::string& listener : java::split_list(listeners))
    secure |= names_secure_protocol(std::string_view(listener).substr(0, listener.find(':')));
  if (secure) return map;
  for (const std::string& name : config.controller_listener_names)
    map->emplace(name, SecurityProtocol::plaintext);
  return map;
}

/// `listeners`, or what `host.name` and `port` of Kafka up to 2.8 mean by it.
std::string bound_text(const Reader& in) {
  const auto host = in.raw("host.name"), port = in.raw("port");
  if (in.is_set("listeners") || (!host && !port)) return in.text("listeners").value_or("");
  return fmt::format("PLAINTEXT://{}:{}", host.value_or(""), port.value_or("9092"));
}

/// `advertised.listeners`, or what `advertised.host.name` and `advertised.port` mean by it; what is missing
/// of the two is as bound to. Empty: nothing else than bound to is told.
std::string advertised_text(const Reader& in) {
  const auto host = in.raw("advertised.host.name"), port = in.raw("advertised.port");
  if (in.is_set("advertised.listeners") || (!host && !port))
    return in.text("advertised.listeners").value_or("");
  return fmt::format("PLAINTEXT://{}:{}", host ? *host : in.raw("host.name").value_or(""),
                     port ? *port : in.raw("port").value_or("9092"));
}

Result<void> read_listeners(const Reader& in, BrokerConfig& out) {
  out.controller_listener_names = in.list("controller.listener.names");
  const std::string bound = bound_text(in);
  const Result<ProtocolMap> protocols = protocols_of(in, out, bound);
  if (!protocols) return fail(protocols.error());
  Result<std::vector<Endpoint>> listeners = parse_listeners(bound, *protocols, Ports::distinct);
  if (!listeners) return fail(listeners.error());
  out.listeners = *std::move(listeners);

  const std::string advertised = advertised_text(in);
  Result<std::vector<Endpoint>> told = parse_listeners(advertised, *protocols, Ports::any);
  if (!told) return fail(told.error());
  out.advertised_listeners = advertised.empty() ? out.listeners : *std::move(told);
  const auto is_controllers = [&](const Endpoint& endpoint) {
    return std::ranges::count(out.controller_listener_names, endpoint.listener) > 0;
  };
  for (const Endpoint& bound_at : out.listeners) {
    if (!is_controllers(bound_at)) continue;
    const auto told_at = std::ranges::find(out.advertised_listeners, bound_at.listener, &Endpoint::listener);
    out.controller_advertised_listeners.push_back(told_at != out.advertised_listeners.end() ? *told_at
                                                                                            : bound_at);
  }
  std::erase_if(out.advertised_listeners, is_controllers);

  const auto by_name = in.text("inter.broker.listener.name");
  if (by_name && in.is_set("security.inter.broker.protocol"))
    return invalid(
        "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.");
  out.inter_broker_listener_name =
      by_name ? java::upper(*by_name) : *in.text("security.inter.broker.protocol");
  if (by_name && !protocols->contains(out.inter_broker_listener_name))
    return invalid(
        fmt::format("Listener with name {} defined in inter.broker.listener.name not found in "
                    "listener.security.protocol.map.",
                    *by_name));
  return {};
}

Result<void> read_quorum_places(const Reader& in, BrokerConfig& out) {
  Result<std::vector<Voter>> voters = parse_voters(in.list("controller.quorum.voters"));
  if (!voters) return fail(voters.error());
  out.quorum_voters = *std::move(voters);
  for (const std::string& server : in.list("controller.quorum.bootstrap.servers")) {
    const Result<HostPort> place = parse_host_port(server);
    if (!place)
      return invalid(
          fmt::format("Failed to parse host name or port from {} for the configuration "
                      "controller.quorum.bootstrap.servers. Each entry should be in the form "
                      "\"{{host}}:{{port}}\"",
                      server));
    out.quorum_bootstrap_servers.push_back(*place);
  }
  return {};
}

/// In a file of the ZooKeeper age the controller is where ZooKeeper was.
Result<void> read_zookeeper(const Reader&, BrokerConfig& out) {
  if (!out.zookeeper_connect) return {};
  if (out.zookeeper_connect->find('/') != std::string::npos)
    return invalid(
        fmt::format("zookeeper.connect={}: there are no paths (chroots) behind a controller's address, give "
                    "host:port alone",
                    *out.zookeeper_connect));
  for (const std::string& server : java::split_list(*out.zookeeper_connect)) {
    const Result<HostPort> place = parse_host_port(server);
    if (!place)
      return invalid(
          fmt::format("zookeeper.connect={}: {} is not host:port", *out.zookeeper_connect, server));
    out.quorum_bootstrap_servers.push_back(*place);
  }
  out.controller_listener_names = {std::string(zookeeper_listener)};
  return {};
}

Result<void> read_metrics(const Reader& in, BrokerConfig& out) {
  const auto place = in.text("kt.metrics.listener");
  if (!place) return {};
  const Result<HostPort> parsed = parse_host_port(*place);
  if (!parsed) return invalid(fmt::format("kt.metrics.listener: {}", parsed.error().message));
  out.metrics_listener = *parsed;
  return {};
}

/// Keys of older Kafkas that are understood, or that nobody misses.
constexpr std::string_view read_legacy[] = {
    "advertised.host.name",           "advertised.port", "host.name", "port", "zookeeper.connect",
    "zookeeper.connection.timeout.ms"};
constexpr std::string_view idle_legacy[] = {"broker.id.generation.enable",
                                            "control.plane.listener.name",
                                            "inter.broker.protocol.version",
                                            "leader.imbalance.per.broker.percentage",
                                            "log.message.downconversion.enable",
                                            "log.message.format.version",
                                            "log.message.timestamp.difference.max.ms",
                                            "max.connection.interval.ms",
                                            "offsets.commit.required.acks",
                                            "reserved.broker.max.id",
                                            "controlled.shutdown.max.retries",
                                            "controlled.shutdown.retry.backoff.ms"};

}  // namespace

Result<BrokerConfig> BrokerConfig::from(const BrokerLayers& layers) {
  if (const auto checked = check_values(layers); !checked) return fail(checked.error());
  if (const auto checked = validate_log_times(layers.static_broker); !checked) return fail(checked.error());
  const Reader in(layers);
  BrokerConfig out;
  for (const auto step : {read_identity, read_dirs, read_listeners, read_quorum_places, read_zookeeper,
                          read_metrics, read_replica_selector, refuse_plugins})
    if (const auto done = step(in, out); !done) return fail(done.error());
  for (const auto step :
       {read_quorum, read_topics, read_requests, read_replication, read_logs, read_groups, read_transactions})
    step(in, out);
  if (const auto checked = check_broker_config(out); !checked) return fail(checked.error());
  return out;
}

std::vector<std::string> warnings_about(const ConfigMap& properties) {
  std::vector<std::string> warnings;
  for (const auto& [name, text] : properties) {
    const bool listener_override = name.starts_with("listener.name.");
    if (broker_configs().find(name) || listener_override || std::ranges::count(read_legacy, name)) continue;
    if (std::ranges::count(idle_legacy, name) || name.starts_with("zookeeper.")) {
      warnings.push_back(fmt::format("{} has no effect any more", name));
      continue;
    }
    const std::string_view nearest = broker_configs().nearest(name);
    warnings.push_back(nearest.empty() ? fmt::format("unknown key {}", name)
                                       : fmt::format("unknown key {}; did you mean {}?", name, nearest));
  }
  return warnings;
}

}  // namespace kt::metadata
