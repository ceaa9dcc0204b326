#pragma once
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/group/coordinator.h"
#include "libbroker/wire/consumer_protocol.h"
#include "libbroker/wire/encoder.h"

namespace kt::group {

inline Slice subscription(std::vector<std::string> topics) {
  wire::ConsumerProtocolSubscription message;
  message.topics = std::move(topics);
  wire::Encoder encoder(1, false);
  int16_t version = 1;
  encoder.value(version);
  encoder.value(message);
  return Slice::own(encoder.take_bytes());
}

/// Carries out steps at once and remembers every answer by its token.
class Driver {
 public:
  explicit Driver(Options options = {.initial_rebalance_delay_ms = 0})
      : options_(options), groups_(std::make_unique<Coordinator>(options, 1)) {}

  using Protocols = std::vector<wire::JoinGroupRequest::JoinGroupRequestProtocol>;
  Token join(std::string member_id, std::string instance = "", int16_t version = 5) {
    return join_with({{"range", subscription({"t"})}}, std::move(member_id), std::move(instance), version);
  }
  Token join_with(Protocols protocols, std::string member_id, std::string instance = "",
                  int16_t version = 5) {
    wire::JoinGroupRequest request;
    request.group_id = "g";
    request.session_timeout_ms = 10'000;
    request.rebalance_timeout_ms = rebalance_timeout_ms;
    request.member_id = std::move(member_id);
    if (!instance.empty()) request.group_instance_id = instance;
    request.protocol_type = "consumer";
    request.protocols = std::move(protocols);
    carry_out(groups_->join(request, {"client", "/127.0.0.1", version}, ++token_, now));
    return token_;
  }
  Token sync(const std::string& member_id, int32_t generation,
             std::map<std::string, std::string> assignments = {}) {
    wire::SyncGroupRequest request{.group_id = "g", .generation_id = generation, .member_id = member_id};
    for (auto& [id, text] : assignments) request.assignments.push_back({id, Slice::copy(text)});
    carry_out(groups_->sync(request, ++token_, now));
    return token_;
  }
  ErrorCode heartbeat(const std::string& member_id, int32_t generation) {
    carry_out(groups_->heartbeat({.group_id = "g", .generation_id = generation, .member_id = member_id},
                                 ++token_, now));
    return get<wire::HeartbeatResponse>(token_).error_code;
  }
  void leave(const std::string& member_id) {
    carry_out(groups_->leave({.group_id = "g", .member_id = "", .members = {{.member_id = member_id}}}, 3,
                             ++token_, now));
  }
  ErrorCode commit(int64_t offset, const std::string& member_id = "", int32_t generation = -1) {
    wire::OffsetCommitRequest request{
        .group_id = "g", .generation_id_or_member_epoch = generation, .member_id = member_id};
    request.topics = {
        {.name = "t",
         .partitions = {{.partition_index = 0, .committed_offset = offset, .committed_metadata = metadata}}}};
    carry_out(groups_->commit(request, 8, [this](auto&, auto) { return refused; }, ++token_, now));
    return get<wire::OffsetCommitResponse>(token_).topics[0].partitions[0].error_code;
  }
  ErrorCode delete_offset(const std::string& topic) {
    wire::OffsetDeleteRequest request{.group_id = "g"};
    request.topics = {{.name = topic, .partitions = {{.partition_index = 0}}}};
    carry_out(groups_->delete_offsets(request, [](auto&, auto) { return ErrorCode::none; }, ++token_, now));
    const auto& answer = get<wire::OffsetDeleteResponse>(token_);
    if (answer.error_code != ErrorCode::none) return answer.error_code;
    return answer.topics.at(0).partitions.at(0).error_code;
  }
  ErrorCode delete_group() {
    carry_out(groups_->delete_group("g", ++token_, now));
    return get<GroupDeleted>(token_).error_code;
  }
  int64_t committed() const {
    const auto group =
        groups_->fetch_offsets({.group_id = "g", .topics = {{{.name = "t", .partition_indexes = {0}}}}});
    return group.topics.at(0).partitions.at(0).committed_offset;
  }
  void advance(int64_t ms) {
    now.wall_ms += ms;
    now.steady_ms += ms;
    for (Step& step : groups_->tick(now)) carry_out(std::move(step));
  }
  void load_done() { groups_->loaded(now); }
  void topic_deleted(const std::string& topic) {
    for (Step& step : groups_->topic_deleted(topic, now)) carry_out(std::move(step));
  }
  void expire() {
    for (Step& step : groups_->expire_offsets(now)) carry_out(std::move(step));
  }
  /// A new coordinator that has read the log.
  void fail_over() { fail_over(options_); }
  /// One of other settings.
  void fail_over(Options options) {
    options_ = options;
    groups_ = std::make_unique<Coordinator>(options_, 2);
    for (const Record& record : log) groups_->apply(record, now);
  }

  template <class A>
  const A& get(Token token) const {
    return std::get<A>(answers.at(token));
  }
  const wire::JoinGroupResponse& joined(Token token) const { return get<wire::JoinGroupResponse>(token); }
  /// The newest answer of all.
  template <class A>
  const A& last() const {
    return get<A>(token_);
  }
  wire::DescribeGroupsResponse::DescribedGroup describe() const { return groups_->describe("g", 5); }
  std::string state() const { return groups_->describe("g", 5).group_state; }
  /// A member that has joined, alone in its group.
  std::string stable_member() {
    const std::string id = joined(join("")).member_id;
    join(id);
    sync(id, 1, {{id, "all"}});
    return id;
  }

  /// The same, with another: in generation 2, which nobody has synced.
  std::pair<std::string, std::string> two_members() {
    const std::string first = stable_member();
    const std::string second = joined(join("")).member_id;
    join(second);
    join(first);
    return {first, second};
  }

  std::map<Token, Answer> answers;
  std::vector<Record> log;
  ErrorCode append_error = ErrorCode::none, refused = ErrorCode::none;
  std::string metadata;
  int32_t rebalance_timeout_ms = 30'000;
  Now now{.wall_ms = 1'700'000'000'000, .steady_ms = 1'000'000};

 private:
  void carry_out(Step step) {
    if (append_error != ErrorCode::none && !step.records.empty())
      step = groups_->append_failed(std::move(step), append_error, now);
    for (const Record& record : step.records) {
      log.push_back(record);
      groups_->apply(record, now);
    }
    for (auto& [token, answer] : step.answers) {
      EXPECT_FALSE(answers.contains(token)) << "answered twice: " << token;
      answers.emplace(token, std::move(answer));
    }
  }

  Options options_;
  std::unique_ptr<Coordinator> groups_;
  Token token_ = 0;
};

}  // namespace kt::group
