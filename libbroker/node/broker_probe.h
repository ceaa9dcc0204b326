#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "libbroker/base/net.h"
#include "libbroker/metadata/image.h"

namespace kt::node {

/// Finds out early that a broker is dead, where the controller is active: one whose heartbeats' connection
/// has ended is connected to, and if nobody listens there, twice, it is fenced at once. One that ends may
/// still listen for a moment: it then takes the probe's connection with it, and is connected to again. One
/// that is paused, or cut off, still listens or does not answer: it has until its session ends. On the
/// control loop.
class BrokerProbe {
 public:
  struct Options {
    int32_t node_id;
    std::string listener;  // inter.broker.listener.name
    int64_t connect_timeout_ms;
    std::function<const metadata::Image*()> image;  // of the active controller; null: it is not this node's
    std::function<void(int32_t broker_id, int64_t broker_epoch)> fence;
  };
  BrokerProbe(Loop& control, Net& net, Options options);
  ~BrokerProbe();

  /// The connection that this broker's heartbeats came on has ended.
  void connection_ended(int32_t broker_id);
  /// This node's controller has become active: any broker may have died with the last one.
  void became_active();

 private:
  class Answering;
  struct Attempt {
    int32_t broker_id;
    int64_t broker_epoch;
    int refusals = 0, endings = 0;  // of connections
  };
  static constexpr int refusals_max = 2, endings_max = 20;
  static constexpr int64_t pause_ms = 20, watch_ms = 1000;

  void probe(Attempt attempt);
  void probe_later(Attempt attempt);
  void on_refused(Attempt attempt, const std::string& why);
  void watch(const Attempt& attempt, std::unique_ptr<Stream> stream);
  void on_ended(Attempt attempt);

  Loop& control_;
  Net& net_;
  const Options options_;
  std::set<int32_t> probed_;                                                // now
  std::map<int32_t, std::unique_ptr<Answering>> answering_;                 // of them
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>();  // expires with this
};

}  // namespace kt::node
