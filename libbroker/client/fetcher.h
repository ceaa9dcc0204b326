#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/topic_partition.h"
#include "libbroker/client/cluster.h"
#include "libbroker/consuming/fetched.h"
#include "libbroker/consuming/positions.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/02_list_offsets.h"

namespace kt::client {

/// How a consumer fetches; names and defaults are Kafka's (ConsumerConfig).
struct FetchOptions {
  bool reads_committed = false;                // isolation.level
  bool checks_crcs = true;                     // check.crcs
  int32_t bytes_min = 1;                       // fetch.min.bytes
  int32_t bytes_max = 50 << 20;                // fetch.max.bytes
  int32_t partition_bytes_max = 1 << 20;       // max.partition.fetch.bytes
  int32_t wait_ms_max = 500;                   // fetch.max.wait.ms
  std::string rack;                            // client.rack
  int64_t preferred_replica_age_ms = 300'000;  // metadata.max.age.ms
};

/// Consecutive records of one partition.
struct PartitionRecords {
  TopicPartition partition;
  std::vector<consuming::ConsumedRecord> records;
};

/// Fetches ahead of the caller: asks the leaders of a consumer's partitions for starting points and for
/// records, one request at a time to each node, and keeps up to `chunks_max` answers of each partition.
class Fetcher {
 public:
  static constexpr size_t chunks_max = 2;

  /// `progressed` is called when records or errors may have come, or fresh metadata is needed; it may destroy
  /// this.
  Fetcher(Cluster& cluster, FetchOptions options, consuming::Positions::Options positions,
          std::function<void()> progressed);

  consuming::Positions& positions() { return positions_; }
  const consuming::Positions& positions() const { return positions_; }
  /// Sends what can be sent now.
  void pump(int64_t now_ms);
  /// Up to `records_max` of the records that are here; their positions are the caller's from now on.
  std::vector<PartitionRecords> take(size_t records_max);

 private:
  using Fetch = consuming::Positions::Fetch;
  using Ask = consuming::Positions::Ask;
  struct Chunk {
    TopicPartition partition;
    consuming::Positions::Token token;
    consuming::Fetched fetched;
  };
  struct Preferred {
    int32_t node_id;
    int64_t until_ms;
  };
  /// What a Fetch request carries, to read its answer by.
  struct Sent {
    std::map<TopicPartition, Fetch> fetches;
    std::map<Uuid, std::string> names;
  };

  int64_t now_ms() { return cluster_.clock().monotonic_ms(); }
  void send_resets(int64_t now_ms);
  void on_offsets(std::map<TopicPartition, Ask> asked, const Result<wire::ListOffsetsResponse>& response);
  void send_fetches(int64_t now_ms);
  void send_to(int32_t node_id, const std::vector<Fetch>& fetches);
  void on_fetched(Sent sent, Result<wire::FetchResponse> response);
  void on_partition(const Fetch& fetch, wire::FetchResponse::PartitionData& data);
  std::optional<int32_t> node_of(const TopicPartition& p);
  bool is_another_topic(const TopicPartition& p) const;
  size_t chunks_of(const TopicPartition& p) const;
  /// False: the chunk is used up.
  bool take_from(Chunk& chunk, size_t records_max, PartitionRecords& into);

  Cluster& cluster_;
  const FetchOptions options_;
  const std::function<void()> progressed_;
  consuming::Positions positions_;
  record::Decompressor decompressor_;
  std::list<Chunk> chunks_;
  std::map<TopicPartition, Uuid> topic_ids_;       // fetched by
  std::map<TopicPartition, Preferred> preferred_;  // replicas that leaders sent us to (KIP-392)
  std::set<int32_t> busy_nodes_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kt::client
