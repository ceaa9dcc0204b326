#include "libbroker/client/link.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/wire/18_api_versions.h"

namespace kt::client {
namespace {

constexpr int16_t api_versions_newest = 4;

}  // namespace

void Link::when_ready(std::move_only_function<void(Result<Link*>)> then) {
  if (is_ready()) {
    services_.loop.post([this, alive = std::weak_ptr(alive_), then = std::move(then)]() mutable {
      if (alive.lock()) then(this);
    });
    return;
  }
  waiting_.push_back(std::move(then));
  if (state_ != State::connecting) connect();
}

void Link::connect() {
  state_ = State::connecting;
  net::ClientConnection::open(
      services_.net, services_.loop, services_.answers, at_, services_.connect_timeout_ms,
      [this, alive = std::weak_ptr(alive_),
       attempt = ++attempt_](Result<std::unique_ptr<net::ClientConnection>> opened) {
        if (!alive.lock() || attempt != attempt_) return;
        was_refused_ = !opened && opened.error().code == ErrorCode::broker_not_available;
        if (!opened) {
          state_ = State::idle;
          return finish(fail(ErrorCode::network_exception, std::move(opened.error().message)));
        }
        connection_ = std::move(*opened);
        ask_versions(api_versions_newest);
      });
}

void Link::ask_versions(int16_t version) {
  const wire::ApiVersionsRequest request{.client_software_name = "kt", .client_software_version = "0.1.0"};
  const int32_t id = ++last_correlation_id_;
  connection_->send(wire::encode_request(id, services_.client_id, request, version),
                    services_.request_timeout_ms,
                    [this, id, version](Result<Slice> frame) { on_versions(std::move(frame), id, version); });
}

void Link::on_versions(Result<Slice> frame, int32_t correlation_id, int16_t version) {
  if (!frame) {
    state_ = State::idle;
    return finish(fail(frame.error()));
  }
  try {
    wire::ApiVersionsResponse response;
    try {
      response = wire::decode_response<wire::ApiVersionsResponse>(*frame, correlation_id, version);
    } catch (const wire::DecodeError&) {  // a broker that does not know the version answers in v0
      response = wire::decode_response<wire::ApiVersionsResponse>(*frame, correlation_id, 0);
    }
    if (response.error_code == ErrorCode::unsupported_version && version > 0) {
      const auto served = std::ranges::find(response.api_keys, wire::ApiVersionsRequest::api_key,
                                            &wire::ApiVersionsResponse::ApiVersion::api_key);
      const bool is_named = served != response.api_keys.end();
      return ask_versions(is_named ? std::min<int16_t>(served->max_version, version - 1) : 0);
    }
    versions_.clear();
    for (const auto& api : response.api_keys) versions_[api.api_key] = {api.min_version, api.max_version};
  } catch (const wire::DecodeError& error) {
    state_ = State::idle;
    return finish(fail(ErrorCode::network_exception,
                       fmt::format("{} does not speak Kafka's protocol: {}", at_.text(), error.what())));
  }
  state_ = State::ready;
  finish(this);
}

void Link::close(std::string_view reason) {
  ++attempt_;
  // What its callbacks begin is another connection, and not meant.
  std::vector<std::move_only_function<void(Result<Link*>)>> waiting;
  if (state_ == State::connecting) {
    waiting.swap(waiting_);
    state_ = State::idle;
  }
  const std::weak_ptr alive(alive_);
  if (connection_) connection_->close(reason);
  for (auto& then : waiting) {
    if (!alive.lock()) return;
    then(fail(ErrorCode::network_exception, std::string(reason)));
  }
}

void Link::finish(Result<Link*> outcome) {
  const std::weak_ptr alive(alive_);
  for (auto& then : std::exchange(waiting_, {})) {
    then(outcome);
    if (!alive.lock()) return;
  }
}

void Link::send(std::shared_ptr<Call> call) {
  const auto served = versions_.find(call->api_key);
  const int16_t version = served == versions_.end() ? -1 : std::min(call->version_max, served->second.second);
  if (version < call->version_min || version < served->second.first) {
    const wire::Api* api = wire::find_api(call->api_key);
    return call->then(
        fail(ErrorCode::unsupported_version,
             fmt::format("The broker at {} does not support {}", at_.text(), api ? api->name : "this API")),
        0, 0);
  }
  const int32_t id = ++last_correlation_id_;
  std::vector<Piece> request;
  try {
    request = call->encode(id, version);
  } catch (const wire::EncodeError& error) {  // the broker's versions cannot say it
    return call->then(
        fail(ErrorCode::unsupported_version,
             fmt::format("The broker at {} does not support the request: {}", at_.text(), error.what())),
        0, 0);
  }
  if (!call->is_answered) {
    connection_->send_without_answer(std::move(request));
    return call->then(Slice::empty(), id, version);
  }
  connection_->send(std::move(request), call->timeout_ms,
                    [call, id, version](Result<Slice> frame) { call->then(std::move(frame), id, version); });
}

}  // namespace kt::client
