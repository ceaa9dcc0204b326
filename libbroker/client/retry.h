#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "libbroker/base/error_code.h"
#include "libbroker/client/cluster.h"

namespace kt::client {

/// Calls `attempt` until it succeeds, fails with an error that time does not mend, or the deadline (of the
/// monotonic clock) has passed; pauses retry.backoff.ms in between. `then` gets the last outcome. The cluster
/// outlives it all.
template <class T>
void retry_until(Cluster& cluster, int64_t deadline_ms, std::function<void(Then<T>)> attempt, Then<T> then) {
  auto shared_then = std::make_shared<Then<T>>(std::move(then));
  attempt([&cluster, deadline_ms, attempt, shared_then](Result<T> outcome) {
    const int64_t backoff_ms = cluster.options().retry_backoff_ms;
    const bool is_in_time = cluster.clock().monotonic_ms() + backoff_ms < deadline_ms;
    if (outcome || !is_retriable(outcome.error().code) || !is_in_time)
      return (*shared_then)(std::move(outcome));
    cluster.loop().after(backoff_ms, [&cluster, deadline_ms, attempt, shared_then] {
      retry_until<T>(cluster, deadline_ms, attempt, std::move(*shared_then));
    });
  });
}

}  // namespace kt::client
