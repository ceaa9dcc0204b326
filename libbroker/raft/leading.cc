#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/raft/raft.h"

// The leader: appends, answers fetches, commits.
namespace kt::raft {
namespace {
constexpr size_t parked_fetches_max = 4096;  // more are answered at once
}  // namespace

void Raft::append_epoch_start(std::vector<ReplicaKey> granting, Effects& out) {
  const VoterHistory::Entry& current = voters_.last();
  EpochStart start{.base_offset = log_.end().offset,
                   .epoch = ballot_.epoch,
                   .leader_id = options_.self.id,
                   .granting_voters = std::move(granting)};
  for (const Voter& voter : current.voters.all()) start.voters.push_back(voter.key);
  if (current.kraft_version > 0) {
    // The voters of the bootstrap checkpoint enter the log with the first leader; a leader's new address,
    // with it.
    Voter self = *current.voters.find(options_.self.id);
    const bool moved = !options_.listeners.empty() && self.endpoints != options_.listeners;
    if (moved) self.endpoints = options_.listeners;
    if (moved || current.offset == -1) {
      start.kraft_version = current.kraft_version;
      start.new_voters = current.voters.with(self);
    }
  }
  log_.append(ballot_.epoch, start.count());
  if (start.new_voters) voters_.add(log_.end().offset - 1, start.kraft_version, start.new_voters);
  out.append.push_back(std::move(start));
  out.flush = log_.flush_wanted();
}

void Raft::on(const Propose& proposal, Effects& out) {
  KT_ASSERT(proposal.count > 0);
  if (!is_leader() || proposal.epoch != ballot_.epoch) {
    out.proposed.push_back({proposal.token, ErrorCode::not_leader_or_follower});
    return;
  }
  const int64_t base_offset = log_.end().offset;
  log_.append(ballot_.epoch, proposal.count);
  out.append.push_back(Proposal{base_offset, ballot_.epoch, proposal.records});
  out.flush = log_.flush_wanted();
  out.proposed.push_back({proposal.token, ErrorCode::none, base_offset});
  advance_high_watermark(out);
}

/// Why a request that only a leader serves is not served here; none if it is.
ErrorCode Raft::refusal(const std::optional<std::string>& cluster_id, const ReplicaKey& from,
                        int32_t epoch) const {
  if (is_other_cluster(cluster_id)) return ErrorCode::inconsistent_cluster_id;
  if (epoch < ballot_.epoch) return ErrorCode::fenced_leader_epoch;
  if (epoch > ballot_.epoch) return ErrorCode::unknown_leader_epoch;
  if (!is_leader()) return ErrorCode::not_leader_or_follower;
  if (from.id == options_.self.id) return ErrorCode::invalid_request;
  return ErrorCode::none;
}

void Raft::on_fetch(uint64_t token, const FetchRequest& request, Effects& out) {
  const auto refuse = [&](ErrorCode error) {
    out.answers.push_back({token, FetchAnswer{.result = {.head = head(error)}}});
  };
  if (request.max_wait_ms < 0 || request.position.offset < 0 || request.position.epoch < 0 ||
      request.position.epoch > request.leader_epoch)
    return refuse(ErrorCode::invalid_request);
  const ErrorCode error = refusal(request.cluster_id, request.from, request.leader_epoch);
  if (error != ErrorCode::none) return refuse(error);

  if (request.from.id >= 0 && log_.match(request.position).kind == LogView::Match::Kind::valid) {
    const VoterSet& voters = voters_.voters();
    as<Leader>()->replicas.fetched(request.from, request.position.offset, log_.end().offset, voters, now_ms_);
    advance_high_watermark(out);
  }
  const FetchAnswer answer = answer_fetch(request);
  if (may_wait(request, answer))
    park(token, request, out);
  else
    out.answers.push_back({token, answer});
}

FetchAnswer Raft::answer_fetch(const FetchRequest& request) const {
  FetchAnswer answer{.result = {.head = head(), .log_start = log_.start().offset}};
  if (as<Leader>()->knows_high_watermark) answer.result.high_watermark = high_watermark_;
  const LogView::Match match = log_.match(request.position);
  if (match.kind == LogView::Match::Kind::diverging) answer.result.diverging = match.at;
  if (match.kind == LogView::Match::Kind::snapshot) answer.result.snapshot = match.at;
  if (match.kind == LogView::Match::Kind::valid) {
    answer.read_from = request.position.offset;
    answer.read_to = log_.end().offset;
  }
  return answer;
}

/// Whether the answer holds no news: no records, nothing to repair, no high watermark beyond the one it
/// knows.
bool Raft::may_wait(const FetchRequest& request, const FetchAnswer& answer) const {
  return request.max_wait_ms > 0 && !answer.result.diverging && !answer.result.snapshot &&
         answer.read_from == answer.read_to && answer.result.high_watermark <= request.high_watermark;
}

void Raft::park(uint64_t token, const FetchRequest& request, Effects& out) {
  auto& parked = as<Leader>()->parked;
  // A replica fetches once at a time: it no longer waits for an answer to what it sent before.
  const auto older = std::ranges::find_if(
      parked, [&](const auto& other) { return request.from.id >= 0 && other.request.from == request.from; });
  if (older != parked.end()) {
    out.answers.push_back({older->token, answer_fetch(older->request)});
    parked.erase(older);
  }
  if (parked.size() >= parked_fetches_max) {
    out.answers.push_back({token, answer_fetch(request)});
    return;
  }
  parked.push_back({token, request, now_ms_ + request.max_wait_ms});
}

void Raft::answer_parked(Effects& out) {
  std::erase_if(as<Leader>()->parked, [&](const Leader::Parked& fetch) {
    FetchAnswer answer = answer_fetch(fetch.request);
    if (fetch.answer_by_ms > now_ms_ && may_wait(fetch.request, answer)) {
      due(fetch.answer_by_ms);
      return false;
    }
    out.answers.push_back({fetch.token, std::move(answer)});
    return true;
  });
}

Answer Raft::answer(const FetchSnapshotRequest& request, Effects&) {
  const ErrorCode error = refusal(request.cluster_id, request.from, request.leader_epoch);
  if (error == ErrorCode::none && request.from.id >= 0)
    as<Leader>()->replicas.heard(request.from, voters_.voters(), now_ms_);
  return FetchSnapshotAnswer{head(error), request.snapshot, request.position};
}

/// Committed is what a majority has durably, but only once that includes a record of this epoch (Raft
/// §5.4.2).
void Raft::advance_high_watermark(Effects& out) {
  auto* leader = as<Leader>();
  const int64_t own_end = has(Mutant::raft_commits_not_durable) ? log_.end().offset : log_.durable_end();
  const int64_t committed = leader->replicas.majority_end(voters_.voters(), own_end);
  if (committed <= leader->epoch_start_offset && !has(Mutant::raft_commits_older_epoch)) return;
  leader->knows_high_watermark = true;
  raise_high_watermark(committed, out);
}

/// When to resign, unless a majority is heard before: who cannot commit should not look like a leader.
int64_t Raft::check_quorum_at_ms(const Leader& leader) const {
  if (voters_.voters().is_only(options_.self)) return INT64_MAX;
  return leader.replicas.majority_heard_ms(voters_.voters(), now_ms_) + options_.fetch_timeout_ms * 3 / 2;
}

}  // namespace kt::raft
