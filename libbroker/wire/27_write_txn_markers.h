#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// WriteTxnMarkers, key 27: writes the markers that end transactions, between brokers. KIP-98, KIP-1228 (v2:
/// transaction version).
struct WriteTxnMarkersRequest {
  static constexpr const char* type_name = "WriteTxnMarkersRequest";
  static constexpr int16_t api_key = 27, min_version = 1, max_version = 2, first_flexible = 1;

  struct WritableTxnMarkerTopic {
    std::string name;
    std::vector<int32_t> partition_indexes;
    void fields(Codec& c) { c.field("name", name).field("partition_indexes", partition_indexes); }
  };

  struct WritableTxnMarker {
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    bool transaction_result = false;
    std::vector<WritableTxnMarkerTopic> topics;
    int32_t coordinator_epoch = 0;
    int8_t transaction_version = 0;
    void fields(Codec& c) {
      c.field("producer_id", producer_id).field("producer_epoch", producer_epoch);
      c.field("transaction_result", transaction_result).field("topics", topics);
      c.field("coordinator_epoch", coordinator_epoch);
      c.field("transaction_version", transaction_version, since(2).ignorable());
    }
  };

  std::vector<WritableTxnMarker> markers;
  void fields(Codec& c) { c.field("markers", markers); }
};

/// The answer to WriteTxnMarkers.
struct WriteTxnMarkersResponse {
  static constexpr const char* type_name = "WriteTxnMarkersResponse";
  static constexpr int16_t api_key = 27, min_version = 1, max_version = 2, first_flexible = 1;

  struct WritableTxnMarkerPartitionResult {
    int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    void fields(Codec& c) { c.field("partition_index", partition_index).field("error_code", error_code); }
  };

  struct WritableTxnMarkerTopicResult {
    std::string name;
    std::vector<WritableTxnMarkerPartitionResult> partitions;
    void fields(Codec& c) { c.field("name", name).field("partitions", partitions); }
  };

  struct WritableTxnMarkerResult {
    int64_t producer_id = 0;
    std::vector<WritableTxnMarkerTopicResult> topics;
    void fields(Codec& c) { c.field("producer_id", producer_id).field("topics", topics); }
  };

  std::vector<WritableTxnMarkerResult> markers;
  void fields(Codec& c) { c.field("markers", markers); }
};

}  // namespace kt::wire
