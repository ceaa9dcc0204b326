#include "tests/unit/raft/text.h"

#include <fmt/format.h>

namespace kt::raft {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

std::string text_of(const ReplyHead& head) {
  std::string text = fmt::format("epoch {}", head.epoch);
  if (head.leader_id >= 0) text += fmt::format(" leader {}", head.leader_id);
  if (head.error != ErrorCode::none) text += fmt::format(" {}", name_of(head.error));
  return text;
}

std::string ids_of(const std::vector<ReplicaKey>& keys) {
  std::string text;
  for (const ReplicaKey& key : keys) text += fmt::format("{}{}", text.empty() ? "" : ",", key.id);
  return text;
}

}  // namespace

std::string text_of(const LogEnd& end) { return fmt::format("{}@{}", end.epoch, end.offset); }

std::string text_of(const Request& request) {
  return std::visit(
      Overloaded{
          [](const VoteRequest& r) {
            return fmt::format("{} epoch {} log {}", r.pre_vote ? "PreVote" : "Vote", r.epoch,
                               text_of(r.log_end));
          },
          [](const BeginEpochRequest& r) { return fmt::format("BeginQuorumEpoch epoch {}", r.epoch); },
          [](const EndEpochRequest& r) {
            return fmt::format("EndQuorumEpoch epoch {} successors {}", r.epoch, ids_of(r.successors));
          },
          [](const FetchRequest& r) {
            return fmt::format("Fetch epoch {} at {} hw {}", r.leader_epoch, text_of(r.position),
                               r.high_watermark);
          },
          [](const FetchSnapshotRequest& r) {
            return fmt::format("FetchSnapshot epoch {} id {} position {}", r.leader_epoch,
                               text_of(r.snapshot), r.position);
          },
      },
      request);
}

std::string text_of(const Reply& reply) {
  return std::visit(
      Overloaded{
          [](const Failed&) { return std::string("failed"); },
          [](const VoteReply& r) {
            return fmt::format("Vote {} {}", r.granted ? "granted" : "refused", text_of(r.head));
          },
          [](const BeginEpochReply& r) { return fmt::format("BeginQuorumEpoch {}", text_of(r.head)); },
          [](const EndEpochReply& r) { return fmt::format("EndQuorumEpoch {}", text_of(r.head)); },
          [](const FetchReply& r) {
            std::string text = fmt::format("Fetch {} hw {}", text_of(r.result.head), r.result.high_watermark);
            if (r.result.diverging) text += fmt::format(" diverging {}", text_of(*r.result.diverging));
            if (r.result.snapshot) text += fmt::format(" snapshot {}", text_of(*r.result.snapshot));
            for (const ReceivedBatch& batch : r.batches)
              text += fmt::format(" [{}..{} epoch {}]", batch.base_offset, batch.last_offset, batch.epoch);
            return text;
          },
          [](const FetchSnapshotReply& r) {
            return fmt::format("FetchSnapshot {} id {} bytes {}+{} of {}", text_of(r.head),
                               text_of(r.snapshot), r.position, r.bytes.size(), r.size);
          },
      },
      reply);
}

std::string text_of(const Event& event) {
  return std::visit(Overloaded{
                        [](const Tick&) { return std::string("tick"); },
                        [](const Received& e) { return text_of(e.request); },
                        [](const Abandoned& e) { return fmt::format("abandoned {}", e.token); },
                        [](const Replied& e) { return "reply " + text_of(e.reply); },
                        [](const Propose& e) { return fmt::format("propose {}", e.count); },
                        [](const Flushed& e) { return fmt::format("flushed {}", e.end_offset); },
                        [](const SnapshotTaken& e) { return "snapshot taken " + text_of(e.id); },
                        [](const LogTrimmed& e) { return "log trimmed " + text_of(e.id); },
                        [](const SnapshotInstalled& e) { return "snapshot installed " + text_of(e.id); },
                        [](const Resign&) { return std::string("resign"); },
                    },
                    event);
}

std::string text_of(const Role& role) {
  return std::visit(Overloaded{
                        [](const Unattached&) { return std::string("unattached"); },
                        [](const Prospective&) { return std::string("prospective"); },
                        [](const Candidate&) { return std::string("candidate"); },
                        [](const Follower& r) { return fmt::format("follower of {}", r.leader_id); },
                        [](const Leader&) { return std::string("leader"); },
                        [](const Resigned&) { return std::string("resigned"); },
                    },
                    role);
}

std::string text_of(const Ballot& ballot) {
  std::string text = fmt::format("epoch {}", ballot.epoch);
  if (ballot.voted_for) text += fmt::format(" voted for {}", ballot.voted_for->id);
  if (ballot.leader_id) text += fmt::format(" leader {}", *ballot.leader_id);
  return text;
}

std::string text_of(const Append& append) {
  return std::visit(
      Overloaded{
          [](const EpochStart& a) {
            return fmt::format("{} epoch {} leader change granted by {}{}", a.base_offset, a.epoch,
                               ids_of(a.granting_voters), a.new_voters ? ", voters" : "");
          },
          [](const Proposal& a) { return fmt::format("{} epoch {} proposal", a.base_offset, a.epoch); },
          [](const Replicated& a) { return fmt::format("{} replicated", a.base_offset); },
      },
      append);
}

std::string text_of(const Raft& raft) {
  std::string text = fmt::format("{} in epoch {}", text_of(raft.role()), raft.epoch());
  if (raft.ballot().voted_for) text += fmt::format(" voted for {}", raft.ballot().voted_for->id);
  const LogView& log = raft.log();
  text += fmt::format(", log {}..{}", log.start().offset, text_of(log.end()));
  if (!log.is_durable()) text += fmt::format(" durable {}", log.durable_end());
  return text + fmt::format(" hw {}", raft.high_watermark());
}

}  // namespace kt::raft
