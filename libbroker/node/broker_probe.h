#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "libbroker/base/net.h"
#include "libbroker/node/controller_driver.h"

namespace kt::node {

/// Finds out early that a broker is dead, where the controller is active: one whose heartbeats' connection
/// has ended is connected to, and if nobody listens there, twice, it is fenced at once. One that is paused,
/// or cut off, still listens or does not answer: it has until its session ends. On the control loop.
class BrokerProbe {
 public:
  struct Options {
    int32_t node_id;
    std::string listener;  // inter.broker.listener.name
    int64_t connect_timeout_ms;
  };
  BrokerProbe(Loop& control, Net& net, ControllerDriver& controller, Options options)
      : control_(control), net_(net), controller_(controller), options_(std::move(options)) {}

  /// The connection that this broker's heartbeats came on has ended.
  void connection_ended(int32_t broker_id);
  /// This node's controller has become active: any broker may have died with the last one.
  void became_active();

 private:
  static constexpr int refusals_max = 2;
  static constexpr int64_t pause_ms = 20;

  void probe(int32_t broker_id, int64_t broker_epoch, int refusals);

  Loop& control_;
  Net& net_;
  ControllerDriver& controller_;
  const Options options_;
  std::set<int32_t> probed_;                                                // now
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>();  // expires with this
};

}  // namespace kt::node
