#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libbroker/base/topic_partition.h"
#include "libbroker/metadata/image.h"
#include "libbroker/node/partition_shard.h"
#include "libbroker/sim/broker/quorum_watch.h"
#include "libbroker/sim/world.h"

namespace kt::node {
class Node;
}

namespace kt::sim {

/// Looks at the brokers of a world after each of their events, and holds them to what must be true at all
/// times: their quorum by QuorumWatch; one batch at each offset of the metadata (R3); one leader of a
/// partition in an epoch (I1); a leader, and whoever the metadata would elect, that has all that was
/// committed (I5, I4); an ISR that none but the present incarnation of a broker enters (I16). The brokers are
/// the machines 0 to `brokers` - 1, their ids one more. Outlived by the world.
class ClusterWatch {
 public:
  using Told = std::function<void(std::string)>;
  /// `violated` is told each thing once; `tell`, which may be empty, what happens.
  ClusterWatch(World& world, uint32_t brokers, uint32_t voters, Told violated, Told tell);

  /// After every event.
  void look();

  /// The metadata as far as any node knows it to be committed.
  const metadata::Image& newest() const { return newest_; }
  uint64_t leader_changes() const { return leader_changes_; }
  /// Of the quorum, so far.
  uint64_t controllers() const { return quorum_.leaders(); }
  /// The largest high watermark that a leader of the partition ever had.
  int64_t committed_end(const TopicPartition& partition) const;
  /// What is missing for all replicas to be in sync and led; empty: nothing.
  std::string out_of_sync();
  /// Another replica than that of the machine has all that was committed, of every partition; machines that
  /// lost something count again once they have registered anew.
  bool may_lose(uint32_t machine) const;
  void loses(uint32_t machine);

 private:
  using PartitionKey = std::pair<Uuid, int32_t>;
  /// What is true of a partition, whoever knows.
  struct Truth {
    std::string name;
    int64_t high_watermark = 0;          // the largest that a leader ever had
    std::map<int32_t, int32_t> leaders;  // by epoch
  };
  /// A replica as it was when it was looked at last.
  struct Seen {
    node::PartitionShard* shard = nullptr;
    PartitionKey key = {};
    Truth* truth = nullptr;
    node::PartitionShard::Standing standing = {};
  };
  struct Broker {
    std::string quorum_state_path = {};
    uint64_t starts = 0;
    std::vector<Seen> replicas;         // of the process of that start
    int64_t committed_offset = -1;      // of the metadata, that it knows of
    std::optional<int64_t> lost_epoch;  // the broker epoch in which it lost something
  };

  void look_at_quorum(uint32_t machine, const node::Node& node);
  void look_at_metadata(uint32_t machine, const node::Node& node);
  void look_at_replicas(uint32_t machine, node::Node& node);
  void look_at_replica(uint32_t machine, bool is_serving, Seen& seen);
  void learn(const metadata::Image& image);
  void tell_changes(const metadata::Image& before);
  void check_joiners(const PartitionKey& key, const std::string& topic, const metadata::Partition& was,
                     const metadata::Partition& now);
  void check_members(const PartitionKey& key, const Truth& truth);
  bool is_member(const metadata::Partition& partition, int32_t id) const;
  std::shared_ptr<node::PartitionShard> shard_of(int32_t id, const PartitionKey& key) const;
  Truth& truth_of(const node::PartitionShard& shard);
  void violate(std::string what);

  World& world_;
  const uint32_t voters_;
  const Told violated_, tell_;
  QuorumWatch quorum_;
  std::vector<Broker> brokers_;
  metadata::Image newest_;
  std::map<PartitionKey, Truth> truths_;
  std::map<int64_t, int32_t> committed_;  // by last offset: a batch's epoch
  uint64_t leader_changes_ = 0;
  std::set<std::string> said_;
};

}  // namespace kt::sim
