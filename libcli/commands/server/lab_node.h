#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "libbroker/base/result.h"
#include "libbroker/fault/board.h"
#include "libbroker/fault/fault_disk.h"
#include "libbroker/fault/fault_net.h"
#include "libbroker/fault/lab_clock.h"
#include "libbroker/net/owned_descriptor.h"
#include "libbroker/node/node.h"
#include "libcli/commands/framework/environment.h"

namespace kt::cli::server {

/// What stands between a node that `kt lab` started and the world: its faults, its clock, and the channel on
/// which its supervisor gives it orders, a line of JSON each, answered by a line each:
///
///     {"version":3,"faults":[...],...}                            {"version":3}
///     {"tend":"roll","topic":"t","partition":0,"ticket":7}        {"ticket":7,"error":""}
class LabNode {
 public:
  /// Reads the first orders. Null when no lab started this process. Errors: KT_LAB_CONTROL names a descriptor
  /// that is not the other end of one that the parent process made for it.
  static Result<std::unique_ptr<LabNode>> from(Environment& environment);
  ~LabNode();

  Clock& clock() { return clock_; }
  Disk& disk() { return disk_; }
  std::optional<uint64_t> seed() const { return board_.orders()->seed; }
  /// `net`, with the lab's faults. Once.
  Net& wrap(Net& net);

  /// Begins to take orders.
  void start();
  /// The node serves, and `control` is its control loop: from now on it can be told to tend to a partition.
  void serves(node::Node& node, Loop& control);
  /// Takes no more.
  void stop();

 private:
  LabNode(net::OwnedDescriptor channel, fault::Orders first, Environment& environment);
  void take_orders();
  void obey(const std::string& line);
  void tend(const std::string& line);
  void answer(const std::string& line);

  const net::OwnedDescriptor channel_;
  Clock& real_clock_;
  fault::Board board_;
  fault::LabClock clock_;
  fault::FaultDisk disk_;
  std::unique_ptr<fault::FaultNet> net_;
  const uint64_t jitter_seed_;
  std::atomic<node::Node*> node_ = nullptr;  // from when it serves
  Loop* control_ = nullptr;                  // written before node_
  std::jthread thread_;
};

}  // namespace kt::cli::server
