#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>

#include "libbroker/client/cluster.h"

namespace kt::client {

/// Whether one of the answer's parts (`topics`, `results` or `responses`) has that error.
template <class Response>
bool has_error(const Response& response, ErrorCode code) {
  const auto is_one = [code](const auto& part) { return part.error_code == code; };
  if constexpr (requires { response.topics; })
    return std::ranges::any_of(response.topics, is_one);
  else if constexpr (requires { response.results; })
    return std::ranges::any_of(response.results, is_one);
  else
    return std::ranges::any_of(response.responses, is_one);
}

/// Asks the active controller, and again when whom it reached is not the active one any more, every
/// retry.backoff.ms until the deadline (of the monotonic clock) [KafkaAdminClient.handleNotControllerError].
/// The cluster outlives it.
template <class Response, class Request>
void call_controller(Cluster& cluster, Request request, int64_t deadline_ms, Then<Response> then) {
  auto asked = request;
  cluster.call<Response>(Target::controller(), std::move(asked),
                         [&cluster, request = std::move(request), deadline_ms,
                          then = std::move(then)](Result<Response> response) mutable {
                           const int64_t backoff_ms = cluster.options().retry_backoff_ms;
                           const bool is_in_time = cluster.clock().monotonic_ms() + backoff_ms < deadline_ms;
                           if (!response || !has_error(*response, ErrorCode::not_controller) || !is_in_time)
                             return then(std::move(response));
                           cluster.loop().after(backoff_ms, [&cluster, request = std::move(request),
                                                             deadline_ms, then = std::move(then)]() mutable {
                             cluster.refresh(std::vector<std::string>{}, false,
                                             [&cluster, request = std::move(request), deadline_ms,
                                              then = std::move(then)](Result<const Topology*>) mutable {
                                               call_controller<Response>(cluster, std::move(request),
                                                                         deadline_ms, std::move(then));
                                             });
                           });
                         });
}

}  // namespace kt::client
