#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "libbroker/api/controller_client.h"
#include "libbroker/base/uuid.h"
#include "libbroker/node/replica_manager.h"

namespace kt::node {

/// Tells the controller in which of several log directories this broker has put its replicas (KIP-858), so
/// that it knows whom a failed directory costs. Asks again until it is heard. On the control loop.
class DirectoryAssignments {
 public:
  DirectoryAssignments(Loop& control, api::ControllerClient& controller, int32_t node_id)
      : control_(control), controller_(controller), node_id_(node_id) {}
  ~DirectoryAssignments() { control_.cancel(timer_); }

  void add(const std::vector<ReplicaManager::Placed>& placed);
  /// From now on this broker is registered, under this epoch.
  void begin(int64_t broker_epoch);

 private:
  using Replica = std::pair<Uuid, int32_t>;  // topic id, partition
  static constexpr int64_t retry_ms = 1'000;

  void send();
  void on_answer(const std::map<Replica, Uuid>& sent,
                 const Result<wire::AssignReplicasToDirsResponse>& response);

  Loop& control_;
  api::ControllerClient& controller_;
  const int32_t node_id_;
  int64_t broker_epoch_ = -1;
  std::map<Replica, Uuid> pending_;
  bool is_asking_ = false;
  Timers::Id timer_ = 0;
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>();
};

}  // namespace kt::node
