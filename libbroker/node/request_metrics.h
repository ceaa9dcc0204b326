#pragma once
#include <array>
#include <span>
#include <vector>

#include "libbroker/base/counter.h"
#include "libbroker/metrics/latency.h"
#include "libbroker/wire/api_keys.h"

namespace kt::node {

/// The requests that one data loop has answered. The loop adds, any thread reads.
class RequestMetrics {
 public:
  static constexpr size_t versions_max = 32;  // of an API; none has more
  struct Api {
    metrics::Latencies total;
    std::array<Counter, versions_max> by_version;
  };

  void answered(int16_t key, int16_t version, int64_t duration_ns) {
    const wire::Api* api = wire::find_api(key);
    if (!api) return;
    Api& counted = by_api_[static_cast<size_t>(api - wire::apis().data())];
    counted.total.add(duration_ns);
    if (version >= 0 && static_cast<size_t>(version) < versions_max)
      counted.by_version[static_cast<size_t>(version)].add();
  }
  /// In the order of wire::apis().
  std::span<const Api> by_api() const { return by_api_; }

 private:
  std::vector<Api> by_api_ = std::vector<Api>(wire::apis().size());
};

}  // namespace kt::node
