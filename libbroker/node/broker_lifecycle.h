#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libbroker/api/controller_client.h"
#include "libbroker/base/clock.h"
#include "libbroker/base/loop.h"
#include "libbroker/metadata/broker_config.h"
#include "libbroker/metadata/image.h"

namespace kt::node {

/// A broker's life with the controller: registers, asks to be unfenced once it has applied its own
/// registration, keeps its session by heartbeats, and asks leave to go (semantics K1-K6). On the control
/// loop.
class BrokerLifecycle {
 public:
  struct Identity {
    int32_t node_id;
    std::string cluster_id;
    Uuid incarnation;
    std::vector<metadata::Endpoint> endpoints;  // as advertised, ports filled in
    std::function<metadata::FeatureRanges()> features;  // as of when it is asked
    std::optional<std::string> rack;
    std::vector<Uuid> directories;
    int64_t previous_epoch = -1;
  };
  struct Times {
    int64_t heartbeat_interval_ms;
    int64_t registration_timeout_ms;  // until then a registration that is not taken is tried again
    int64_t session_timeout_ms;  // who wants to go and hears of no controller for so long is fenced by now
  };
  BrokerLifecycle(Loop& control, Clock& clock, api::ControllerClient& controller, Identity identity,
                  Times times)
      : control_(control),
        clock_(clock),
        controller_(controller),
        identity_(std::move(identity)),
        times_(times) {}

  /// Registers; `unfenced` is called once, when the broker may serve, or with why it may not.
  void start(std::function<void(Result<void>)> unfenced);
  /// The metadata before `end_offset` holds on every loop. Where it says that another broker stops, that one
  /// waits for the controller to hear so: it does at once.
  void on_published(int64_t end_offset, bool another_stops);
  void report_offline(std::vector<Uuid> directories);
  /// Hands over its leaderships; `may_go` is called when the controller says so.
  void begin_controlled_shutdown(Task may_go);
  void stop();
  int64_t epoch() const { return epoch_; }

 private:
  enum class State { registering, fenced, serving, leaving };
  void register_broker();
  void register_again();
  void on_registered(Result<wire::BrokerRegistrationResponse> response);
  void beat();
  void on_beat(Result<wire::BrokerHeartbeatResponse> response);
  void again(int64_t delay_ms);

  static constexpr int64_t retry_ms = 20;  // while a controller is being elected
  // While another broker has this one's id, which may be this one's former life: doubled each time.
  static constexpr int64_t duplicate_backoff_ms_min = 100, duplicate_backoff_ms_max = 1'000;
  Loop& control_;
  Clock& clock_;
  api::ControllerClient& controller_;
  const Identity identity_;
  const Times times_;
  int64_t register_by_ms_ = 0;
  int64_t duplicate_backoff_ms_ = 0;
  int64_t leave_by_ms_ = INT64_MAX;
  ErrorCode told_ = ErrorCode::none;  // of the failures in a row, the last that was logged
  State state_ = State::registering;
  int64_t epoch_ = -1;
  int64_t published_end_offset_ = 0;
  std::vector<Uuid> offline_;
  std::function<void(Result<void>)> unfenced_;
  Task may_go_;
  bool is_beating_ = false, is_beat_due_ = false;
  Timers::Id timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kt::node
