#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <set>

#include "libbroker/raft/raft.h"

// Peers that send anything at all: the core may refuse and warn, but its own invariants hold.
namespace kt::raft {
namespace {

class Hostile {
 public:
  explicit Hostile(uint64_t seed) : rng_(seed), raft_(make(rng_)), mildness_(rng_.below(100)) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      now_ms_ += rng_.below(4) == 0 ? static_cast<int64_t>(rng_.below(1500)) : 0;
      give(any_event());
    }
  }
  const std::set<size_t>& roles() const { return roles_; }

 private:
  static Raft make(SeededRng& rng) {
    std::vector<Voter> voters;
    for (int32_t id = 1; id <= 3; ++id) voters.push_back({.key = {id}, .endpoints = {{"C", "h", 1}}});
    const auto self = static_cast<int32_t>(1 + rng.below(4));  // 4: an observer
    return Raft({.self = {self, {1, 1}},
                 .cluster_id = "c",
                 .bootstrap_servers = {{{"C", "h", 1}}},
                 .seed = rng.next()},
                {.log = LogView({}), .voters = VoterHistory({.voters = VoterSet(voters)})}, 0);
  }

  void give(const Event& event) {
    Effects effects = raft_.step(event, now_ms_);
    roles_.insert(raft_.role().index());
    for (const SentRequest& sent : effects.send) sent_.push_back(sent);
    while (sent_.size() > 8) sent_.pop_front();
    if (effects.flush) flush_ = effects.flush;
    if (effects.snapshot && effects.snapshot->last) give(SnapshotInstalled{.id = effects.snapshot->id});
  }

  template <class T, size_t n>
  T one_of(const std::array<T, n>& values) {
    return values[rng_.below(n)];
  }
  int32_t any_id() { return one_of(std::array<int32_t, 8>{1, 2, 3, 4, 5, -1, INT32_MIN, INT32_MAX}); }
  int32_t any_epoch() {
    if (rng_.below(100) < mildness_) return raft_.epoch();
    if (rng_.below(200) == 0) return one_of(std::array<int32_t, 3>{INT32_MIN, -1, INT32_MAX - 1});
    const int64_t near = int64_t{raft_.epoch()} - 1 + static_cast<int64_t>(rng_.below(4));
    return static_cast<int32_t>(std::min<int64_t>(near, INT32_MAX));
  }
  int64_t any_offset() {
    if (rng_.below(10) == 0) return one_of(std::array<int64_t, 4>{-1, 0, INT64_MIN, INT64_MAX});
    return raft_.log().end().offset + static_cast<int64_t>(rng_.below(9)) - 4;
  }
  LogEnd any_end() {
    if (rng_.below(3) == 0) return raft_.log().end();
    return {any_epoch(), any_offset()};
  }
  ReplicaKey any_key() { return {any_id(), one_of(std::array<Uuid, 3>{Uuid{}, Uuid{1, 1}, Uuid{2, 2}})}; }
  std::vector<Endpoint> any_endpoints() {
    return rng_.below(2) == 0 ? std::vector<Endpoint>{} : std::vector<Endpoint>{{"C", "evil", 6}};
  }
  ReplyHead any_head() {
    using enum ErrorCode;
    const auto error =
        one_of(std::array{none, none, none, none, fenced_leader_epoch, unknown_leader_epoch,
                          not_leader_or_follower, snapshot_not_found, unsupported_version, invalid_request});
    return {error, any_epoch(), any_id(), any_endpoints()};
  }
  std::optional<LogEnd> maybe_end() { return rng_.below(4) == 0 ? std::optional(any_end()) : std::nullopt; }

  Request any_request() {
    const std::optional<std::string> cluster = rng_.below(20) == 0 ? "other" : "c";
    switch (rng_.below(5)) {
      case 0:
        return VoteRequest{cluster, any_key(), any_key(), any_epoch(), any_end(), rng_.below(2) == 0};
      case 1:
        return BeginEpochRequest{cluster, any_key(), any_id(), any_epoch(), any_endpoints()};
      case 2:
        return EndEpochRequest{cluster, any_id(), any_epoch(), {any_key(), any_key()}, any_endpoints()};
      case 3:
        return FetchRequest{cluster,   any_key(),    any_epoch(),
                            any_end(), any_offset(), static_cast<int32_t>(rng_.below(900)) - 9};
      default:
        return FetchSnapshotRequest{cluster, any_key(), any_epoch(), any_end(), any_offset()};
    }
  }
  FetchReply any_fetch_reply() {
    FetchReply reply{{any_head(), any_offset(), any_offset(), maybe_end(), maybe_end()}};
    int64_t base = raft_.log().end().offset;
    for (uint64_t i = rng_.below(4); i > 0; --i) {
      const int64_t last = base + static_cast<int64_t>(rng_.below(4)) - (rng_.below(10) == 0 ? 1 : 0);
      reply.batches.push_back({.epoch = any_epoch(), .base_offset = base, .last_offset = last});
      base = last + 1;
    }
    return reply;
  }
  Reply any_reply() {
    switch (rng_.below(6)) {
      case 0:
        return Failed{rng_.below(2) == 0};
      case 1:
        return VoteReply{any_head(), rng_.below(3) != 0};
      case 2:
        return BeginEpochReply{any_head()};
      case 3:
        return EndEpochReply{any_head()};
      case 4:
        return any_fetch_reply();
      default: {
        const auto size = static_cast<int64_t>(rng_.below(4));
        return FetchSnapshotReply{any_head(), any_end(), static_cast<int64_t>(rng_.below(2)), size,
                                  Slice::view("ab")};
      }
    }
  }
  Event any_event() {
    switch (rng_.below(8)) {
      case 0:
        return Tick{};
      case 1:
      case 2:
        return Received{next_token_++, any_request()};
      case 3:
        return Abandoned{next_token_ - 1};
      case 4:
        if (!flush_) return Tick{};
        return *std::exchange(flush_, std::nullopt);
      case 5:
        return Propose{1, raft_.epoch(), Slice::view("x"), 1};
      default:
        if (sent_.empty()) return Tick{};
        return Replied{sent_[rng_.below(sent_.size())].request_id, any_reply()};
    }
  }

  SeededRng rng_;
  Raft raft_;
  const uint64_t mildness_;  // in a hundred epochs, how many are the replica's own
  int64_t now_ms_ = 0;
  uint64_t next_token_ = 1;
  std::deque<SentRequest> sent_;
  std::optional<Flushed> flush_;
  std::set<size_t> roles_;
};

TEST(HostilePeers, BreakNothing) {
  std::set<size_t> roles;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    Hostile hostile(seed);
    hostile.run(1000);
    roles.insert(hostile.roles().begin(), hostile.roles().end());
  }
  EXPECT_EQ(roles.size(), std::variant_size_v<Role>);
}

}  // namespace
}  // namespace kt::raft
