#pragma once
#include <string_view>

#include "libbroker/metrics/exposition.h"
#include "libbroker/metrics/http_server.h"
#include "libbroker/node/node.h"

namespace kt::node {

/// What a node tells of itself over HTTP (kt.metrics.listener): /metrics for Prometheus, /health, /ready. On
/// the control loop; a scrape reads what loops and shards count anyway.
class Node::Monitoring {
 public:
  explicit Monitoring(Node& node);
  /// Errors: Net::listen's sentences.
  Result<kt::Endpoint> listen(const metadata::HostPort& at);

 private:
  static constexpr int64_t turn_ms_max = 1000;  // a healthy loop turns within

  void answer(std::string_view path, metrics::HttpServer::Respond respond);
  /// 200 once every data loop has turned, 503 when one has not in time.
  void ask_loops(metrics::HttpServer::Respond respond);
  std::string text();
  void write_requests(metrics::Exposition& out);
  void write_connections(metrics::Exposition& out);
  void write_topics(metrics::Exposition& out);
  void write_logs(metrics::Exposition& out);
  void write_replicas(metrics::Exposition& out);
  void write_controller(metrics::Exposition& out);
  void write_groups(metrics::Exposition& out);

  Node& node_;
  metrics::HttpServer http_;
};

}  // namespace kt::node
