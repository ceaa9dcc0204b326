#include "libbroker/node/quorum_service.h"

#include <algorithm>
#include <utility>

#include "libbroker/base/logger.h"
#include "libbroker/node/quorum_description.h"
#include "libbroker/node/quorum_messages.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.QuorumService";
constexpr size_t fetch_bytes_max = 8 << 20, snapshot_part_bytes_max = 8 << 20;

void deliver(Loop& loop, api::QuorumClient::Then then, api::QuorumReply reply) {
  loop.post([then = std::move(then), reply = std::move(reply)]() mutable { then(std::move(reply)); });
}

}  // namespace

void QuorumService::submit(Loop& loop, api::QuorumRequest request, Then then) {
  control_.post([this, alive = std::weak_ptr(alive_), &loop, request = std::move(request),
                 then = std::move(then)]() mutable {
    if (alive.lock()) handle(loop, request, std::move(then));
  });
}

void QuorumService::handle(Loop& loop, const api::QuorumRequest& request, Then then) {
  std::visit(
      [&]<class R>(const R& asked) {
        if constexpr (std::is_same_v<R, wire::DescribeQuorumRequest>) {
          deliver(loop, std::move(then), describe_quorum(quorum_.raft(), asked, clock_));
        } else if constexpr (std::is_same_v<R, wire::VoteRequest>) {
          receive(loop, asked, std::move(then), [](const raft::VoteReply& reply) { return to_wire(reply); });
        } else if constexpr (std::is_same_v<R, wire::BeginQuorumEpochRequest>) {
          receive(loop, asked, std::move(then),
                  [](const raft::BeginEpochReply& reply) { return to_wire(reply); });
        } else if constexpr (std::is_same_v<R, wire::EndQuorumEpochRequest>) {
          receive(loop, asked, std::move(then),
                  [](const raft::EndEpochReply& reply) { return to_wire(reply); });
        } else if constexpr (std::is_same_v<R, wire::FetchRequest>) {
          receive(loop, asked, std::move(then),
                  [this, asked](const raft::FetchAnswer& answer) { return with_records(answer, asked); });
        } else {
          receive(loop, asked, std::move(then), [this, asked](const raft::FetchSnapshotAnswer& answer) {
            return with_bytes(answer, asked);
          });
        }
      },
      request);
}

/// `answer` makes the wire's answer of raft's, which for this request is the type that it takes.
template <class WireRequest, class Answer>
void QuorumService::receive(Loop& loop, const WireRequest& request, Then then, Answer answer) {
  const auto asked = from_wire(request);
  if (!asked) {
    api::QuorumAnswer<WireRequest> refused;
    refused.error_code = ErrorCode::invalid_request;
    return deliver(loop, std::move(then), std::move(refused));
  }
  quorum_.receive(*asked,
                  [&loop, then = std::move(then), answer = std::move(answer)](raft::Answer given) mutable {
                    std::visit(
                        [&](const auto& typed) {
                          if constexpr (std::is_invocable_v<Answer, decltype(typed)>)
                            deliver(loop, std::move(then), answer(typed));
                        },
                        given);
                  });
}

wire::FetchResponse QuorumService::with_records(const raft::FetchAnswer& answer,
                                                const wire::FetchRequest& request) {
  wire::FetchResponse response = to_wire(answer);
  if (answer.read_from >= answer.read_to) return response;
  const auto bytes_max = std::min(fetch_bytes_max, static_cast<size_t>(std::max(0, request.max_bytes)));
  auto records = quorum_.read(answer.read_from, answer.read_to, bytes_max);
  auto& partition = response.responses[0].partitions[0];
  if (records) {
    partition.records.pieces = std::move(records->pieces);
  } else {
    log_error(component, "the metadata log cannot be read at {}: {}", answer.read_from,
              records.error().message);
    partition.error_code = records.error().code;
  }
  return response;
}

wire::FetchSnapshotResponse QuorumService::with_bytes(const raft::FetchSnapshotAnswer& answer,
                                                      const wire::FetchSnapshotRequest& request) {
  wire::FetchSnapshotResponse response = to_wire(answer);
  if (answer.head.error != ErrorCode::none) return response;
  auto& partition = response.topics[0].partitions[0];
  const auto bytes_max =
      std::min(snapshot_part_bytes_max, static_cast<size_t>(std::max(1, request.max_bytes)));
  auto part = quorum_.read_snapshot_part(answer.snapshot, answer.position, bytes_max);
  if (!part) {
    partition.error_code = part.error().code;
    return response;
  }
  partition.size = part->snapshot_bytes;
  partition.unaligned_records.pieces = {std::move(part->bytes)};
  return response;
}

}  // namespace kt::node
