#pragma once
#include <cstdint>
#include <vector>

#include "libbroker/base/rng.h"
#include "libbroker/controller/brokers.h"
#include "libbroker/controller/configs.h"
#include "libbroker/controller/features.h"
#include "libbroker/controller/partitions.h"
#include "libbroker/controller/reassignments.h"
#include "libbroker/controller/state.h"
#include "libbroker/controller/topics.h"

namespace kt::controller {

/// The active controller: the one place where the cluster's metadata is decided. Pure: a decision reads the
/// state and is {records, reply}; the records are applied here at once, so that the next decision sees them,
/// and are returned to be appended as one batch at Context::next_offset. The driver answers when they are
/// committed. When the append fails or the leadership is lost, it drops the controller, answers
/// NOT_CONTROLLER, and makes another from a replay.
class Controller {
 public:
  /// `log`: everything up to the end of the log, replayed. Brokers' sessions start now. `seed`: of topic ids
  /// and placement.
  Controller(ControllerConfig config, metadata::Image log, int64_t now_ms, uint64_t seed);

  /// The metadata with everything that was decided, committed or not.
  const metadata::Image& image() const { return image_; }
  const ControllerConfig& config() const { return config_; }

  Decision<wire::CreateTopicsResponse> handle(const wire::CreateTopicsRequest& request,
                                              const Context& context);
  Decision<wire::DeleteTopicsResponse> handle(const wire::DeleteTopicsRequest& request,
                                              const Context& context);
  Decision<wire::CreatePartitionsResponse> handle(const wire::CreatePartitionsRequest& request,
                                                  const Context& context);
  Decision<wire::IncrementalAlterConfigsResponse> handle(const wire::IncrementalAlterConfigsRequest& request,
                                                         const Context& context);
  Decision<wire::AlterConfigsResponse> handle(const wire::AlterConfigsRequest& request,
                                              const Context& context);
  Decision<wire::UpdateFeaturesResponse> handle(const wire::UpdateFeaturesRequest& request,
                                                const Context& context);
  Decision<wire::BrokerRegistrationResponse> handle(const wire::BrokerRegistrationRequest& request,
                                                    const Context& context);
  Decision<wire::BrokerHeartbeatResponse> handle(const wire::BrokerHeartbeatRequest& request,
                                                 const Context& context);
  Decision<wire::UnregisterBrokerResponse> handle(const wire::UnregisterBrokerRequest& request,
                                                  const Context& context);
  Decision<wire::ControllerRegistrationResponse> handle(const wire::ControllerRegistrationRequest& request,
                                                        const Context& context);
  Decision<wire::AllocateProducerIdsResponse> handle(const wire::AllocateProducerIdsRequest& request,
                                                     const Context& context);
  Decision<wire::AlterPartitionResponse> handle(const wire::AlterPartitionRequest& request,
                                                const Context& context);
  Decision<wire::ElectLeadersResponse> handle(const wire::ElectLeadersRequest& request,
                                              const Context& context);
  Decision<wire::AlterPartitionReassignmentsResponse> handle(
      const wire::AlterPartitionReassignmentsRequest& request, const Context& context);
  Decision<wire::ListPartitionReassignmentsResponse> handle(
      const wire::ListPartitionReassignmentsRequest& request, const Context& context);
  Decision<wire::AssignReplicasToDirsResponse> handle(const wire::AssignReplicasToDirsRequest& request,
                                                      const Context& context);

  /// Takes records that no request asked for into the state: those of activation_records().
  std::vector<metadata::Record> take(std::vector<metadata::Record> records, const Context& context);
  /// The broker in this process is registered with this epoch, and lives.
  void hear_own(int64_t broker_epoch);
  /// An incarnation of a broker is known to be dead, before its session ends. Nothing when it is fenced, or
  /// another has registered.
  std::vector<metadata::Record> fence(int32_t broker_id, int64_t broker_epoch, const Context& context);
  /// What is due by now: at most one broker without heartbeats is fenced, preferred leaders are elected,
  /// leaderless partitions are tried again, an idle log gets a NoOpRecord. May be called at any time.
  std::vector<metadata::Record> tick(const Context& context);
  /// The driver owes a tick by then.
  int64_t deadline_ms() const;

 private:
  State state() const { return {config_, image_, soft_}; }
  template <class Reply>
  Decision<Reply> applied(Decision<Reply> decision, const Context& context);
  /// As applied(), for what users ask.
  template <class Reply>
  Decision<Reply> bounded(Decision<Reply> decision, const Context& context);
  void apply(const std::vector<metadata::Record>& records, const Context& context);
  Session begun_session(const wire::RegisterBrokerRecord& registered, int64_t offset, int64_t now_ms) const;
  void touch(const wire::BrokerHeartbeatRequest& request, BrokerState next, int64_t end_offset,
             int64_t now_ms);
  void check_invariants(const std::vector<metadata::Record>& records) const;

  const ControllerConfig config_;
  metadata::Image image_;
  Soft soft_;
  SeededRng rng_;
  int64_t next_balance_ms_;
  int64_t next_unclean_election_ms_;
  int64_t last_append_ms_;
};

}  // namespace kt::controller
