#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// DescribeLogDirs, key 35: shows the log directories of a broker and what is in them. KIP-113, KIP-827 (v4:
/// space).
struct DescribeLogDirsRequest {
  static constexpr const char* type_name = "DescribeLogDirsRequest";
  static constexpr int16_t api_key = 35, min_version = 1, max_version = 4, first_flexible = 2;

  struct DescribableLogDirTopic {
    std::string topic;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("topic", topic).field("partitions", partitions); }
  };

  std::optional<std::vector<DescribableLogDirTopic>> topics = std::vector<DescribableLogDirTopic>{};
  void fields(Codec& c) { c.field("topics", topics); }
};

/// The answer to DescribeLogDirs.
struct DescribeLogDirsResponse {
  static constexpr const char* type_name = "DescribeLogDirsResponse";
  static constexpr int16_t api_key = 35, min_version = 1, max_version = 4, first_flexible = 2;

  struct DescribeLogDirsPartition {
    int32_t partition_index = 0;
    int64_t partition_size = 0;
    int64_t offset_lag = 0;
    bool is_future_key = false;
    void fields(Codec& c) {
      c.field("partition_index", partition_index).field("partition_size", partition_size);
      c.field("offset_lag", offset_lag).field("is_future_key", is_future_key);
    }
  };

  struct DescribeLogDirsTopic {
    std::string name;
    std::vector<DescribeLogDirsPartition> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  struct DescribeLogDirsResult {
    ErrorCode error_code = ErrorCode::none;
    std::string log_dir;
    std::vector<DescribeLogDirsTopic> topics;
    int64_t total_bytes = -1;
    int64_t usable_bytes = -1;
    void fields(Codec& c) {
      c.field("error_code", error_code).field("log_dir", log_dir).field("topics", topics);
      c.field("total_bytes", total_bytes, since(4).ignorable());
      c.field("usable_bytes", usable_bytes, since(4).ignorable());
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<DescribeLogDirsResult> results;
  void fields(Codec& c) {
    c.field("throttle_time_ms", throttle_time_ms).field("error_code", error_code, since(3).ignorable());
    c.field("results", results);
  }
};

}  // namespace kt::wire
