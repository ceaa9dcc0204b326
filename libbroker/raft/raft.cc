#include "libbroker/raft/raft.h"

#include <fmt/format.h>

#include "libbroker/base/assert.h"

namespace kt::raft {

Raft::Raft(Options options, Restored restored, int64_t now_ms)
    : options_(std::move(options)),
      rng_(options_.seed),
      now_ms_(now_ms),
      deadline_ms_(now_ms),
      ballot_(restored.ballot),
      log_(std::move(restored.log)),
      voters_(std::move(restored.voters)),
      high_watermark_(log_.snapshot() ? log_.snapshot()->offset : 0) {
  if (ballot_.epoch < log_.end().epoch) ballot_ = {.epoch = log_.end().epoch};
  const auto leader = ballot_.leader_id;
  if (leader == options_.self.id && has(Mutant::raft_leads_again_after_restart)) {
    role_ = Leader{.epoch_start_offset = log_.end().offset, .replicas = Replicas(options_.self, now_ms_)};
  } else if (leader == options_.self.id) {
    leader_gave_up_ = true;
    role_ = Resigned{.election_at_ms = first_election_ms()};
  } else if (leader && voters_.voters().find(*leader)) {
    role_ = Follower{.leader_id = *leader, .fetch_by_ms = next_fetch_timeout_ms()};
  } else {
    role_ = Unattached{.election_at_ms = first_election_ms()};
  }
}

Effects Raft::step(const Event& event, int64_t now_ms) {
  KT_ASSERT(installing_.has_value() == std::holds_alternative<SnapshotInstalled>(event));
  const int32_t epoch_before = ballot_.epoch;
  now_ms_ = std::max(now_ms_, now_ms);
  Effects out;
  std::visit([&](const auto& e) { on(e, out); }, event);
  deadline_ms_ = INT64_MAX;
  if (!installing_) {
    act_on_time(out);
    send_what_is_due(out);
  }
  announce(out);
  KT_ASSERT(ballot_.epoch >= epoch_before);
  check_invariants();
  return out;
}

void Raft::on(const Received& received, Effects& out) {
  const auto handle = [&]<class R>(const R& request) {
    if constexpr (std::is_same_v<R, FetchRequest>)
      on_fetch(received.token, request, out);
    else
      out.answers.push_back({received.token, answer(request, out)});
  };
  std::visit(handle, received.request);
}

void Raft::on(const SnapshotTaken& taken, Effects&) {
  KT_ASSERT(taken.id.offset <= high_watermark_);
  log_.snapshot_taken(taken.id);
}

void Raft::on(const Abandoned& abandoned, Effects&) {
  if (auto* leader = as<Leader>())
    std::erase_if(leader->parked, [&](const auto& parked) { return parked.token == abandoned.token; });
}

void Raft::on(const Replied& replied, Effects& out) {
  const auto from = peers_.finish(replied.request_id);
  if (from) std::visit([&](const auto& reply) { on_reply(*from, reply, out); }, replied.reply);
}

void Raft::on(const Flushed& report, Effects& out) {
  const bool trusts = has(Mutant::raft_trusts_late_flush);
  log_.flushed(trusts
                   ? Flushed{std::min(report.end_offset, log_.end().offset), log_.flush_wanted().generation}
                   : report);
  if (is_leader()) advance_high_watermark(out);
}

void Raft::on(const Resign& resign, Effects& out) {
  is_stopping_ |= resign.is_stopping;
  if (is_leader()) become_resigned(out);
}

/// Where a timeout has passed, the role changes.
void Raft::act_on_time(Effects& out) {
  const bool may_campaign = is_voter() && !is_stopping_;
  if (const auto* unattached = as<Unattached>()) {
    if (may_campaign && unattached->election_at_ms <= now_ms_) become_prospective(out);
  } else if (const auto* prospective = as<Prospective>()) {
    if (prospective->election_at_ms <= now_ms_) lose_pre_vote(out);
  } else if (const auto* candidate = as<Candidate>()) {
    if (candidate->election_at_ms <= now_ms_) become_prospective(out);
  } else if (const auto* follower = as<Follower>()) {
    if (follower->fetch_by_ms > now_ms_) return;
    if (may_campaign)
      become_prospective(out);
    else
      become_unattached(ballot_, next_election_ms(), out);
  } else if (const auto* leader = as<Leader>()) {
    if (check_quorum_at_ms(*leader) <= now_ms_) become_resigned(out);
  } else if (const auto* resigned = as<Resigned>()) {
    if (resigned->election_at_ms > now_ms_) return;
    if (may_campaign)
      become_prospective(out);
    else if (!is_stopping_)
      become_unattached(ballot_, next_election_ms(), out);
  }
}

/// Sends what the role has to send and may, and notes when there will be something to do.
void Raft::send_what_is_due(Effects& out) {
  const bool may_campaign = is_voter() && !is_stopping_;
  if (auto* unattached = as<Unattached>()) {
    if (may_campaign) due(unattached->election_at_ms);
    if (!is_voter()) look_for_leader(*unattached, out);
  } else if (const auto* prospective = as<Prospective>()) {
    due(prospective->election_at_ms);
    request_votes(prospective->tally, true, out);
  } else if (const auto* candidate = as<Candidate>()) {
    due(candidate->election_at_ms);
    if (!candidate->is_backing_off) request_votes(candidate->tally, false, out);
  } else if (auto* follower = as<Follower>()) {
    due(follower->fetch_by_ms);
    fetch(*follower, out);
  } else if (auto* leader = as<Leader>()) {
    due(check_quorum_at_ms(*leader));
    begin_epochs(*leader, out);
    answer_parked(out);
  } else if (const auto* resigned = as<Resigned>()) {
    if (!is_stopping_) due(resigned->election_at_ms);
    end_epochs(*resigned, out);
  }
}

void Raft::announce(Effects& out) {
  Leadership now{.epoch = ballot_.epoch, .leader_id = leader_id()};
  if (const auto* leader = as<Leader>()) now.epoch_start_offset = leader->epoch_start_offset;
  if (now == announced_) return;
  announced_ = now;
  out.leadership = now;
}

void Raft::send(int32_t to, Request request, Effects& out) {
  const uint64_t id = peers_.begin(to, now_ms_ + options_.request_timeout_ms);
  due(now_ms_ + options_.request_timeout_ms);
  out.send.push_back({id, to, std::move(request)});
}

bool Raft::can_send(int32_t to) {
  const int64_t at_ms = peers_.ready_at_ms(to);
  if (at_ms > now_ms_) due(at_ms);
  return at_ms <= now_ms_;
}

/// Another cluster's replica is told nothing of this one's leader.
ReplyHead Raft::head(ErrorCode error) const {
  if (error == ErrorCode::inconsistent_cluster_id) return {.error = error};
  ReplyHead head{.error = error, .epoch = ballot_.epoch};
  if (const auto leader = leader_id()) {
    head.leader_id = *leader;
    if (const auto* endpoints = endpoints_of(*leader)) head.leader_endpoints = *endpoints;
  }
  return head;
}

/// Takes from a reply what it says about epoch and leader. False: there is nothing more to take from it.
bool Raft::accept_head(int32_t from, const ReplyHead& head, Effects& out) {
  if (head.error != ErrorCode::none) pause(from);
  if (head.epoch < ballot_.epoch || head.error == ErrorCode::unknown_leader_epoch) return false;
  const bool is_newer = head.epoch > ballot_.epoch;
  const bool follows = heard_of_leader(head.leader_id, head.epoch, head.leader_endpoints, out);
  if (is_newer && !follows) leave_for_epoch(head.epoch, out);
  if (is_newer) return false;
  const auto* follower = as<Follower>();
  if (head.error == ErrorCode::not_leader_or_follower && follower && follower->leader_id == from &&
      !follows) {
    leader_gave_up_ = true;  // it says so itself, and cannot lead the same epoch twice
    become_unattached(ballot_, next_election_ms(), out);
  }
  return head.error == ErrorCode::none;
}

/// Follows this leader if that is news and it can be reached.
bool Raft::heard_of_leader(int32_t leader_id, int32_t epoch, const std::vector<Endpoint>& endpoints,
                           Effects& out) {
  if (leader_id < 0 || leader_id == options_.self.id || epoch < ballot_.epoch) return false;
  if (epoch == ballot_.epoch) {
    if (ballot_.leader_id && ballot_.leader_id != leader_id) {
      out.warnings.push_back(fmt::format("epoch {} is said to be led by {}, but {} leads it", epoch,
                                         leader_id, *ballot_.leader_id));
      return false;
    }
    const bool knew = ballot_.leader_id && !as<Unattached>();
    if (knew || leader_gave_up_) return false;
  }
  const Voter* voter = voters_.voters().find(leader_id);
  if (endpoints.empty() && !voter) return false;
  become_follower(epoch, leader_id, endpoints.empty() ? voter->endpoints : endpoints, out);
  return true;
}

bool Raft::is_other_cluster(const std::optional<std::string>& cluster_id) const {
  return cluster_id && *cluster_id != options_.cluster_id;
}

bool Raft::is_meant_for_other(const ReplicaKey& to) const {
  return to.id != -1 && !to.matches(options_.self);
}

void Raft::raise_high_watermark(int64_t offset, Effects& out) {
  if (offset <= high_watermark_) return;
  high_watermark_ = offset;
  out.high_watermark = offset;
}

std::optional<int32_t> Raft::leader_id() const { return leader_gave_up_ ? std::nullopt : ballot_.leader_id; }

const std::vector<Endpoint>* Raft::endpoints_of(int32_t id) const {
  if (id < -1) {
    const auto index = static_cast<size_t>(-2 - id);
    return index < options_.bootstrap_servers.size() ? &options_.bootstrap_servers[index] : nullptr;
  }
  if (id == options_.self.id) return &options_.listeners;
  if (id == ballot_.leader_id && !leader_endpoints_.empty()) return &leader_endpoints_;
  const Voter* voter = voters_.voters().find(id);
  return voter ? &voter->endpoints : nullptr;
}

Result<QuorumDescription> Raft::describe(int64_t now_ms) const {
  const auto* leader = as<Leader>();
  if (!leader) return fail(ErrorCode::not_leader_or_follower);
  QuorumDescription description{.leader_id = options_.self.id, .epoch = ballot_.epoch};
  if (leader->knows_high_watermark) description.high_watermark = high_watermark_;
  for (const Voter& voter : voters_.voters().all()) {
    const bool is_self = voter.key.matches(options_.self);
    description.voters.push_back(is_self ? ReplicaProgress{voter.key, log_.end().offset, now_ms, now_ms}
                                         : leader->replicas.of(voter.key));
  }
  description.observers = leader->replicas.observers(voters_.voters(), now_ms);
  return description;
}

bool Raft::may_stop() const {
  if (!is_stopping_) return false;
  const auto* resigned = as<Resigned>();
  return !resigned || resigned->uninformed.empty();
}

/// A mutant is left alone: the simulation has to find it from outside.
void Raft::check_invariants() const {
  if (options_.mutants != Mutants()) return;
  KT_ASSERT(log_.end().epoch <= ballot_.epoch);
  KT_ASSERT(log_.start().offset <= high_watermark_);
  KT_ASSERT(high_watermark_ <= log_.end().offset);
  KT_ASSERT(log_.durable_end() <= log_.end().offset);
  const bool voted_for_self = ballot_.voted_for == options_.self;
  if (as<Prospective>()) KT_ASSERT(is_voter());
  if (as<Candidate>()) {
    KT_ASSERT(is_voter());
    KT_ASSERT(voted_for_self);
    KT_ASSERT(!ballot_.leader_id);
  }
  if (const auto* leader = as<Leader>()) {
    KT_ASSERT(voted_for_self);
    KT_ASSERT(ballot_.leader_id == options_.self.id);
    KT_ASSERT(log_.end().epoch == ballot_.epoch);
    KT_ASSERT(leader->epoch_start_offset < log_.end().offset);
  }
  if (const auto* follower = as<Follower>()) {
    KT_ASSERT(follower->leader_id != options_.self.id);
    KT_ASSERT(ballot_.leader_id == follower->leader_id);
    KT_ASSERT(!leader_gave_up_);
  }
  if (as<Resigned>()) KT_ASSERT(ballot_.leader_id == options_.self.id);
}

}  // namespace kt::raft
