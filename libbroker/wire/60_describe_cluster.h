#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeCluster, key 60: names the brokers or controllers of the cluster. KIP-700, KIP-919 (v1: endpoint
/// type), KIP-1073 (v2: fenced brokers).
struct DescribeClusterRequest {
  static constexpr const char* type_name = "DescribeClusterRequest";
  static constexpr int16_t api_key = 60, min_version = 0, max_version = 2, first_flexible = 0;

  bool include_cluster_authorized_operations = false;
  int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;
  void fields(Codec& c) {
    c.field("include_cluster_authorized_operations", include_cluster_authorized_operations);
    c.field("endpoint_type", endpoint_type, since(1));
    c.field("include_fenced_brokers", include_fenced_brokers, since(2));
  }
};

/// The answer to DescribeCluster.
struct DescribeClusterResponse {
  static constexpr const char* type_name = "DescribeClusterResponse";
  static constexpr int16_t api_key = 60, min_version = 0, max_version = 2, first_flexible = 0;

  struct DescribeClusterBroker {
    int32_t broker_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    bool is_fenced = false;
    void fields(Codec& c) {
      c.field("broker_id", broker_id).field("host", host).field("port", port).field("rack", rack);
      c.field("is_fenced", is_fenced, since(2));
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::optional<std::string> error_message;
  int8_t endpoint_type = 1;
  std::string cluster_id;
  int32_t controller_id = -1;
  std::vector<DescribeClusterBroker> brokers;
  int32_t cluster_authorized_operations = INT32_MIN;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code);
    c.field("error_message", error_message).field("endpoint_type", endpoint_type, since(1));
    c.field("cluster_id", cluster_id).field("controller_id", controller_id).field("brokers", brokers);
    c.field("cluster_authorized_operations", cluster_authorized_operations);
  }
};

}  // namespace kt::wire
