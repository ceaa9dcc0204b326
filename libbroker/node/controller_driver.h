#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "libbroker/api/controller_client.h"
#include "libbroker/base/clock.h"
#include "libbroker/controller/controller.h"
#include "libbroker/node/metadata_quorum.h"

namespace kt::node {

/// Runs the active controller where the quorum's leader is: makes one from a replay when this node is
/// elected, appends what it decides, and holds each reply until its records are committed and this node goes
/// by them. On the control loop, but for submit().
class ControllerDriver final : public api::ControllerClient {
 public:
  ControllerDriver(Loop& control, Clock& clock, MetadataQuorum& quorum, controller::ControllerConfig config,
                   std::vector<metadata::Record> bootstrap, uint64_t seed);

  /// Called when what this node was elected to lead cannot be replayed, or begun.
  std::function<void(const Error&)> on_failure = [](const Error&) {};

  /// With which epoch the broker in this process is registered; -1: it is not.
  std::function<int64_t()> own_broker_epoch = [] { return int64_t{-1}; };

  /// Called when this node's controller has become the active one.
  std::function<void()> on_active = [] {};

  void on_leadership(const raft::Leadership& leadership);
  /// Every loop of this node goes by the metadata before `end_offset`.
  void on_published(int64_t end_offset);
  void stop();

  void submit(Loop& loop, api::ControllerRequest request, int16_t version, std::optional<api::Asker> asker,
              Then then) override;
  /// On the control loop, where `then` runs too.
  void handle(const api::ControllerRequest& request, int16_t version, Then then);
  /// The metadata with everything that was decided here; null where another node is active.
  const metadata::Image* image() const { return controller_ ? &controller_->image() : nullptr; }
  /// This incarnation of a broker is dead.
  void fence(int32_t broker_id, int64_t broker_epoch);

 private:
  struct Held {
    Then then;
    Result<api::ControllerReply> reply;
  };
  void activate(int32_t epoch);
  template <class R>
  void decide(const R& request, int16_t version, Then then);
  /// What `decide` makes of the controller; none, and no controller here any more, where that cannot be
  /// applied.
  template <class Decide>
  std::optional<std::invoke_result_t<Decide>> decided(Decide&& decide);
  /// Appends what was decided; the offset after it, or none when this node leads no more.
  std::optional<int64_t> append(const std::vector<metadata::Record>& records);
  void give_up();
  void tick();
  void arm();
  controller::Context context(int16_t version);

  Loop& control_;
  Clock& clock_;
  MetadataQuorum& quorum_;
  const controller::ControllerConfig config_;
  const std::vector<metadata::Record> bootstrap_;
  SeededRng rng_;
  std::unique_ptr<controller::Controller> controller_;  // while this node leads
  int32_t epoch_ = -1;
  int64_t published_end_offset_ = 0;
  std::multimap<int64_t, Held> held_;  // by the offset that has to be published first
  Timers::Id timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kt::node
