#pragma once
#include <optional>

#include "libbroker/raft/messages.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/52_vote.h"
#include "libbroker/wire/53_begin_quorum_epoch.h"
#include "libbroker/wire/54_end_quorum_epoch.h"
#include "libbroker/wire/59_fetch_snapshot.h"

// The quorum's RPCs between raft's terms and the wire's, which could ask about many partitions of many topics
// and are only ever about one.
namespace kt::node {

inline constexpr const char* metadata_topic = "__cluster_metadata";
inline constexpr Uuid metadata_topic_id{0, 1};
inline constexpr int32_t metadata_partition = 0;

// Requests on their way out.
wire::VoteRequest to_wire(const raft::VoteRequest& request);
wire::BeginQuorumEpochRequest to_wire(const raft::BeginEpochRequest& request);
wire::EndQuorumEpochRequest to_wire(const raft::EndEpochRequest& request);
wire::FetchRequest to_wire(const raft::FetchRequest& request);
wire::FetchSnapshotRequest to_wire(const raft::FetchSnapshotRequest& request);

// Requests that came in; none when they are not about the metadata partition alone.
std::optional<raft::VoteRequest> from_wire(const wire::VoteRequest& request);
std::optional<raft::BeginEpochRequest> from_wire(const wire::BeginQuorumEpochRequest& request);
std::optional<raft::EndEpochRequest> from_wire(const wire::EndQuorumEpochRequest& request);
std::optional<raft::FetchRequest> from_wire(const wire::FetchRequest& request);
std::optional<raft::FetchSnapshotRequest> from_wire(const wire::FetchSnapshotRequest& request);

// Answers on their way out; records, and a snapshot's bytes, are for the caller to add.
wire::VoteResponse to_wire(const raft::VoteReply& reply);
wire::BeginQuorumEpochResponse to_wire(const raft::BeginEpochReply& reply);
wire::EndQuorumEpochResponse to_wire(const raft::EndEpochReply& reply);
wire::FetchResponse to_wire(const raft::FetchAnswer& answer);
wire::FetchSnapshotResponse to_wire(const raft::FetchSnapshotAnswer& answer);

// Answers that came in. What makes no sense is a raft::Failed.
raft::Reply from_wire(const wire::VoteResponse& response);
raft::Reply from_wire(const wire::BeginQuorumEpochResponse& response);
raft::Reply from_wire(const wire::EndQuorumEpochResponse& response);
/// Checks the records' batches (length, CRC), and finds the voters in them.
raft::Reply from_wire(const wire::FetchResponse& response);
raft::Reply from_wire(const wire::FetchSnapshotResponse& response);

}  // namespace kt::node
