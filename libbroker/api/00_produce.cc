// Produce, key 0: appends record batches (semantics P1-P18).
#include "libbroker/wire/00_produce.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/leader_hints.h"
#include "libbroker/api/topics.h"
#include "libbroker/record/batch.h"

namespace kt::api {
namespace {

constexpr size_t copied_by_log_bytes_max = 4096, held_by_part_max = 4;
constexpr int16_t zstd_since = 7, leader_hints_since = 10, topic_ids_since = 13;
constexpr std::string_view admin_client_id = "__admin_client";  // may write to internal topics

using Request = wire::ProduceRequest;
using Response = wire::ProduceResponse;

/// A request with acks=all whose batches are in the log and not yet committed. While it waits, its timer owns
/// it.
class PendingProduce final : public Waiter, public std::enable_shared_from_this<PendingProduce> {
 public:
  struct Part {
    std::shared_ptr<Partition> partition;
    int64_t end_offset;
    int32_t leader_epoch;                 // it was appended in
    size_t topic_index, partition_index;  // in the response
  };
  PendingProduce(Loop& loop, Answer<Response> answer, LeaderHints hints, Response response,
                 std::vector<Part> parts, bool is_misdirected)
      : Waiter(loop),
        answer_(std::move(answer)),
        hints_(std::move(hints)),
        response_(std::move(response)),
        parts_(std::move(parts)),
        is_misdirected_(is_misdirected) {}

  void start(int64_t timeout_ms) {
    wake();
    if (!is_answered_) timer_ = loop().after(timeout_ms, [self = shared_from_this()] { self->give_up(); });
  }

  void wake() override {
    if (is_answered_) return;
    std::erase_if(parts_, [this](const Part& part) {
      const auto commit =
          part.partition->wait_for_commit(part.end_offset, part.leader_epoch, weak_from_this());
      if (commit && *commit == Partition::Commit::pending) return false;
      if (!commit) fail_part(part, commit.error().code);
      return true;
    });
    if (parts_.empty()) finish();
  }

 private:
  void fail_part(const Part& part, ErrorCode code) {
    auto& topic = response_.responses[part.topic_index];
    auto& answered = topic.partition_responses[part.partition_index];
    answered.error_code = code;  // where it lies stays true
    is_misdirected_ |= code == ErrorCode::not_leader_or_follower;
    hints_.add(response_, answered, topic.name, topic.topic_id, answered.index);
  }
  // The records stay in the log; only the wait is over (P15).
  void give_up() {
    for (const Part& part : parts_) fail_part(part, ErrorCode::request_timed_out);
    finish();
  }
  void finish() {
    answer_.throttle(response_.throttle_time_ms);
    is_answered_ = true;
    if (!is_misdirected_ || !hints_.are_outrun()) answer_(response_);
    const auto self = shared_from_this();
    loop().cancel(timer_);
  }

  Answer<Response> answer_;
  const LeaderHints hints_;
  Response response_;
  std::vector<Part> parts_;
  bool is_misdirected_;  // somebody else leads one of its partitions
  Timers::Id timer_ = 0;
  bool is_answered_ = false;
};

/// Appends the batches of one request, one after the other.
class Appending {
 public:
  Appending(RequestContext& ctx, const Request& request, size_t request_bytes)
      : hints(ctx, leader_hints_since), ctx_(ctx), request_(request), request_bytes_(request_bytes) {}

  void append_all() {
    for (const auto& topic : request_.topic_data) {
      auto& answered = response.responses.emplace_back();
      const metadata::Topic* known = find(topic);
      answered.name = known && topic.name.empty() ? known->name : topic.name;
      answered.topic_id = topic.topic_id;
      const ErrorCode refused = refusal(known, answered.name);
      for (const auto& partition : topic.partition_data) {
        auto& result = answered.partition_responses.emplace_back();
        result.index = partition.index;
        result.error_code = refused;
        result.base_offset = -1;
        if (refused == ErrorCode::none) append(*known, partition, result);
        if (result.error_code == ErrorCode::none) continue;
        has_errors = true;
        is_misdirected |= result.error_code == ErrorCode::not_leader_or_follower;
        hints.add(response, result, answered.name, topic.topic_id, partition.index);
      }
    }
  }

  Response response;
  LeaderHints hints;
  std::vector<PendingProduce::Part> uncommitted;
  bool has_errors = false, is_misdirected = false;

 private:
  const metadata::Topic* find(const Request::TopicProduceData& topic) const {
    return ctx_.version() >= topic_ids_since ? ctx_.image->topic(topic.topic_id)
                                             : ctx_.image->topic(topic.name);
  }

  ErrorCode refusal(const metadata::Topic* known, const std::string& name) const {
    const bool by_id = ctx_.version() >= topic_ids_since;
    if (by_id && !known) return ErrorCode::unknown_topic_id;
    if (!ctx_.allowed(Operation::write, ResourceType::topic, name))
      return ErrorCode::topic_authorization_failed;
    if (!known) return ErrorCode::unknown_topic_or_partition;
    if (metadata::is_internal_topic(name) && ctx_.header.client_id != admin_client_id)
      return ErrorCode::invalid_topic_exception;
    const bool knows_acks = request_.acks >= -1 && request_.acks <= 1;
    return knows_acks ? ErrorCode::none : ErrorCode::invalid_required_acks;
  }

  void append(const metadata::Topic& topic, const Request::PartitionProduceData& data,
              Response::PartitionProduceResponse& result) {
    const auto partition = ctx_.broker.find_partition(topic.id, data.index);
    if (!partition) {
      result.error_code =
          topic.partition(data.index) ? partition.error().code : ErrorCode::unknown_topic_or_partition;
      return;
    }
    auto appended = (*partition)
                        ->append(kept(data.records.slice()),
                                 {.acks = request_.acks, .zstd_allowed = ctx_.version() >= zstd_since});
    if (!appended) {
      result.error_code = appended.error().error.code;
      // Kafka says it of single records only; clients print it in place of their own words for the code.
      if (!appended.error().error.message.empty())
        result.error_message = std::move(appended.error().error.message);
      for (auto& bad : appended.error().record_errors) {
        result.record_errors.push_back(
            {.batch_index = bad.index, .batch_index_error_message = std::move(bad.message)});
      }
      if (appended.error().end_offset >= 0)
        wait_for_commit(*partition, appended.error().end_offset, appended.error().leader_epoch);
      return;
    }
    result.base_offset = appended->base_offset;
    result.log_append_time_ms = appended->log_append_time_ms;
    result.log_start_offset = appended->log_start_offset;
    wait_for_commit(*partition, appended->end_offset, appended->leader_epoch);
  }

  /// A log keeps what was appended last in memory, and with it all of the request that it came in. Of a large
  /// one, a small part is copied: else a log that counts little holds what many may send.
  Slice kept(const Slice& records) const {
    const bool is_small_part =
        records.size() > copied_by_log_bytes_max && records.size() < request_bytes_ / held_by_part_max;
    return is_small_part ? Slice::copy(records.bytes) : records;
  }

  /// The partition that was answered last waits.
  void wait_for_commit(std::shared_ptr<Partition> partition, int64_t end_offset, int32_t leader_epoch) {
    uncommitted.push_back({std::move(partition), end_offset, leader_epoch, response.responses.size() - 1,
                           response.responses.back().partition_responses.size() - 1});
  }

  RequestContext& ctx_;
  const Request& request_;
  const size_t request_bytes_;
};

bool has_transactional_records(const Request& request) {
  return std::ranges::any_of(request.topic_data, [](const auto& topic) {
    return std::ranges::any_of(topic.partition_data, [](const auto& partition) {
      const auto first = record::BatchHeader::parse(partition.records.slice().bytes);
      return first && first->is_transactional();
    });
  });
}

/// Nothing could ever end a transaction here, and its first record would hold back all who read committed
/// ones.
Response refusal_of_transactions(const Request& request) {
  Response response;
  for (const auto& topic : request.topic_data) {
    auto& answered = response.responses.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    for (const auto& partition : topic.partition_data) {
      auto& result = answered.partition_responses.emplace_back();
      result.index = partition.index;
      result.error_code = ErrorCode::transactional_id_authorization_failed;
      result.base_offset = -1;
      result.error_message = "kt has no transaction coordinator yet";
    }
  }
  return response;
}

}  // namespace

void handle_produce(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<Request>(body, ctx.version());
  if (has_transactional_records(request)) {
    if (request.acks == 0) return;  // as below: the dropped reply closes the connection
    return answer(ctx, std::move(reply), refusal_of_transactions(request));
  }
  Appending appending(ctx, request, body.size());
  appending.append_all();
  appending.response.throttle_time_ms =
      ctx.charge(QuotaKind::produce_bytes, static_cast<int64_t>(ctx.header.bytes + body.size()));
  Answer<Response> answer(ctx, std::move(reply));
  if (request.acks == 0) {
    answer.throttle(appending.response.throttle_time_ms);
    if (!appending.has_errors) answer.without_answer();
    return;  // with errors: the dropped reply closes the connection, the only sign such a producer can get
             // (P13)
  }
  if (request.acks == 1 || appending.uncommitted.empty()) {
    if (appending.is_misdirected && appending.hints.are_outrun()) return;  // the connection ends
    answer.throttle(appending.response.throttle_time_ms);
    return answer(appending.response);
  }
  std::make_shared<PendingProduce>(ctx.loop, std::move(answer), std::move(appending.hints),
                                   std::move(appending.response), std::move(appending.uncommitted),
                                   appending.is_misdirected)
      ->start(std::max(0, request.timeout_ms));
}

}  // namespace kt::api
