#include "libbroker/node/monitoring.h"

#include <algorithm>
#include <map>

#include "libbroker/node/listening.h"

namespace kt::node {
namespace {

using metrics::Exposition;

metrics::HttpResponse plain(int status, std::string text) {
  return {.status = status, .body = std::move(text) + "\n"};
}

/// Fetch is counted under Kafka's name for those of consumers too; brokers do not fetch from each other here
/// yet.
std::vector<std::string> names_of(const wire::Api& api) {
  if (api.key == wire::ApiKey::fetch) return {std::string(api.name), "FetchConsumer"};
  return {std::string(api.name)};
}

}  // namespace

Node::Monitoring::Monitoring(Node& node)
    : node_(node),
      http_(node.seams_.control, [this](std::string_view path, metrics::HttpServer::Respond respond) {
        answer(path, std::move(respond));
      }) {}

Result<kt::Endpoint> Node::Monitoring::listen(const metadata::HostPort& at) {
  return http_.listen(node_.seams_.net, {at.host, at.port});
}

void Node::Monitoring::answer(std::string_view path, metrics::HttpServer::Respond respond) {
  if (path == "/metrics")
    return respond({.content_type = std::string(Exposition::content_type), .body = text()});
  if (path == "/health") return ask_loops(std::move(respond));
  if (path == "/ready") {
    return respond(node_.started_ ? plain(503, "starting") : plain(200, "ready"));
  }
  respond(plain(404, "/metrics, /health and /ready are here"));
}

void Node::Monitoring::ask_loops(metrics::HttpServer::Respond respond) {
  struct Asked {
    size_t left;
    metrics::HttpServer::Respond respond;
    void answer(metrics::HttpResponse response) {
      if (auto once = std::exchange(respond, nullptr)) once(std::move(response));
    }
  };
  const auto asked = std::make_shared<Asked>(node_.loops_.size(), std::move(respond));
  Loop& control = node_.seams_.control;
  control.after(turn_ms_max,
                [asked] { asked->answer(plain(503, "a data loop has not turned for a second")); });
  for (const auto& state : node_.loops_) {
    state->loop->post([asked, &control] {
      control.post([asked] {
        if (--asked->left == 0) asked->answer(plain(200, "healthy"));
      });
    });
  }
}

std::string Node::Monitoring::text() {
  Exposition out;
  const bool is_running = !node_.started_;
  out.gauge("kafka_server_kafkaserver_brokerstate", "1 starting, 3 running", is_running ? 3 : 1);
  write_requests(out);
  write_connections(out);
  if (node_.options_.config.is_broker) {
    write_topics(out);
    write_logs(out);
    write_replicas(out);
    write_groups(out);
  }
  write_controller(out);
  return out.take();
}

void Node::Monitoring::write_requests(Exposition& out) {
  const auto apis = wire::apis();
  out.family("kafka_network_requestmetrics_requests_total", "counter", "Requests answered");
  for (size_t i = 0; i < apis.size(); ++i) {
    for (size_t version = 0; version < RequestMetrics::versions_max; ++version) {
      uint64_t count = 0;
      for (const auto& state : node_.loops_) count += state->requests->by_api()[i].by_version[version].get();
      if (count == 0) continue;
      for (const std::string& name : names_of(apis[i]))
        out.sample({{"request", name}, {"version", std::to_string(version)}}, static_cast<double>(count));
    }
  }
  out.family("kafka_network_requestmetrics_totaltimems", "summary",
             "Milliseconds from a request's arrival to its answer, since the start");
  for (size_t i = 0; i < apis.size(); ++i) {
    metrics::LatencySummary summary;
    for (const auto& state : node_.loops_) summary.add(state->requests->by_api()[i].total);
    if (summary.count() == 0) continue;
    for (const std::string& name : names_of(apis[i])) {
      for (const char* quantile : {"0.5", "0.75", "0.95", "0.98", "0.99", "0.999"})
        out.sample({{"request", name}, {"quantile", quantile}}, summary.quantile_ms(std::stod(quantile)));
      out.sample("_sum", {{"request", name}}, summary.sum_ms());
      out.sample("_count", {{"request", name}}, static_cast<double>(summary.count()));
    }
  }
}

void Node::Monitoring::write_connections(Exposition& out) {
  struct Family {
    const char *name, *type, *help;
    Counter net::ConnectionCounters::* counter;
  };
  static constexpr Family families[] = {
      {"kafka_server_socketservermetrics_connection_count", "gauge", "Open connections",
       &net::ConnectionCounters::open},
      {"kafka_server_socketservermetrics_connection_creation_total", "counter", "Connections opened",
       &net::ConnectionCounters::opened},
      {"kafka_server_socketservermetrics_incoming_byte_total", "counter", "Bytes received",
       &net::ConnectionCounters::received_bytes},
      {"kafka_server_socketservermetrics_outgoing_byte_total", "counter", "Bytes sent",
       &net::ConnectionCounters::sent_bytes},
  };
  for (const Family& family : families) {
    out.family(family.name, family.type, family.help);
    for (const auto& listening : node_.listening_) {
      const auto by_loop = listening->counters();
      for (size_t i = 0; i < by_loop.size(); ++i) {
        out.sample({{"listener", listening->name()}, {"networkprocessor", std::to_string(i)}},
                   static_cast<double>((by_loop[i]->*family.counter).get()));
      }
    }
  }
  out.gauge("kafka_server_memorypool_used_bytes", "Received frames that are alive",
            static_cast<double>(node_.request_budget_.used_bytes()));
}

void Node::Monitoring::write_topics(Exposition& out) {
  std::map<std::string, Traffic> by_topic;
  Traffic all = node_.replicas_->traffic_of_the_gone();
  for (const auto& shard : node_.replicas_->table().all()) {
    const Traffic traffic = shard->traffic();
    by_topic[shard->topic()] += traffic;
    all += traffic;
  }
  struct Family {
    const char *name, *help;
    uint64_t Traffic::* counter;
  };
  static constexpr Family families[] = {
      {"kafka_server_brokertopicmetrics_messagesin_total", "Records appended", &Traffic::messages_in},
      {"kafka_server_brokertopicmetrics_bytesin_total", "Bytes of batches appended", &Traffic::bytes_in},
      {"kafka_server_brokertopicmetrics_bytesout_total", "Bytes of batches read by clients",
       &Traffic::bytes_out},
      {"kafka_server_brokertopicmetrics_totalproducerequests_total", "Partitions written, over all requests",
       &Traffic::writes},
      {"kafka_server_brokertopicmetrics_totalfetchrequests_total", "Partitions read, over all requests",
       &Traffic::reads},
  };
  for (const Family& family : families) {
    out.family(family.name, "counter", family.help);
    out.sample({}, static_cast<double>(all.*family.counter));
    for (const auto& [topic, traffic] : by_topic)
      out.sample({{"topic", topic}}, static_cast<double>(traffic.*family.counter));
  }
}

void Node::Monitoring::write_logs(Exposition& out) {
  std::map<std::pair<std::string, int32_t>, PartitionShard::LogFigures> logs;
  for (const auto& shard : node_.replicas_->table().all())
    logs[{shard->topic(), shard->index()}] = shard->log_figures();
  struct Family {
    const char *name, *help;
    double (*value)(const PartitionShard::LogFigures&);
  };
  static constexpr Family families[] = {
      {"kafka_log_log_size", "Bytes of a partition's segments",
       [](const auto& log) { return static_cast<double>(log.bytes); }},
      {"kafka_log_log_numlogsegments", "Segments of a partition",
       [](const auto& log) { return static_cast<double>(log.segments); }},
      {"kafka_log_log_logstartoffset", "First offset of a partition",
       [](const auto& log) { return static_cast<double>(log.start_offset); }},
      {"kafka_log_log_logendoffset", "Offset after a partition's last record",
       [](const auto& log) { return static_cast<double>(log.end_offset); }},
  };
  for (const Family& family : families) {
    out.family(family.name, "gauge", family.help);
    for (const auto& [at, log] : logs)
      out.sample({{"topic", at.first}, {"partition", std::to_string(at.second)}}, family.value(log));
  }
  const auto directories = node_.directories_.all();
  const auto offline = std::ranges::count_if(
      directories, [&](const auto& one) { return !node_.directories_.is_online(one.path); });
  out.gauge("kafka_log_logmanager_offlinelogdirectorycount", "Log directories that have failed",
            static_cast<double>(offline));
}

void Node::Monitoring::write_replicas(Exposition& out) {
  const metadata::Image& image = *node_.published_;
  const int32_t me = node_.options_.config.node_id;
  double partitions = 0, led = 0, under_replicated = 0, under_min = 0, at_min = 0, offline = 0;
  for (const auto& [id, topic] : image.topics) {
    for (const auto& [index, partition] : topic->partitions) {
      if (std::ranges::find(partition->replicas, me) == partition->replicas.end()) continue;
      const auto shard = node_.replicas_->table().find(id, index);
      ++partitions;
      if (!shard) ++offline;
      if (partition->leader != me) continue;
      ++led;
      const auto in_sync = static_cast<int32_t>(partition->isr.size());
      const int32_t in_sync_min = shard ? (*shard)->min_in_sync_replicas() : 1;
      under_replicated += partition->isr.size() < partition->replicas.size();
      under_min += in_sync < in_sync_min;
      at_min += in_sync == in_sync_min;
    }
  }
  out.gauge("kafka_server_replicamanager_partitioncount", "Replicas on this broker", partitions);
  out.gauge("kafka_server_replicamanager_leadercount", "Partitions that this broker leads", led);
  out.gauge("kafka_server_replicamanager_underreplicatedpartitions",
            "Led here with fewer in sync than there are replicas", under_replicated);
  out.gauge("kafka_server_replicamanager_underminisrpartitioncount",
            "Led here with fewer in sync than min.insync.replicas", under_min);
  out.gauge("kafka_server_replicamanager_atminisrpartitioncount",
            "Led here with just min.insync.replicas in sync", at_min);
  out.gauge("kafka_server_replicamanager_offlinereplicacount",
            "Replicas of this broker that have no log to serve", offline);
}

void Node::Monitoring::write_controller(Exposition& out) {
  const raft::Raft& raft = node_.quorum_->raft();
  const metadata::Image& image = *node_.published_;
  out.gauge("kafka_controller_kafkacontroller_activecontrollercount", "1 where the quorum's leader is",
            raft.is_leader() ? 1 : 0);
  double partitions = 0, leaderless = 0, moved = 0, active = 0, fenced = 0;
  for (const auto& [id, topic] : image.topics) {
    for (const auto& [index, partition] : topic->partitions) {
      ++partitions;
      leaderless += !partition->has_leader();
      moved += partition->leader != partition->preferred_replica();
    }
  }
  for (const auto& [id, broker] : image.brokers) ++(broker->fenced ? fenced : active);
  out.gauge("kafka_controller_kafkacontroller_globaltopiccount", "Topics",
            static_cast<double>(image.topics.size()));
  out.gauge("kafka_controller_kafkacontroller_globalpartitioncount", "Partitions", partitions);
  out.gauge("kafka_controller_kafkacontroller_offlinepartitionscount", "Partitions without a leader",
            leaderless);
  out.gauge("kafka_controller_kafkacontroller_preferredreplicaimbalancecount",
            "Partitions not led by their preferred replica", moved);
  out.gauge("kafka_controller_kafkacontroller_activebrokercount", "Brokers registered and unfenced", active);
  out.gauge("kafka_controller_kafkacontroller_fencedbrokercount", "Brokers registered and fenced", fenced);
  out.gauge("kafka_server_raftmetrics_current_epoch", "Epoch of the metadata quorum", raft.epoch());
  out.gauge("kafka_server_raftmetrics_high_watermark", "High watermark of the metadata log",
            static_cast<double>(raft.high_watermark()));
  out.gauge("kafka_server_raftmetrics_log_end_offset", "End of the metadata log",
            static_cast<double>(node_.quorum_->log_end_offset()));
}

void Node::Monitoring::write_groups(Exposition& out) {
  std::map<std::string, double> by_state = {
      {"Stable", 0}, {"Empty", 0}, {"PreparingRebalance", 0}, {"CompletingRebalance", 0}, {"Dead", 0}};
  double all = 0;
  for (const auto& group : node_.groups_->list().groups) {
    ++by_state[group.group_state];
    ++all;
  }
  out.gauge("kafka_coordinator_group_groupmetadatamanager_numgroups", "Groups that this broker coordinates",
            all);
  for (const auto& [state, count] : by_state) {
    std::string name = "kafka_coordinator_group_groupmetadatamanager_numgroups";
    for (const char c : state) name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    out.gauge(name, "Groups that are " + state, count);
  }
}

}  // namespace kt::node
