#include "libbroker/node/broker_lifecycle.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "libbroker/base/logger.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.BrokerLifecycle";
constexpr int16_t registration_version = 4, heartbeat_version = 1;

/// Said by who is asked on the way to the controller, and not by it.
bool is_of_the_way(ErrorCode code) {
  return code == ErrorCode::not_controller || code == ErrorCode::network_exception ||
         code == ErrorCode::request_timed_out;
}

}  // namespace

void BrokerLifecycle::start(std::function<void(Result<void>)> unfenced) {
  unfenced_ = std::move(unfenced);
  register_by_ms_ = clock_.monotonic_ms() + times_.registration_timeout_ms;
  register_broker();
}

void BrokerLifecycle::register_broker() {
  wire::BrokerRegistrationRequest request;
  request.broker_id = identity_.node_id;
  request.cluster_id = identity_.cluster_id;
  request.incarnation_id = identity_.incarnation;
  for (const metadata::Endpoint& at : identity_.endpoints) {
    request.listeners.push_back({.name = at.listener,
                                 .host = at.host,
                                 .port = at.port,
                                 .security_protocol = static_cast<int16_t>(at.protocol)});
  }
  for (const auto& [name, levels] : identity_.features())
    request.features.push_back({name, levels.min, levels.max});
  request.rack = identity_.rack;
  request.log_dirs = identity_.directories;
  request.previous_broker_epoch = identity_.previous_epoch;
  controller_.ask(control_, std::move(request), registration_version,
                  [this, alive = std::weak_ptr(alive_)](Result<wire::BrokerRegistrationResponse> response) {
                    if (alive.lock()) on_registered(std::move(response));
                  });
}

/// What a former life of this broker sent when it died may come late, and is registered in this one's place:
/// nobody would be unfenced any more.
void BrokerLifecycle::register_again() {
  state_ = State::registering;
  epoch_ = -1;
  control_.cancel(timer_);
  timer_ = control_.after(retry_ms, [this] { register_broker(); });
}

void BrokerLifecycle::on_registered(Result<wire::BrokerRegistrationResponse> response) {
  const ErrorCode code = response ? response->error_code : response.error().code;
  if (code == ErrorCode::none) {
    epoch_ = response->broker_epoch;
    state_ = State::fenced;
    told_ = ErrorCode::none;
    return beat();
  }
  const bool is_duplicate = code == ErrorCode::duplicate_broker_registration;
  // What is finalized, and so has to be supported, is known once the metadata has been fetched.
  const bool may_pass = is_duplicate || is_of_the_way(code) || code == ErrorCode::unsupported_version;
  if (clock_.monotonic_ms() < register_by_ms_ && may_pass) {
    if (std::exchange(told_, code) != code) {
      log_warn(component, "broker {} is not registered yet: {}", identity_.node_id,
               is_duplicate ? "another one with this id is alive" : text_of(code));
    }
    int64_t delay_ms = retry_ms;
    if (is_duplicate) {
      delay_ms = duplicate_backoff_ms_ =
          std::clamp(2 * duplicate_backoff_ms_, duplicate_backoff_ms_min, duplicate_backoff_ms_max);
    }
    timer_ = control_.after(delay_ms, [this] { register_broker(); });
    return;
  }
  std::exchange(unfenced_, nullptr)(
      is_duplicate
          ? fail(code, fmt::format("node.id {} is in use by another broker, which is alive. Give this one "
                                   "an id of its own.",
                                   identity_.node_id))
          : fail(code, "the controller refused this broker: " + std::string(text_of(code))));
}

void BrokerLifecycle::on_published(int64_t end_offset, bool another_stops) {
  published_end_offset_ = end_offset;
  const bool is_awaited = another_stops && state_ == State::serving;
  is_beat_due_ |= is_awaited && is_beating_;
  if (is_awaited || (state_ == State::fenced && end_offset > epoch_)) beat();
}

void BrokerLifecycle::again(int64_t delay_ms) {
  control_.cancel(timer_);
  timer_ = control_.after(delay_ms, [this] { beat(); });
}

void BrokerLifecycle::beat() {
  if (is_beating_ || state_ == State::registering) return;
  is_beating_ = true;
  wire::BrokerHeartbeatRequest request;
  request.broker_id = identity_.node_id;
  request.broker_epoch = epoch_;
  request.current_metadata_offset = published_end_offset_ - 1;
  request.want_fence = state_ == State::fenced && published_end_offset_ <= epoch_;
  request.want_shut_down = state_ == State::leaving;
  request.offline_log_dirs = offline_;
  controller_.ask(control_, std::move(request), heartbeat_version,
                  [this, alive = std::weak_ptr(alive_)](Result<wire::BrokerHeartbeatResponse> response) {
                    if (alive.lock()) on_beat(std::move(response));
                  });
}

void BrokerLifecycle::on_beat(Result<wire::BrokerHeartbeatResponse> response) {
  is_beating_ = false;
  const ErrorCode code = response ? response->error_code : response.error().code;
  if (code != ErrorCode::none) {
    if (std::exchange(told_, code) != code) log_warn(component, "heartbeat refused: {}", text_of(code));
    if (clock_.monotonic_ms() >= leave_by_ms_ && may_go_) return std::exchange(may_go_, nullptr)();
    if (code == ErrorCode::stale_broker_epoch && unfenced_) return register_again();
    return again(retry_ms);
  }
  if (state_ == State::leaving) leave_by_ms_ = clock_.monotonic_ms() + times_.session_timeout_ms;
  told_ = ErrorCode::none;
  if (state_ == State::leaving) {
    if (response->should_shut_down && may_go_) return std::exchange(may_go_, nullptr)();
    return again(retry_ms);
  }
  if (state_ == State::fenced && !response->is_fenced) {
    state_ = State::serving;
    if (unfenced_) std::exchange(unfenced_, nullptr)({});
  }
  if (std::exchange(is_beat_due_, false)) return beat();
  again(state_ == State::serving ? times_.heartbeat_interval_ms : retry_ms);
}

void BrokerLifecycle::report_offline(std::vector<Uuid> directories) {
  offline_ = std::move(directories);
  if (!is_beating_ && state_ != State::registering) again(0);
}

void BrokerLifecycle::begin_controlled_shutdown(Task may_go) {
  if (state_ == State::registering) return may_go();
  may_go_ = std::move(may_go);
  state_ = State::leaving;
  leave_by_ms_ = clock_.monotonic_ms() + times_.session_timeout_ms;
  beat();
}

void BrokerLifecycle::stop() {
  alive_.reset();
  control_.cancel(timer_);
}

}  // namespace kt::node
