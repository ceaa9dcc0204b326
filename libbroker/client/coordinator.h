#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "libbroker/client/cluster.h"
#include "libbroker/client/retry.h"

namespace kt::client {

/// The kinds of keys that FindCoordinator takes.
enum class CoordinatorType : int8_t { group = 0, transaction = 1 };

/// The broker that coordinates a group or transactional id, once; tries again while there is none or it is
/// loading.
void find_coordinator(Cluster& cluster, const std::string& key, CoordinatorType type, int64_t timeout_ms,
                      Then<int32_t> then);

/// Errors after which another broker may be the coordinator.
constexpr bool is_coordinator_lost(ErrorCode code) {
  return code == ErrorCode::not_coordinator || code == ErrorCode::coordinator_not_available ||
         code == ErrorCode::network_exception || code == ErrorCode::request_timed_out;
}

/// Requests to the coordinator of one group, wherever it is; `node`, when it is believed to be known. The
/// cluster outlives it.
class Coordinator {
 public:
  Coordinator(Cluster& cluster, std::string group_id, std::optional<int32_t> node = {})
      : cluster_(cluster), group_id_(std::move(group_id)), node_(node) {}
  Coordinator(const Coordinator&) = delete;

  const std::string& group_id() const { return group_id_; }
  std::optional<int32_t> node() const { return node_; }

  /// Sends a request, and again while its coordinator is not there or errors pass by themselves, for
  /// `retry_ms` at most (0: once). `code_of` says whether an answer is an error. No call follows the
  /// destruction of this.
  template <class Response, class Request>
  void call(Request request, std::function<ErrorCode(const Response&)> code_of, int64_t retry_ms,
            Then<Response> then, CallOptions options = {});

 private:
  template <class Response, class Request>
  void attempt(const Request& request, const std::function<ErrorCode(const Response&)>& code_of,
               CallOptions options, Then<Response> then);
  void with_node(Then<int32_t> then);

  Cluster& cluster_;
  const std::string group_id_;
  std::optional<int32_t> node_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

template <class Response, class Request>
void Coordinator::call(Request request, std::function<ErrorCode(const Response&)> code_of, int64_t retry_ms,
                       Then<Response> then, CallOptions options) {
  options.lane = Lane::group;
  const int64_t deadline_ms = cluster_.clock().monotonic_ms() + retry_ms;
  retry_until<Response>(
      cluster_, deadline_ms,
      [this, alive = std::weak_ptr(alive_), request = std::move(request), code_of,
       options](Then<Response> answered) {
        if (!alive.expired()) attempt<Response>(request, code_of, options, std::move(answered));
      },
      std::move(then));
}

template <class Response, class Request>
void Coordinator::attempt(const Request& request, const std::function<ErrorCode(const Response&)>& code_of,
                          CallOptions options, Then<Response> then) {
  with_node([this, request, code_of, options, then = std::move(then)](Result<int32_t> node) mutable {
    if (!node) return then(fail(node.error()));
    cluster_.call<Response>(
        Target::node(*node), std::move(request),
        [this, alive = std::weak_ptr(alive_), code_of,
         then = std::move(then)](Result<Response> response) mutable {
          if (alive.expired()) return;
          const ErrorCode code = response ? code_of(*response) : response.error().code;
          if (is_coordinator_lost(code)) {
            node_.reset();
            cluster_.distrust();
          }
          if (response && code != ErrorCode::none) response = fail(code);
          then(std::move(response));
        },
        options);
  });
}

}  // namespace kt::client
