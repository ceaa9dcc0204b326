#pragma once
#include <functional>
#include <utility>
#include <variant>

#include "libbroker/base/loop.h"
#include "libbroker/base/result.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/20_delete_topics.h"
#include "libbroker/wire/33_alter_configs.h"
#include "libbroker/wire/37_create_partitions.h"
#include "libbroker/wire/43_elect_leaders.h"
#include "libbroker/wire/44_incremental_alter_configs.h"
#include "libbroker/wire/57_update_features.h"
#include "libbroker/wire/62_broker_registration.h"
#include "libbroker/wire/63_broker_heartbeat.h"
#include "libbroker/wire/64_unregister_broker.h"
#include "libbroker/wire/67_allocate_producer_ids.h"
#include "libbroker/wire/73_assign_replicas_to_dirs.h"

namespace kt::api {

using ControllerRequest =
    std::variant<wire::CreateTopicsRequest, wire::DeleteTopicsRequest, wire::CreatePartitionsRequest,
                 wire::AlterConfigsRequest, wire::IncrementalAlterConfigsRequest, wire::UpdateFeaturesRequest,
                 wire::BrokerRegistrationRequest, wire::BrokerHeartbeatRequest, wire::UnregisterBrokerRequest,
                 wire::AllocateProducerIdsRequest, wire::ElectLeadersRequest,
                 wire::AssignReplicasToDirsRequest>;
using ControllerReply = std::variant<
    wire::CreateTopicsResponse, wire::DeleteTopicsResponse, wire::CreatePartitionsResponse,
    wire::AlterConfigsResponse, wire::IncrementalAlterConfigsResponse, wire::UpdateFeaturesResponse,
    wire::BrokerRegistrationResponse, wire::BrokerHeartbeatResponse, wire::UnregisterBrokerResponse,
    wire::AllocateProducerIdsResponse, wire::ElectLeadersResponse, wire::AssignReplicasToDirsResponse>;

/// The way to the active controller: in this process when it is here. Any thread. An answer comes once its
/// records are committed and this broker goes by them on every loop, so that what was made can be used at
/// once.
class ControllerClient {
 public:
  using Then = std::move_only_function<void(Result<ControllerReply>)>;
  virtual ~ControllerClient() = default;
  /// `then` runs on `loop`, once. Errors: not_controller (nobody leads the quorum, ask again),
  /// request_timed_out.
  virtual void submit(Loop& loop, ControllerRequest request, int16_t version, Then then) = 0;

  template <class Response, class Request>
  void ask(Loop& loop, Request request, int16_t version,
           std::move_only_function<void(Result<Response>)> then) {
    submit(loop, std::move(request), version,
           [then = std::move(then)](Result<ControllerReply> reply) mutable {
             if (reply)
               then(std::move(std::get<Response>(*reply)));
             else
               then(fail(std::move(reply.error())));
           });
  }
};

}  // namespace kt::api
