#include "libbroker/client/coordinator.h"

#include "libbroker/wire/10_find_coordinator.h"

namespace kt::client {
namespace {

constexpr int16_t version_of_one_key = 3;

void ask_coordinator(Cluster& cluster, const std::string& key, CoordinatorType type, Then<int32_t> then) {
  wire::FindCoordinatorRequest request{.key = key, .key_type = static_cast<int8_t>(type)};
  cluster.call<wire::FindCoordinatorResponse>(
      Target::any(), std::move(request),
      [then = std::move(then)](Result<wire::FindCoordinatorResponse> response) mutable {
        if (!response) return then(fail(response.error()));
        if (response->error_code == ErrorCode::none) return then(response->node_id);
        then(fail(response->error_code, response->error_message.value_or("")));
      },
      {.version_max = version_of_one_key});
}

}  // namespace

void find_coordinator(Cluster& cluster, const std::string& key, CoordinatorType type, int64_t timeout_ms,
                      Then<int32_t> then) {
  retry_until<int32_t>(
      cluster, cluster.clock().monotonic_ms() + timeout_ms,
      [&cluster, key, type](Then<int32_t> answered) {
        ask_coordinator(cluster, key, type, std::move(answered));
      },
      std::move(then));
}

void Coordinator::with_node(Then<int32_t> then) {
  if (node_) {
    cluster_.loop().post([alive = std::weak_ptr(alive_), node = *node_, then = std::move(then)]() mutable {
      if (!alive.expired()) then(node);
    });
    return;
  }
  ask_coordinator(
      cluster_, group_id_, CoordinatorType::group,
      [this, alive = std::weak_ptr(alive_), then = std::move(then)](Result<int32_t> node) mutable {
        if (alive.expired()) return;
        if (node) node_ = *node;
        then(std::move(node));
      });
}

}  // namespace kt::client
