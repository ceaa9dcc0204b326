#pragma once
#include "libbroker/base/clock.h"
#include "libbroker/raft/raft.h"
#include "libbroker/wire/55_describe_quorum.h"

namespace kt::node {

/// DescribeQuorum's answer for `__cluster_metadata`-0, from the leader's own knowledge; its times turned into wall time.
wire::DescribeQuorumResponse describe_quorum(const raft::Raft& raft, const wire::DescribeQuorumRequest& request, Clock& clock);

}  // namespace kt::node
