#pragma once
#include <functional>
#include <utility>
#include <variant>

#include "libbroker/base/loop.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/52_vote.h"
#include "libbroker/wire/53_begin_quorum_epoch.h"
#include "libbroker/wire/54_end_quorum_epoch.h"
#include "libbroker/wire/55_describe_quorum.h"
#include "libbroker/wire/59_fetch_snapshot.h"

namespace kt::api {

using QuorumRequest =
    std::variant<wire::VoteRequest, wire::BeginQuorumEpochRequest, wire::EndQuorumEpochRequest,
                 wire::FetchRequest, wire::FetchSnapshotRequest, wire::DescribeQuorumRequest>;
using QuorumReply =
    std::variant<wire::VoteResponse, wire::BeginQuorumEpochResponse, wire::EndQuorumEpochResponse,
                 wire::FetchResponse, wire::FetchSnapshotResponse, wire::DescribeQuorumResponse>;

// Which answer belongs to which request; declared for their types alone.
wire::VoteResponse quorum_answer(const wire::VoteRequest&);
wire::BeginQuorumEpochResponse quorum_answer(const wire::BeginQuorumEpochRequest&);
wire::EndQuorumEpochResponse quorum_answer(const wire::EndQuorumEpochRequest&);
wire::FetchResponse quorum_answer(const wire::FetchRequest&);
wire::FetchSnapshotResponse quorum_answer(const wire::FetchSnapshotRequest&);
wire::DescribeQuorumResponse quorum_answer(const wire::DescribeQuorumRequest&);
template <class Request>
using QuorumAnswer = decltype(quorum_answer(std::declval<Request>()));

/// This node's replica of the metadata log. Any thread.
class QuorumClient {
 public:
  using Then = std::move_only_function<void(QuorumReply)>;
  virtual ~QuorumClient() = default;
  /// `then` runs on `loop`: once, with an answer that fits the request, or never when the node stops.
  virtual void submit(Loop& loop, QuorumRequest request, Then then) = 0;

  template <class Request, class Answered>
  void ask(Loop& loop, Request request, Answered then) {
    submit(loop, std::move(request), [then = std::move(then)](QuorumReply reply) mutable {
      then(std::move(std::get<QuorumAnswer<Request>>(reply)));
    });
  }
};

}  // namespace kt::api
