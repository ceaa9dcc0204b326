#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/wire/header.h"

namespace kt::client {

template <class T>
using Then = std::move_only_function<void(Result<T>)>;

/// A request before it is known which version its broker speaks.
struct Call {
  int16_t api_key, version_min, version_max;
  int64_t timeout_ms;
  bool is_answered;
  std::function<std::vector<Piece>(int32_t correlation_id, int16_t version)> encode;
  std::move_only_function<void(Result<Slice>, int32_t correlation_id, int16_t version)> then;
};

/// `then` is still to be set.
template <class Request>
std::shared_ptr<Call> call_of(Request request, std::string client_id, int64_t timeout_ms,
                              int16_t version_max = Request::max_version) {
  auto call = std::make_shared<Call>();
  call->api_key = Request::api_key;
  call->version_min = Request::min_version;
  call->version_max = std::min(Request::max_version, version_max);
  call->timeout_ms = timeout_ms;
  call->encode = [request = std::move(request), client_id = std::move(client_id)](int32_t correlation_id,
                                                                                  int16_t version) {
    return wire::encode_request(correlation_id, client_id, request, version);
  };
  return call;
}

/// Gives `then` the decoded answer, and the version that was spoken. Errors: those of the connection;
/// unknown_server_error for an answer that does not decode.
template <class Response>
void answer_to(Call& call, std::move_only_function<void(Result<Response>, int16_t version)> then) {
  call.is_answered = true;
  call.then = [then = std::move(then)](Result<Slice> frame, int32_t correlation_id, int16_t version) mutable {
    if (!frame) return then(fail(std::move(frame.error())), version);
    Result<Response> response;
    try {
      response = wire::decode_response<Response>(*frame, correlation_id, version);
    } catch (const wire::DecodeError& error) {
      response = fail(ErrorCode::unknown_server_error,
                      std::string("cannot read the broker's answer: ") + error.what());
    }
    then(std::move(response), version);
  };
}

}  // namespace kt::client
