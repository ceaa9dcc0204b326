#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "libbroker/api/controller_client.h"
#include "libbroker/base/uuid.h"
#include "libbroker/node/partition_shard.h"

namespace kt::node {

/// Takes the ISRs that leaders here want to the controller (AlterPartition, KIP-497), one request at a time
/// with all that wait, and brings them what became of it. On the control loop.
class IsrChanges {
 public:
  IsrChanges(Loop& control, api::ControllerClient& controller, int32_t node_id)
      : control_(control), controller_(controller), node_id_(node_id) {}
  ~IsrChanges() { control_.cancel(timer_); }

  void add(std::shared_ptr<PartitionShard> shard, partition::IsrChange change);
  /// From now on this broker is registered, under this epoch.
  void begin(int64_t broker_epoch);

 private:
  using Key = std::pair<Uuid, int32_t>;  // topic id, partition
  struct Pending {
    std::shared_ptr<PartitionShard> shard;
    partition::IsrChange change;
  };
  using Changes = std::map<Key, Pending>;
  static constexpr int64_t retry_ms = 20;

  void send();
  void on_answer(const Changes& sent, const Result<wire::AlterPartitionResponse>& response);

  Loop& control_;
  api::ControllerClient& controller_;
  const int32_t node_id_;
  int64_t broker_epoch_ = -1;
  Changes pending_;
  bool is_asking_ = false;
  Timers::Id timer_ = 0;
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>();  // expires with this
};

}  // namespace kt::node
