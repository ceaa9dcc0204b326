#include "tests/unit/raft/sim_checker.h"

#include <fmt/format.h>

#include <algorithm>

namespace kt::raft::sim {

void Checker::after_step(const SimNode& node, const Effects& effects, int64_t now_ms) {
  for (const std::string& warning : effects.warnings)
    fail(fmt::format("{} distrusts a correct peer: {}", node.id(), warning));
  if (const auto& ballot = effects.persist) {
    if (ballot->epoch > epochs_[node.id()] && ballot->voted_for == node.options().self)
      check_campaign(node, now_ms);
    check_ballot(node, *ballot);
  }
  if (node.raft().is_leader()) check_election(node);
  int64_t& high_watermark = high_watermarks_[node.id()];
  if (effects.truncate_to && *effects.truncate_to < high_watermark)
    fail(fmt::format("R7: {} truncates to {} below its high watermark {}", node.id(), *effects.truncate_to,
                     high_watermark));
  if (effects.high_watermark) {
    if (*effects.high_watermark <= high_watermark)
      fail(fmt::format("R6: the high watermark of {} falls", node.id()));
    check_commit(node, *effects.high_watermark);
    high_watermark = *effects.high_watermark;
  }
  check_log_start(node);
  note_touch(node, now_ms);
}

void Checker::check_ballot(const SimNode& node, const Ballot& ballot) {
  int32_t& epoch = epochs_[node.id()];
  if (ballot.epoch < epoch)
    fail(fmt::format("R2: {} goes back from epoch {} to {}", node.id(), epoch, ballot.epoch));
  epoch = std::max(epoch, ballot.epoch);
  if (!ballot.voted_for) return;
  const auto [vote, is_new] = votes_.try_emplace({node.id(), ballot.epoch}, *ballot.voted_for);
  if (!is_new && vote->second != *ballot.voted_for)
    fail(fmt::format("R2: {} votes twice in epoch {}", node.id(), ballot.epoch));
}

void Checker::on_vote(const SimNode& node, const VoteRequest& request, const VoteReply& reply) {
  if (!reply.granted) return;
  if (!node.raft().is_voter()) fail(fmt::format("R13: observer {} votes", node.id()));
  if (request.pre_vote) return;
  const Ballot& ballot = node.disk().ballot;
  if (ballot.epoch != request.epoch || ballot.voted_for != request.from)
    fail(fmt::format("R2: {} votes for {} in epoch {} without having noted it", node.id(), request.from.id,
                     request.epoch));
}

void Checker::check_election(const SimNode& node) {
  const int32_t epoch = node.raft().epoch();
  const auto [leader, is_new] = leaders_.try_emplace(epoch, node.id());
  if (leader->second != node.id())
    fail(fmt::format("R1: {} and {} both lead epoch {}", leader->second, node.id(), epoch));
  if (!is_new) return;
  if (!node.raft().is_voter()) fail(fmt::format("R13: observer {} leads", node.id()));
  // A late vote may elect a leader when newer epochs have committed more: that is not its business.
  const auto older = std::ranges::lower_bound(committed_, epoch, {}, &Record::leader_epoch);
  if (!has_committed(node, node.disk().log().start.offset, older - committed_.begin()))
    fail(fmt::format("R4: {} leads epoch {} without all that is committed", node.id(), epoch));
}

bool Checker::has_committed(const SimNode& node, int64_t from, int64_t to) const {
  for (int64_t offset = from; offset < to; ++offset) {
    const Batch* batch = node.disk().log().at(offset);
    const Record& record = committed_[static_cast<size_t>(offset)];
    if (!batch || batch->epoch != record.epoch) return false;
    if (batch->value + static_cast<uint64_t>(offset - batch->base_offset) != record.value) return false;
  }
  return true;
}

void Checker::check_commit(const SimNode& node, int64_t high_watermark) {
  const Log& log = node.disk().log();
  if (high_watermark > committed()) {
    // It may have resigned in the same step.
    if (!leaders_.contains(node.raft().epoch()) || leaders_[node.raft().epoch()] != node.id())
      return fail(
          fmt::format("R3: {} takes {} for committed, which no leader has", node.id(), high_watermark));
    if (const Batch* last = log.at(high_watermark - 1); !last || last->epoch != node.raft().epoch())
      return fail(fmt::format("R8: leader {} of epoch {} commits up to {}, which is older", node.id(),
                              node.raft().epoch(), high_watermark));
    check_majority_durable(node, high_watermark);
    for (int64_t offset = committed(); offset < high_watermark; ++offset) {
      const Batch* batch = log.at(offset);
      if (!batch) return fail(fmt::format("R3: {} commits {}, which it does not have", node.id(), offset));
      const uint64_t value = batch->value + static_cast<uint64_t>(offset - batch->base_offset);
      const uint64_t state = committed_.empty() ? 0 : committed_.back().state;
      committed_.push_back(
          {batch->epoch, value, next_state(state, batch->epoch, value), node.raft().epoch()});
    }
  }
  if (!has_committed(node, std::max(high_watermarks_[node.id()], log.start.offset), high_watermark))
    fail(fmt::format("R3: the log of {} differs from what is committed below {}", node.id(), high_watermark));
  const uint64_t expected = committed_[static_cast<size_t>(high_watermark) - 1].state;
  if (node.applied() != high_watermark || node.state() != expected)
    fail(fmt::format("R10: the state of {} at {} is not what the others have", node.id(), high_watermark));
}

void Checker::check_majority_durable(const SimNode& leader, int64_t high_watermark) {
  const VoterSet& voters = leader.raft().voters().voters();
  const Batch* last = leader.disk().log().at(high_watermark - 1);
  size_t durable = 0;
  for (const SimNode& node : nodes_) {
    const Log& log = node.disk().durable();
    const Batch* same = log.at(high_watermark - 1);
    const bool has_it = same ? same->epoch == last->epoch : log.start.offset >= high_watermark;
    if (voters.contains(node.options().self) && has_it) ++durable;
  }
  if (durable < voters.majority())
    fail(fmt::format("R5: leader {} commits up to {}, durable only on {}", leader.id(), high_watermark,
                     durable));
}

/// A majority that has been in touch with a leader for longer than a pre-vote may take has not granted one
/// (R14).
void Checker::check_campaign(const SimNode& node, int64_t now_ms) {
  std::map<int32_t, size_t> in_touch;
  for (const SimNode& other : nodes_) {
    if (!other.is_up() || &other == &node || !other.raft().is_voter()) continue;
    const Touch& touch = touch_[other.id()];
    if (touch.epoch >= 0 && now_ms - touch.since_ms > 2 * node.options().election_timeout_ms)
      ++in_touch[touch.epoch];
  }
  for (const auto& [epoch, count] : in_touch)
    if (count >= node.raft().voters().voters().majority())
      fail(fmt::format("R14: {} campaigns though a majority is in touch with the leader of epoch {}",
                       node.id(), epoch));
}

void Checker::check_log_start(const SimNode& node) {
  const LogEnd start = node.raft().log().start();
  if (start.offset == 0) return;
  const auto snapshot = node.disk().snapshots.find(start);
  if (snapshot == node.disk().snapshots.end())
    return fail(fmt::format("R9: the log of {} begins at {} without a snapshot", node.id(), start.offset));
  if (start.offset > committed() ||
      committed_[static_cast<size_t>(start.offset) - 1].state != snapshot->second.state)
    fail(fmt::format("R9: the snapshot of {} at {} is not what is committed", node.id(), start.offset));
}

void Checker::note_touch(const SimNode& node, int64_t now_ms) {
  Touch& touch = touch_[node.id()];
  const auto* follower = std::get_if<Follower>(&node.raft().role());
  const bool is_in_touch = node.raft().is_leader() || (follower && follower->has_fetched);
  if (!is_in_touch)
    touch = {};
  else if (touch.epoch != node.raft().epoch())
    touch = {node.raft().epoch(), now_ms};
}

void Checker::on_crash(const SimNode& node) {
  check_ballot(node, node.disk().ballot);  // it may have died right after it had written it
  touch_[node.id()] = {};
  high_watermarks_[node.id()] = 0;
}

}  // namespace kt::raft::sim
