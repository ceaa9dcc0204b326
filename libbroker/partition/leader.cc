#include "libbroker/partition/leader.h"

#include <algorithm>
#include <tuple>

#include "libbroker/base/assert.h"

namespace kt::partition {
namespace {

bool has(std::span<const int32_t> ids, int32_t id) { return std::ranges::find(ids, id) != ids.end(); }

}  // namespace

Leader::Leader(const Options& options, const metadata::Partition& state, int32_t min_isr, const Log& log,
               int64_t now_ms)
    : options_(options),
      leader_epoch_(state.leader_epoch),
      epoch_start_(log.end),
      partition_epoch_(state.partition_epoch),
      min_isr_(min_isr),
      now_ms_(now_ms),
      end_(log.stable_end),
      high_watermark_(log.high_watermark),
      isr_(state.isr) {
  KT_ASSERT(state.leader == options_.self);
  KT_ASSERT(end_ <= epoch_start_);
  KT_ASSERT(high_watermark_ <= epoch_start_);
  set_replicas(state.replicas);
  raise_high_watermark();
}

void Leader::set_replicas(const std::vector<int32_t>& replicas) {
  replica_count_ = replicas.size();
  std::erase_if(followers_, [&](const auto& known) { return !has(replicas, known.first); });
  for (const int32_t id : replicas) {
    if (id == options_.self || followers_.contains(id)) continue;
    followers_[id].last_caught_up_ms = has(isr_, id) ? now_ms_ : INT64_MIN / 2;
  }
}

void Leader::update(const metadata::Partition& state, int64_t now_ms) {
  KT_ASSERT(state.leader_epoch == leader_epoch_);
  now_ms_ = now_ms;
  if (state.partition_epoch <= partition_epoch_) return;
  partition_epoch_ = state.partition_epoch;
  isr_ = state.isr;
  settle();
  set_replicas(state.replicas);
  // Who was taken out may be fenced: until it fetches again, nobody waits for it.
  for (auto& [id, follower] : followers_)
    if (!has(isr_, id)) follower.is_eligible = false;
  raise_high_watermark();
}

void Leader::set_min_isr(int32_t min_isr) {
  min_isr_ = min_isr;
  raise_high_watermark();
}

int32_t Leader::effective_min_isr() const { return std::min(min_isr_, static_cast<int32_t>(replica_count_)); }

std::vector<int32_t> Leader::maximal_isr() const {
  if (proposed_ && options_.mutants.has(Mutant::partition_shrinks_unasked)) return *proposed_;
  std::vector<int32_t> all = isr_;
  if (proposed_ && !options_.mutants.has(Mutant::partition_ignores_joiners))
    for (const int32_t id : *proposed_)
      if (!has(all, id)) all.push_back(id);
  return all;
}

bool Leader::is_committed_by_enough() const {
  return static_cast<int32_t>(maximal_isr().size()) >= effective_min_isr();
}

void Leader::log_moved(int64_t end) {
  end_ = end;
  raise_high_watermark();
}

Result<void> Leader::fetched(const FollowerFetch& fetch, int64_t now_ms) {
  now_ms_ = now_ms;
  const auto found = followers_.find(fetch.id);
  if (found == followers_.end()) return fail(ErrorCode::unknown_leader_epoch);
  Follower& follower = found->second;
  if (fetch.broker_epoch >= 0 && fetch.broker_epoch < follower.broker_epoch)
    return fail(ErrorCode::not_leader_or_follower);
  if (fetch.offset >= end_)
    follower.last_caught_up_ms = std::max(follower.last_caught_up_ms, now_ms);
  else if (follower.last_fetch_ms > 0 && fetch.offset >= follower.leader_end_at_last_fetch)
    follower.last_caught_up_ms = std::max(follower.last_caught_up_ms, follower.last_fetch_ms);
  follower.end = fetch.offset;
  follower.log_start = fetch.log_start;
  follower.broker_epoch = fetch.broker_epoch;
  follower.is_eligible = fetch.is_eligible;
  follower.has_left = false;
  follower.last_fetch_ms = now_ms;
  follower.leader_end_at_last_fetch = end_;
  follower.confirmed = follower.asked.front();
  std::ranges::rotate(follower.asked, follower.asked.begin() + 1);
  follower.asked.back() = asked_;
  expand(fetch.id, follower);
  raise_high_watermark();
  return {};
}

bool Leader::is_followed(int64_t now_ms) const {
  bool is_alone = true;
  for (const int32_t id : isr_) {
    const auto found = followers_.find(id);
    if (found == followers_.end()) continue;
    const int64_t fetched_ms = found->second.last_fetch_ms;
    if (fetched_ms > 0 && now_ms - fetched_ms <= options_.followed_ms) return true;
    is_alone = false;
  }
  return is_alone;
}

void Leader::ask_followers(int64_t number) { asked_ = number; }

int64_t Leader::confirmed() const {
  int64_t confirmed = asked_;
  for (const int32_t id : maximal_isr()) {
    const auto follower = followers_.find(id);
    if (follower != followers_.end()) confirmed = std::min(confirmed, follower->second.confirmed);
  }
  return confirmed;
}

bool Leader::is_asked(int32_t id) const {
  const auto found = followers_.find(id);
  return found != followers_.end() && found->second.confirmed < asked_;
}

void Leader::left(int32_t id) {
  const auto found = followers_.find(id);
  if (found == followers_.end()) return;
  found->second.is_eligible = false;
  found->second.has_left = true;
  raise_high_watermark();
}

bool Leader::is_caught_up(const Follower& follower) const {
  return follower.end == end_ || now_ms_ - follower.last_caught_up_ms <= options_.lag_ms_max;
}

/// Everyone who counts has it. Below min.insync.replicas nothing more is committed, for whatever acks (Z1).
void Leader::raise_high_watermark() {
  if (!has_enough_in_sync()) return;
  if (followers_.empty() || options_.mutants.has(Mutant::partition_commits_alone)) {
    high_watermark_ = std::max(high_watermark_, end_);
    return;
  }
  const std::vector<int32_t> counting = maximal_isr();
  int64_t committed = end_;
  for (const auto& [id, follower] : followers_) {
    // Who is about to join must have what is committed until then.
    const bool is_about_to_join = follower.end >= 0 && is_caught_up(follower) && follower.is_eligible &&
                                  !options_.mutants.has(Mutant::partition_ignores_joiners);
    if (has(counting, id) || is_about_to_join) committed = std::min(committed, follower.end);
  }
  high_watermark_ = std::max(high_watermark_, committed);
}

void Leader::expand(int32_t id, const Follower& follower) {
  const bool has_what_it_needs = (follower.end >= high_watermark_ && follower.end >= epoch_start_) ||
                                 options_.mutants.has(Mutant::partition_joins_unready);
  if (proposed_ || has(isr_, id) || !has_what_it_needs || !follower.is_eligible) return;
  std::vector<int32_t> isr = isr_;
  isr.push_back(id);
  propose(std::move(isr));
}

void Leader::expire(int64_t now_ms) {
  now_ms_ = now_ms;
  if (proposed_) return;
  std::vector<int32_t> isr;
  for (const int32_t id : isr_) {
    const auto follower = followers_.find(id);
    if (id == options_.self || (follower != followers_.end() && is_caught_up(follower->second)))
      isr.push_back(id);
  }
  if (isr.size() < isr_.size()) propose(std::move(isr));
}

void Leader::propose(std::vector<int32_t> isr) {
  proposed_ = std::move(isr);
  asked_for_.reset();
}

void Leader::settle() {
  proposed_.reset();
  asked_for_.reset();
}

std::optional<IsrChange> Leader::take_change() {
  if (!proposed_ || asked_for_) return std::nullopt;
  IsrChange change{.leader_epoch = leader_epoch_, .partition_epoch = partition_epoch_};
  for (const int32_t id : *proposed_) {
    const auto follower = followers_.find(id);
    change.isr.push_back({id, follower == followers_.end() ? -1 : follower->second.broker_epoch});
  }
  asked_for_ = change;
  return change;
}

void Leader::answered(const IsrChange& change, const Result<Answer>& answer) {
  if (answer) {
    if (answer->leader_epoch != leader_epoch_ || answer->partition_epoch <= partition_epoch_) return;
    partition_epoch_ = answer->partition_epoch;
    isr_ = answer->isr;
    settle();
    return raise_high_watermark();
  }
  if (!proposed_ || change.partition_epoch != partition_epoch_) return;  // the metadata was faster
  switch (answer.error().code) {
    case ErrorCode::operation_not_attempted:
    case ErrorCode::ineligible_replica:
      settle();
      return raise_high_watermark();
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::invalid_update_version:
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::invalid_request:
    case ErrorCode::new_leader_elected:
      return;  // what holds now, the metadata will say
    default:
      asked_for_.reset();
  }
}

int64_t Leader::low_watermark(int64_t own_log_start, std::span<const int32_t> alive) const {
  int64_t low = own_log_start;
  for (const auto& [id, follower] : followers_)
    if (has(alive, id) && !follower.has_left) low = std::min(low, follower.log_start);
  return low;
}

int64_t Leader::follower_end(int32_t id) const {
  const auto found = followers_.find(id);
  return found == followers_.end() ? -1 : found->second.end;
}

std::optional<int32_t> Leader::closest(std::span<const int32_t> ids, int64_t offset) const {
  if (has(ids, options_.self)) return std::nullopt;
  std::optional<int32_t> best;
  for (const auto& [id, follower] : followers_) {
    if (!has(ids, id) || !has(isr_, id) || follower.end < offset || follower.log_start > offset) continue;
    const auto caught_up = [&](int32_t one) {
      const Follower& known = followers_.at(one);
      return std::tuple(known.end, known.last_caught_up_ms, one);
    };
    if (!best || caught_up(*best) < caught_up(id)) best = id;
  }
  return best;
}

}  // namespace kt::partition
