#include <fmt/format.h>

#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/raft/raft.h"

// The follower, and the observer that looks for somebody to follow: fetches, appends, truncates, takes
// snapshots.
namespace kt::raft {
namespace {
constexpr int refusals_max = 2;  // then the leader is taken for gone
}  // namespace

FetchRequest Raft::next_fetch() const {
  return {.cluster_id = options_.cluster_id,
          .from = options_.self,
          .leader_epoch = ballot_.epoch,
          .position = log_.end(),
          .high_watermark = high_watermark_,
          .max_wait_ms = options_.fetch_wait_ms_max};
}

/// Asks for what comes next, once what is there is durable: the leader takes a fetch for the promise that it
/// is.
void Raft::fetch(Follower& follower, Effects& out) {
  if (!log_.is_durable() && !has(Mutant::raft_fetches_before_durable)) return;
  if (!can_send(follower.leader_id)) return;
  if (const auto& download = follower.download) {
    const FetchSnapshotRequest request{options_.cluster_id, options_.self, ballot_.epoch, download->id,
                                       download->position};
    return send(follower.leader_id, request, out);
  }
  send(follower.leader_id, next_fetch(), out);
}

/// An observer without a leader asks around; the answers name the leader.
void Raft::look_for_leader(Unattached& unattached, Effects& out) {
  if (unattached.asked && !can_send(*unattached.asked)) return;
  std::vector<int32_t> candidates;
  for (size_t i = 0; i < options_.bootstrap_servers.size(); ++i)
    candidates.push_back(-2 - static_cast<int32_t>(i));
  if (candidates.empty())
    for (const Voter& voter : voters_.voters().all())
      if (voter.key.id != options_.self.id) candidates.push_back(voter.key.id);
  if (candidates.empty()) return;
  const int32_t to = candidates[rng_.below(candidates.size())];
  if (!can_send(to)) return;
  unattached.asked = to;
  send(to, next_fetch(), out);
}

/// A process that is gone cannot lead on, not even if it comes back: its followers need not wait for the
/// fetch timeout. They do not start in step, and they need each other's pre-votes, so a mistake costs
/// nothing.
void Raft::on_reply(int32_t from, const Failed& failed, Effects&) {
  pause(from);
  auto* follower = as<Follower>();
  if (!failed.is_refused || !follower || follower->leader_id != from || ++follower->refusals != refusals_max)
    return;
  follower->has_fetched = false;
  const auto spread_ms = static_cast<uint64_t>(options_.election_timeout_ms / 10 + 1);
  follower->fetch_by_ms =
      std::min(follower->fetch_by_ms, now_ms_ + static_cast<int64_t>(rng_.below(spread_ms)));
}

void Raft::keep_following(Follower& follower) {
  follower.fetch_by_ms = next_fetch_timeout_ms();
  follower.has_fetched = true;
  follower.refusals = 0;
}

void Raft::on_reply(int32_t from, const FetchReply& reply, Effects& out) {
  if (!accept_head(from, reply.result.head, out)) return;
  auto* follower = as<Follower>();
  if (!follower || follower->leader_id != reply.result.head.leader_id) return pause(from);
  const FetchResult& result = reply.result;
  const bool makes_sense = result.diverging  ? truncate(*result.diverging, out)
                           : result.snapshot ? begin_download(*follower, *result.snapshot, out)
                                             : append_received(reply.batches, out);
  if (!makes_sense) return pause(from);
  keep_following(*follower);
  if (result.diverging || result.snapshot || result.high_watermark < 0) return;
  const bool believes = has(Mutant::raft_high_watermark_beyond_end);
  raise_high_watermark(believes ? result.high_watermark : std::min(result.high_watermark, log_.end().offset),
                       out);
}

bool Raft::truncate(LogEnd diverging, Effects& out) {
  int64_t end = log_.agreed_end(diverging);
  if (has(Mutant::raft_truncates_whole_epoch)) end = log_.end_of(diverging.epoch - 1).offset;
  if (end < high_watermark_ && !has(Mutant::raft_truncates_whole_epoch)) {
    out.warnings.push_back(
        fmt::format("the leader's log differs from epoch {} offset {} on, but {} is committed here",
                    diverging.epoch, diverging.offset, high_watermark_));
    return false;
  }
  if (end >= log_.end().offset) {
    out.warnings.push_back(
        fmt::format("the leader finds a difference at epoch {} offset {}, which is not in this log",
                    diverging.epoch, diverging.offset));
    return false;
  }
  log_.truncate(end);
  voters_.truncate(end);
  out.truncate_to = end;
  return true;
}

bool Raft::begin_download(Follower& follower, LogEnd id, Effects& out) {
  if (id <= log_.end() || id.offset < high_watermark_ || id.epoch > ballot_.epoch) {
    out.warnings.push_back(
        fmt::format("the leader offers a snapshot at epoch {} offset {}, which this log does not need",
                    id.epoch, id.offset));
    return false;
  }
  follower.download = Follower::Download{.id = id};
  return true;
}

/// Whether the batches continue this log, and nobody later than the leader wrote them.
bool Raft::fits(const std::vector<ReceivedBatch>& batches) const {
  LogEnd end = log_.end();
  for (const ReceivedBatch& batch : batches) {
    if (batch.base_offset != end.offset || batch.last_offset < batch.base_offset) return false;
    if (batch.epoch < end.epoch || batch.epoch > ballot_.epoch) return false;
    end = {batch.epoch, batch.last_offset + 1};
  }
  return true;
}

bool Raft::append_received(const std::vector<ReceivedBatch>& batches, Effects& out) {
  if (!fits(batches)) {
    out.warnings.push_back(
        fmt::format("the leader sent records that do not continue the log at {}", log_.end().offset));
    return false;
  }
  for (const ReceivedBatch& batch : batches) {
    log_.append(batch.epoch, batch.last_offset - batch.base_offset + 1);
    if (batch.kraft_version || batch.voters)
      voters_.add(batch.last_offset, batch.kraft_version, batch.voters);
    out.append.push_back(Replicated{batch.base_offset, batch.bytes});
  }
  if (!batches.empty()) out.flush = log_.flush_wanted();
  return true;
}

void Raft::on_reply(int32_t from, const FetchSnapshotReply& reply, Effects& out) {
  const bool is_accepted = accept_head(from, reply.head, out);
  auto* follower = as<Follower>();
  if (!follower || !follower->download) return;
  const ErrorCode error = reply.head.error;
  if (error == ErrorCode::snapshot_not_found || error == ErrorCode::position_out_of_range) {
    follower->download.reset();  // the leader has deleted it: the next fetch tells what to do instead
    return;
  }
  if (!is_accepted) return;
  const Follower::Download download = *follower->download;
  const int64_t end = download.position + static_cast<int64_t>(reply.bytes.size());
  if (reply.snapshot != download.id || reply.position != download.position || end == download.position ||
      end > reply.size) {
    out.warnings.push_back("the leader sent a part of a snapshot that was not asked for");
    follower->download.reset();
    return pause(from);
  }
  const bool is_last = end == reply.size;
  out.snapshot = SnapshotChunk{download.id, download.position, reply.bytes, is_last};
  follower->download->position = end;
  keep_following(*follower);
  if (!is_last) return;
  follower->download.reset();
  installing_ = download.id;
}

void Raft::on(const SnapshotInstalled& installed, Effects& out) {
  KT_ASSERT(installing_ == installed.id);
  installing_.reset();
  log_.restart_at(installed.id);
  voters_.restart({installed.id.offset - 1, installed.kraft_version,
                   installed.voters ? *installed.voters : voters_.voters()});
  raise_high_watermark(installed.id.offset, out);
}

}  // namespace kt::raft
