#include <gtest/gtest.h>

#include <memory>

#include "libbroker/raft/raft.h"

// What a replica answers to single requests, good and bad.
namespace kt::raft {
namespace {

constexpr Uuid disk{1, 1};
const ReplicaKey self{1, disk};

/// Voter 1 of 1, 2, 3; its log holds 10 records of epoch 4, and it is in epoch 5.
class PeerTest : public testing::Test {
 protected:
  std::unique_ptr<Raft> made_ = make();
  Raft& raft_ = *made_;
  int64_t now_ms_ = 0;
  uint64_t next_token_ = 1;

  static std::unique_ptr<Raft> make(int16_t kraft_version = 0, int32_t id = 1,
                                    std::optional<int64_t> first_election_ms_max = {}) {
    record::EpochCache epochs;
    epochs.assign(4, 0);
    std::vector<Voter> voters;
    for (int32_t voter : {1, 2, 3})
      voters.push_back({.key = {voter}, .endpoints = {{"C", "h", static_cast<uint16_t>(voter)}}});
    Raft::Restored restored{
        .ballot = {.epoch = 5},
        .log = LogView({.epochs = epochs, .end_offset = 10}),
        .voters = VoterHistory({.kraft_version = kraft_version, .voters = VoterSet(voters)})};
    const Options options{.self = {id, disk},
                          .cluster_id = "c",
                          .listeners = {{"C", "h", 1}},
                          .first_election_ms_max = first_election_ms_max};
    return std::make_unique<Raft>(options, std::move(restored), 0);
  }
  Effects step(const Event& event) { return raft_.step(event, now_ms_); }
  template <class R>
  R ask(Request request) {
    Effects effects = step(Received{next_token_, std::move(request)});
    EXPECT_EQ(effects.answers.size(), 1u);
    EXPECT_EQ(effects.answers[0].token, next_token_++);
    return std::get<R>(effects.answers[0].answer);
  }
  bool granted(VoteRequest request) { return ask<VoteReply>(request).granted; }
  ErrorCode vote_error(VoteRequest request) { return ask<VoteReply>(request).head.error; }

  static VoteRequest vote(int32_t from = 2, int32_t epoch = 6, LogEnd log_end = {4, 10}) {
    return {.cluster_id = "c", .to = {1}, .from = {from, disk}, .epoch = epoch, .log_end = log_end};
  }
  static VoteRequest pre_vote(int32_t from = 2, int32_t epoch = 5, LogEnd log_end = {4, 10}) {
    VoteRequest request = vote(from, epoch, log_end);
    request.pre_vote = true;
    return request;
  }

  /// Makes it the leader of epoch 6, whose first record, at offset 10, is durable.
  void lead() {
    now_ms_ = 2000;
    const auto grant = [this](const Effects& effects) {
      for (const SentRequest& sent : effects.send)
        if (sent.to == 2) return step(Replied{sent.request_id, VoteReply{{.epoch = raft_.epoch()}, true}});
      return Effects{};
    };
    const Effects elected = grant(grant(step(Tick{})));
    ASSERT_TRUE(raft_.is_leader());
    step(*elected.flush);
  }
  FetchRequest fetch(LogEnd position, int32_t from = 2, int32_t epoch = 6) {
    return {.cluster_id = "c", .from = {from, disk}, .leader_epoch = epoch, .position = position};
  }
  /// Makes it a follower of 2 in epoch 6 whose fetch is under way; returns that request.
  SentRequest follow() {
    Effects effects = step(
        Received{next_token_++, BeginEpochRequest{.cluster_id = "c", .to = {1}, .leader_id = 2, .epoch = 6}});
    EXPECT_EQ(effects.send.size(), 1u);
    return effects.send.at(0);
  }
  static ReceivedBatch batch(int64_t base_offset, int64_t last_offset, int32_t epoch = 6) {
    return {
        .epoch = epoch, .base_offset = base_offset, .last_offset = last_offset, .bytes = Slice::view("x")};
  }
  static FetchReply records(std::vector<ReceivedBatch> batches, int64_t high_watermark = -1) {
    return {{.head = {.epoch = 6, .leader_id = 2}, .high_watermark = high_watermark}, std::move(batches)};
  }
};

TEST_F(PeerTest, VotesOnceInAnEpoch) {
  const Effects first = step(Received{1, vote(2)});
  EXPECT_EQ(first.persist, (Ballot{.epoch = 6, .voted_for = ReplicaKey{2, disk}}));
  EXPECT_TRUE(std::get<VoteReply>(first.answers.at(0).answer).granted);
  EXPECT_FALSE(granted(vote(3)));
  const Effects again = step(Received{1, vote(2)});
  EXPECT_FALSE(again.persist);
  EXPECT_TRUE(std::get<VoteReply>(again.answers.at(0).answer).granted);
  VoteRequest other_disk = vote(2);
  other_disk.from.directory_id = {9, 9};
  EXPECT_FALSE(granted(other_disk));
  EXPECT_TRUE(granted(vote(3, 7)));
}

TEST_F(PeerTest, VotesForNoShorterLog) {
  EXPECT_FALSE(granted(vote(2, 6, {4, 9})));
  EXPECT_FALSE(granted(vote(2, 6, {3, 50})));
  EXPECT_EQ(raft_.epoch(), 6);
  EXPECT_TRUE(granted(vote(2, 6, {5, 1})));
}

TEST_F(PeerTest, RefusesBadVoteRequests) {
  VoteRequest request = vote();
  request.cluster_id = "other";
  EXPECT_EQ(vote_error(request), ErrorCode::inconsistent_cluster_id);
  EXPECT_EQ(vote_error(vote(2, 6, {-1, 10})), ErrorCode::invalid_request);
  EXPECT_EQ(vote_error(vote(2, 6, {4, -1})), ErrorCode::invalid_request);
  EXPECT_EQ(vote_error(vote(2, 6, {6, 10})), ErrorCode::invalid_request);
  EXPECT_EQ(vote_error(pre_vote(2, 5, {6, 10})), ErrorCode::invalid_request);
  EXPECT_EQ(vote_error(vote(-1)), ErrorCode::invalid_request);
  EXPECT_EQ(vote_error(vote(1)), ErrorCode::invalid_request);
  EXPECT_EQ(vote_error(vote(2, INT32_MIN)), ErrorCode::invalid_request);
  EXPECT_EQ(vote_error(vote(2, 4, {3, 1})), ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(raft_.ballot(), (Ballot{.epoch = 5}));
  request = vote();
  request.to = {3};
  EXPECT_EQ(vote_error(request), ErrorCode::invalid_voter_key);
  request.to = {1, Uuid{9, 9}};
  EXPECT_EQ(vote_error(request), ErrorCode::invalid_voter_key);
  EXPECT_EQ(raft_.ballot(), (Ballot{.epoch = 6}));
  request.cluster_id.reset();
  request.to = {};
  EXPECT_TRUE(granted(request));
}

TEST_F(PeerTest, APreVoteCostsNothing) {
  EXPECT_TRUE(granted(pre_vote(2)));
  EXPECT_TRUE(granted(pre_vote(3)));
  EXPECT_FALSE(granted(pre_vote(3, 5, {4, 9})));
  EXPECT_EQ(raft_.ballot(), (Ballot{.epoch = 5}));
}

TEST_F(PeerTest, WhoIsInTouchGrantsNoPreVote) {
  const SentRequest fetch = follow();
  EXPECT_TRUE(granted(pre_vote(3, 6)));  // it has heard of its leader, but not from it
  step(Replied{fetch.request_id, records({})});
  EXPECT_FALSE(granted(pre_vote(3, 6)));
  EXPECT_EQ(ask<VoteReply>(pre_vote(3, 6)).head.leader_id, 2);
  EXPECT_FALSE(granted(vote(3, 6)));
}

TEST_F(PeerTest, AStaticObserverHasNoVote) {
  VoteRequest request = vote();
  request.to = {9};
  const auto granted_by = [&](std::unique_ptr<Raft> observer) {
    return std::get<VoteReply>(observer->step(Received{1, request}, 0).answers.at(0).answer).granted;
  };
  EXPECT_FALSE(granted_by(make(0, 9)));
  EXPECT_TRUE(granted_by(make(1, 9)));  // it may be a voter already, and not know it (KIP-853)
}

TEST_F(PeerTest, NoEpochIsLeftAfterTheLast) {
  EXPECT_TRUE(granted(vote(2, INT32_MAX)));
  now_ms_ = 100'000;
  step(Tick{});
  EXPECT_EQ(raft_.epoch(), INT32_MAX);
  EXPECT_TRUE(std::holds_alternative<Unattached>(raft_.role()));
}

TEST_F(PeerTest, AVoterThatDoesNotKnowPreVotesIsNotAskedForOne) {
  now_ms_ = 2000;
  const Effects asked = step(Tick{});
  ASSERT_EQ(asked.send.size(), 2u);
  const VoteReply reply{.head = {.error = ErrorCode::unsupported_version}};
  const Effects effects = step(Replied{asked.send[0].request_id, reply});
  EXPECT_EQ(effects.persist, (Ballot{.epoch = 6, .voted_for = self}));
}

TEST_F(PeerTest, WhoStartsAsksSoonButRaisesNoEpochUnasked) {
  const auto starts = make(0, 1, 50);
  const Effects asked = starts->step(Tick{}, 50);
  ASSERT_EQ(asked.send.size(), 2u);
  const VoteReply reply{.head = {.error = ErrorCode::unsupported_version}};
  EXPECT_FALSE(starts->step(Replied{asked.send[0].request_id, reply}, 50).persist);
  EXPECT_TRUE(std::holds_alternative<Unattached>(starts->role()));
  const Effects again = starts->step(Tick{}, 5'000);
  ASSERT_FALSE(again.send.empty());
  EXPECT_TRUE(starts->step(Replied{again.send[0].request_id, reply}, 5'000).persist);
}

TEST_F(PeerTest, NamesTheLeaderToWhoeverFetchesElsewhere) {
  follow();
  const auto answer = ask<FetchAnswer>(fetch({4, 10}));
  EXPECT_EQ(answer.result.head.error, ErrorCode::not_leader_or_follower);
  EXPECT_EQ(answer.result.head.leader_id, 2);
  EXPECT_EQ(answer.result.head.leader_endpoints, (std::vector<Endpoint>{{"C", "h", 2}}));
  EXPECT_EQ(ask<FetchAnswer>(fetch({4, 10}, 3, 5)).result.head.error, ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(ask<FetchAnswer>(fetch({4, 10}, 3, 7)).result.head.error, ErrorCode::unknown_leader_epoch);
  EXPECT_EQ(raft_.epoch(), 6);
}

TEST_F(PeerTest, TheLeaderRefusesBadFetches) {
  lead();
  const auto error = [this](FetchRequest request) { return ask<FetchAnswer>(request).result.head.error; };
  FetchRequest request = fetch({4, 10});
  request.cluster_id = "other";
  EXPECT_EQ(error(request), ErrorCode::inconsistent_cluster_id);
  request = fetch({4, 10});
  request.max_wait_ms = -1;
  EXPECT_EQ(error(request), ErrorCode::invalid_request);
  EXPECT_EQ(error(fetch({4, -1})), ErrorCode::invalid_request);
  EXPECT_EQ(error(fetch({-1, 1})), ErrorCode::invalid_request);
  EXPECT_EQ(error(fetch({7, 10})), ErrorCode::invalid_request);
  EXPECT_EQ(error(fetch({4, 10}, 1)), ErrorCode::invalid_request);
  EXPECT_EQ(error(fetch({4, 10}, 2, 5)), ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(ask<FetchSnapshotAnswer>(FetchSnapshotRequest{.cluster_id = "c", .from = {2}, .leader_epoch = 7})
                .head.error,
            ErrorCode::unknown_leader_epoch);
}

/// Raft §5.4.2, figure 8: what is on a majority from an older epoch may still be lost.
TEST_F(PeerTest, ALeaderCommitsOlderRecordsWithItsOwn) {
  lead();
  const FetchAnswer older = ask<FetchAnswer>(fetch({4, 10}));
  EXPECT_EQ(older.result.high_watermark, high_watermark_unknown);
  EXPECT_EQ(older.read_from, 10);
  EXPECT_EQ(older.read_to, 11);
  EXPECT_EQ(raft_.high_watermark(), 0);
  const FetchAnswer own = ask<FetchAnswer>(fetch({6, 11}));
  EXPECT_EQ(own.result.high_watermark, 11);
  EXPECT_EQ(raft_.high_watermark(), 11);
}

TEST_F(PeerTest, AnObserverDoesNotCount) {
  lead();
  ask<FetchAnswer>(fetch({6, 11}, 8));
  ask<FetchAnswer>(fetch({6, 11}, 9));
  ask<FetchAnswer>(fetch({6, 11}, -1));
  EXPECT_EQ(raft_.high_watermark(), 0);
  EXPECT_EQ(raft_.describe(now_ms_)->observers.size(), 2u);
}

TEST_F(PeerTest, AFetchWaitsForNews) {
  lead();
  FetchRequest waiting = fetch({6, 11}, 8);
  waiting.max_wait_ms = 500;
  waiting.high_watermark = -1;
  EXPECT_TRUE(step(Received{70, waiting}).answers.empty());

  const Effects committed = step(Received{71, fetch({6, 11})});  // the high watermark is news
  ASSERT_EQ(committed.answers.size(), 2u);
  waiting.high_watermark = 11;
  EXPECT_TRUE(step(Received{72, waiting}).answers.empty());
  EXPECT_LE(raft_.deadline_ms(), now_ms_ + 500);

  const Effects appended = step(Propose{.epoch = 6, .records = Slice::view("x"), .count = 2});
  ASSERT_EQ(appended.answers.size(), 1u);
  EXPECT_EQ(appended.answers[0].token, 72u);
  EXPECT_EQ(std::get<FetchAnswer>(appended.answers[0].answer).read_to, 13);

  waiting.position = {6, 13};
  EXPECT_TRUE(step(Received{73, waiting}).answers.empty());
  now_ms_ += 499;
  EXPECT_TRUE(step(Tick{}).answers.empty());
  now_ms_ += 1;
  EXPECT_EQ(step(Tick{}).answers.at(0).token, 73u);

  EXPECT_TRUE(step(Received{74, waiting}).answers.empty());
  EXPECT_EQ(step(Received{75, waiting}).answers.at(0).token, 74u);  // it has sent another one
  step(Abandoned{75});
  now_ms_ += 500;
  EXPECT_TRUE(step(Tick{}).answers.empty());
}

TEST_F(PeerTest, ALeaderThatGoesAnswersWhoeverWaits) {
  lead();
  FetchRequest waiting = fetch({6, 11});
  waiting.max_wait_ms = 500;
  step(Received{70, waiting});
  const Effects deposed = step(Received{71, vote(3, 7, {6, 11})});
  ASSERT_EQ(deposed.answers.size(), 2u);
  EXPECT_EQ(deposed.answers[0].token, 70u);
  const auto& head = std::get<FetchAnswer>(deposed.answers[0].answer).result.head;
  EXPECT_EQ(head.error, ErrorCode::not_leader_or_follower);
  EXPECT_EQ(head.epoch, 7);
}

TEST_F(PeerTest, AFollowerFetchesOnWhenAllIsDurable) {
  const SentRequest sent = follow();
  EXPECT_EQ(std::get<FetchRequest>(sent.request).position, (LogEnd{4, 10}));
  const Effects effects = step(Replied{sent.request_id, records({batch(10, 12), batch(13, 13)}, 12)});
  EXPECT_EQ(effects.append.size(), 2u);
  EXPECT_EQ(effects.high_watermark, 12);
  EXPECT_TRUE(effects.send.empty());
  const Effects flushed = step(*effects.flush);
  ASSERT_EQ(flushed.send.size(), 1u);
  EXPECT_EQ(std::get<FetchRequest>(flushed.send[0].request).position, (LogEnd{6, 14}));
}

TEST_F(PeerTest, AFollowerBelievesNoHighWatermarkBeyondItsEnd) {
  const SentRequest sent = follow();
  EXPECT_EQ(step(Replied{sent.request_id, records({batch(10, 10)}, 99)}).high_watermark, 11);
}

class BadReplies : public PeerTest, public testing::WithParamInterface<FetchReply> {};

TEST_P(BadReplies, ChangeNothingAndAreToldOf) {
  SentRequest sent = follow();
  const Effects good = step(Replied{sent.request_id, records({batch(10, 12)}, 12)});
  const Effects next = step(*good.flush);
  const Effects effects = step(Replied{next.send.at(0).request_id, GetParam()});
  EXPECT_EQ(effects.warnings.size(), 1u);
  EXPECT_TRUE(effects.append.empty());
  EXPECT_FALSE(effects.truncate_to);
  EXPECT_FALSE(effects.high_watermark);
  EXPECT_TRUE(effects.send.empty());  // not at once
  EXPECT_EQ(raft_.log().end(), (LogEnd{6, 13}));
  now_ms_ += 100;
  EXPECT_EQ(step(Tick{}).send.size(), 1u);
}

FetchReply bad(std::vector<ReceivedBatch> batches, std::optional<LogEnd> diverging = {},
               std::optional<LogEnd> snapshot = {}) {
  return {{.head = {.epoch = 6, .leader_id = 2},
           .high_watermark = 99,
           .diverging = diverging,
           .snapshot = snapshot},
          std::move(batches)};
}

INSTANTIATE_TEST_SUITE_P(
    Raft, BadReplies,
    testing::Values(bad({{.epoch = 6, .base_offset = 14, .last_offset = 14}}),  // a gap
                    bad({{.epoch = 6, .base_offset = 12, .last_offset = 14}}),  // again
                    bad({{.epoch = 6, .base_offset = 13, .last_offset = 12}}),  // nothing
                    bad({{.epoch = 5, .base_offset = 13, .last_offset = 13}}),  // older
                    bad({{.epoch = 7, .base_offset = 13, .last_offset = 13}}),  // too new
                    bad({{.epoch = 6, .base_offset = 13, .last_offset = 13},
                         {.epoch = 6, .base_offset = 15, .last_offset = 15}}),
                    bad({}, LogEnd{6, 11}),                // below what is committed
                    bad({}, LogEnd{-1, -1}),               // the same
                    bad({}, LogEnd{6, 13}),                // no difference
                    bad({}, std::nullopt, LogEnd{6, 13}),  // it has that
                    bad({}, std::nullopt, LogEnd{5, 90}),  // older
                    bad({}, std::nullopt, LogEnd{7, 90}),  // from no epoch there has been
                    bad({}, std::nullopt, LogEnd{6, -1})));

TEST_F(PeerTest, ALeaderSaysItselfThatItGaveUp) {
  const SentRequest sent = follow();
  const FetchReply reply{{.head = {.error = ErrorCode::not_leader_or_follower, .epoch = 6, .leader_id = 2}}};
  const Effects effects = step(Replied{sent.request_id, reply});
  EXPECT_EQ(effects.leadership, (Leadership{.epoch = 6}));
  EXPECT_TRUE(std::holds_alternative<Unattached>(raft_.role()));
  // Whoever has not heard of it may name it still.
  step(Received{90, BeginEpochRequest{.leader_id = 2, .epoch = 6}});
  EXPECT_TRUE(std::holds_alternative<Unattached>(raft_.role()));
  EXPECT_FALSE(granted(vote(3, 6)));
}

TEST_F(PeerTest, TwoLeadersOfOneEpochCannotBe) {
  follow();
  const Effects effects = step(Received{90, BeginEpochRequest{.leader_id = 3, .epoch = 6}});
  EXPECT_EQ(effects.warnings.size(), 1u);
  EXPECT_EQ(raft_.leader_id(), 2);
}

TEST_F(PeerTest, ASnapshotThatIsGoneIsNotWaitedFor) {
  const SentRequest sent = follow();
  FetchReply to_snapshot = records({});
  to_snapshot.result.snapshot = LogEnd{5, 50};
  Effects effects = step(Replied{sent.request_id, to_snapshot});
  ASSERT_EQ(effects.send.size(), 1u);
  EXPECT_EQ(std::get<FetchSnapshotRequest>(effects.send[0].request).snapshot, (LogEnd{5, 50}));
  const FetchSnapshotReply gone{.head = {.error = ErrorCode::snapshot_not_found, .epoch = 6, .leader_id = 2}};
  step(Replied{effects.send[0].request_id, gone});
  now_ms_ += 100;
  effects = step(Tick{});
  EXPECT_TRUE(std::holds_alternative<FetchRequest>(effects.send.at(0).request));
}

TEST_F(PeerTest, ASnapshotArrivesInParts) {
  const SentRequest sent = follow();
  FetchReply to_snapshot = records({});
  to_snapshot.result.snapshot = LogEnd{5, 50};
  Effects effects = step(Replied{sent.request_id, to_snapshot});
  const auto part = [](int64_t position, std::string_view text) {
    return FetchSnapshotReply{{.epoch = 6, .leader_id = 2}, {5, 50}, position, 5, Slice::view(text)};
  };
  effects = step(Replied{effects.send.at(0).request_id, part(0, "abc")});
  EXPECT_FALSE(effects.snapshot->last);
  EXPECT_EQ(std::get<FetchSnapshotRequest>(effects.send.at(0).request).position, 3);
  effects = step(Replied{effects.send.at(0).request_id, part(3, "de")});
  EXPECT_TRUE(effects.snapshot->last);
  EXPECT_EQ(effects.snapshot->position, 3);
  EXPECT_TRUE(effects.send.empty());
  effects = step(SnapshotInstalled{.id = {5, 50}});
  EXPECT_EQ(effects.high_watermark, 50);
  EXPECT_EQ(std::get<FetchRequest>(effects.send.at(0).request).position, (LogEnd{5, 50}));
}

}  // namespace
}  // namespace kt::raft
