#pragma once
#include <utility>
#include <vector>

#include "libbroker/client/cluster.h"
#include "libbroker/sim/broker/workload.h"

namespace kt::sim {

inline client::ClusterOptions cluster_options(std::vector<Endpoint> brokers, const Workload& workload) {
  client::ClusterOptions options;
  options.bootstrap = std::move(brokers);
  options.client_id = "sim";
  options.connect_timeout_ms = 3'000;
  options.request_timeout_ms = workload.options().request_timeout_ms;
  return options;
}

}  // namespace kt::sim
