#pragma once
#include <functional>
#include <optional>
#include <string>
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
#include "libbroker/wire/45_alter_partition_reassignments.h"
#include "libbroker/wire/46_list_partition_reassignments.h"
#include "libbroker/wire/55_describe_quorum.h"
#include "libbroker/wire/56_alter_partition.h"
#include "libbroker/wire/57_update_features.h"
#include "libbroker/wire/62_broker_registration.h"
#include "libbroker/wire/63_broker_heartbeat.h"
#include "libbroker/wire/64_unregister_broker.h"
#include "libbroker/wire/67_allocate_producer_ids.h"
#include "libbroker/wire/70_controller_registration.h"
#include "libbroker/wire/73_assign_replicas_to_dirs.h"

namespace kt::api {

using ControllerRequest =
    std::variant<wire::CreateTopicsRequest, wire::DeleteTopicsRequest, wire::CreatePartitionsRequest,
                 wire::AlterConfigsRequest, wire::IncrementalAlterConfigsRequest, wire::UpdateFeaturesRequest,
                 wire::UnregisterBrokerRequest, wire::ElectLeadersRequest,
                 wire::AlterPartitionReassignmentsRequest, wire::ListPartitionReassignmentsRequest,
                 wire::DescribeQuorumRequest, wire::BrokerRegistrationRequest, wire::BrokerHeartbeatRequest,
                 wire::AllocateProducerIdsRequest, wire::AlterPartitionRequest,
                 wire::AssignReplicasToDirsRequest, wire::ControllerRegistrationRequest>;
using ControllerReply = std::variant<
    wire::CreateTopicsResponse, wire::DeleteTopicsResponse, wire::CreatePartitionsResponse,
    wire::AlterConfigsResponse, wire::IncrementalAlterConfigsResponse, wire::UpdateFeaturesResponse,
    wire::UnregisterBrokerResponse, wire::ElectLeadersResponse, wire::AlterPartitionReassignmentsResponse,
    wire::ListPartitionReassignmentsResponse, wire::DescribeQuorumResponse, wire::BrokerRegistrationResponse,
    wire::BrokerHeartbeatResponse, wire::AllocateProducerIdsResponse, wire::AlterPartitionResponse,
    wire::AssignReplicasToDirsResponse, wire::ControllerRegistrationResponse>;

// Which answer belongs to which request; declared for their types alone.
wire::CreateTopicsResponse controller_answer(const wire::CreateTopicsRequest&);
wire::DeleteTopicsResponse controller_answer(const wire::DeleteTopicsRequest&);
wire::CreatePartitionsResponse controller_answer(const wire::CreatePartitionsRequest&);
wire::AlterConfigsResponse controller_answer(const wire::AlterConfigsRequest&);
wire::IncrementalAlterConfigsResponse controller_answer(const wire::IncrementalAlterConfigsRequest&);
wire::UpdateFeaturesResponse controller_answer(const wire::UpdateFeaturesRequest&);
wire::UnregisterBrokerResponse controller_answer(const wire::UnregisterBrokerRequest&);
wire::ElectLeadersResponse controller_answer(const wire::ElectLeadersRequest&);
wire::AlterPartitionReassignmentsResponse controller_answer(const wire::AlterPartitionReassignmentsRequest&);
wire::ListPartitionReassignmentsResponse controller_answer(const wire::ListPartitionReassignmentsRequest&);
wire::DescribeQuorumResponse controller_answer(const wire::DescribeQuorumRequest&);
wire::BrokerRegistrationResponse controller_answer(const wire::BrokerRegistrationRequest&);
wire::BrokerHeartbeatResponse controller_answer(const wire::BrokerHeartbeatRequest&);
wire::AllocateProducerIdsResponse controller_answer(const wire::AllocateProducerIdsRequest&);
wire::AlterPartitionResponse controller_answer(const wire::AlterPartitionRequest&);
wire::AssignReplicasToDirsResponse controller_answer(const wire::AssignReplicasToDirsRequest&);
wire::ControllerRegistrationResponse controller_answer(const wire::ControllerRegistrationRequest&);
template <class Request>
using ControllerAnswer = decltype(controller_answer(std::declval<Request>()));

/// For whom a broker asks.
struct Asker {
  std::string principal;  // "User:alice"
  std::string client_id;
  std::string host;  // an address
};

/// The way to the active controller. Any thread. An answer comes once its records are committed and, to a
/// client's request, this broker goes by them on every loop, so that what was made can be used at once.
class ControllerClient {
 public:
  using Then = std::move_only_function<void(Result<ControllerReply>)>;
  virtual ~ControllerClient() = default;
  /// `then` runs on `loop`, once. Without an asker the request is this node's own. Errors: not_controller
  /// (nobody leads the quorum, ask again), request_timed_out.
  virtual void submit(Loop& loop, ControllerRequest request, int16_t version, std::optional<Asker> asker,
                      Then then) = 0;

  /// For this node itself.
  template <class Request>
  void ask(Loop& loop, Request request, int16_t version,
           std::move_only_function<void(Result<ControllerAnswer<Request>>)> then) {
    ask_for(std::nullopt, loop, std::move(request), version, std::move(then));
  }
  template <class Request>
  void ask_for(std::optional<Asker> asker, Loop& loop, Request request, int16_t version,
               std::move_only_function<void(Result<ControllerAnswer<Request>>)> then) {
    submit(loop, std::move(request), version, std::move(asker),
           [then = std::move(then)](Result<ControllerReply> reply) mutable {
             if (reply)
               then(std::move(std::get<ControllerAnswer<Request>>(*reply)));
             else
               then(fail(std::move(reply.error())));
           });
  }
};

}  // namespace kt::api
