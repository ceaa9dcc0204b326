#pragma once
#include <memory>

#include "libbroker/api/quorum_client.h"
#include "libbroker/base/clock.h"
#include "libbroker/base/loop.h"
#include "libbroker/node/metadata_quorum.h"

namespace kt::node {

/// This node's replica of the metadata log, as other nodes and clients ask it: takes requests from any loop
/// to the control loop, and adds to raft's answers what they promise, records and snapshots. Made and stopped
/// on the control loop.
class QuorumService final : public api::QuorumClient {
 public:
  QuorumService(Loop& control, Clock& clock, MetadataQuorum& quorum)
      : control_(control), clock_(clock), quorum_(quorum) {}

  void submit(Loop& loop, api::QuorumRequest request, Then then) override;
  /// From now on requests are dropped, and with them their connections.
  void stop() { alive_.reset(); }

 private:
  void handle(Loop& loop, const api::QuorumRequest& request, Then then);
  template <class WireRequest, class Answer>
  void receive(Loop& loop, const WireRequest& request, Then then, Answer answer);
  wire::FetchResponse with_records(const raft::FetchAnswer& answer, const wire::FetchRequest& request);
  wire::FetchSnapshotResponse with_bytes(const raft::FetchSnapshotAnswer& answer,
                                         const wire::FetchSnapshotRequest& request);

  Loop& control_;
  Clock& clock_;
  MetadataQuorum& quorum_;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>();
};

}  // namespace kt::node
