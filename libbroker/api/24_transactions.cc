// AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, TxnOffsetCommit, DescribeTransactions, ListTransactions, keys
// 24 to 26, 28, 65 and 66: this broker coordinates no transactional id, and FindCoordinator says that none
// does.
#include <algorithm>
#include <string_view>

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/topics.h"
#include "libbroker/wire/24_add_partitions_to_txn.h"
#include "libbroker/wire/25_add_offsets_to_txn.h"
#include "libbroker/wire/26_end_txn.h"
#include "libbroker/wire/28_txn_offset_commit.h"
#include "libbroker/wire/65_describe_transactions.h"
#include "libbroker/wire/66_list_transactions.h"

namespace kt::api {
namespace {

using AddPartitions = wire::AddPartitionsToTxnRequest;
using AddPartitionsResponse = wire::AddPartitionsToTxnResponse;
constexpr int16_t from_brokers_since = 4;  // AddPartitionsToTxn

bool may_write_as(const RequestContext& ctx, std::string_view transactional_id) {
  return ctx.allowed(Operation::write, ResourceType::transactional_id, transactional_id);
}

// Asked only of versions that come from clients.
ErrorCode refusal_of_topic(const RequestContext& ctx, const std::string& topic, int32_t partition,
                           bool from_client) {
  const bool may_write =
      !metadata::is_internal_topic(topic) && ctx.allowed(Operation::write, ResourceType::topic, topic);
  if (from_client && !may_write) return ErrorCode::topic_authorization_failed;
  return has_partition(*ctx.image, topic, partition) ? ErrorCode::none
                                                     : ErrorCode::unknown_topic_or_partition;
}

// One refused partition is enough for none to be tried.
std::vector<AddPartitionsResponse::AddPartitionsToTxnTopicResult> add_partitions(
    const RequestContext& ctx, std::string_view transactional_id,
    const std::vector<AddPartitions::AddPartitionsToTxnTopic>& topics) {
  const bool from_client = ctx.version() < from_brokers_since;
  const bool is_refused = from_client && !may_write_as(ctx, transactional_id);
  std::vector<AddPartitionsResponse::AddPartitionsToTxnTopicResult> results;
  bool has_refused_topics = false;
  for (const auto& topic : topics) {
    auto& result = results.emplace_back();
    result.name = topic.name;
    for (const int32_t partition : topic.partitions) {
      const ErrorCode code = is_refused ? ErrorCode::transactional_id_authorization_failed
                                        : refusal_of_topic(ctx, topic.name, partition, from_client);
      result.results_by_partition.push_back({partition, code});
      has_refused_topics = has_refused_topics || code != ErrorCode::none;
    }
  }
  for (auto& topic : results) {
    for (auto& partition : topic.results_by_partition) {
      if (partition.partition_error_code != ErrorCode::none) continue;
      partition.partition_error_code =
          has_refused_topics ? ErrorCode::operation_not_attempted : ErrorCode::not_coordinator;
    }
  }
  return results;
}

}  // namespace

void handle_add_partitions_to_txn(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<AddPartitions>(body, ctx.version());
  AddPartitionsResponse response;
  if (ctx.version() < from_brokers_since) {
    response.results_by_topic_v3_and_below =
        add_partitions(ctx, request.v3_and_below_transactional_id, request.v3_and_below_topics);
  } else if (!ctx.allowed_on_cluster(Operation::cluster_action)) {
    response.error_code = ErrorCode::cluster_authorization_failed;
  } else {
    for (const auto& transaction : request.transactions) {
      response.results_by_transaction.push_back(
          {transaction.transactional_id,
           add_partitions(ctx, transaction.transactional_id, transaction.topics)});
    }
  }
  answer(ctx, std::move(reply), response);
}

void handle_add_offsets_to_txn(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::AddOffsetsToTxnRequest>(body, ctx.version());
  wire::AddOffsetsToTxnResponse response;
  if (!may_write_as(ctx, request.transactional_id))
    response.error_code = ErrorCode::transactional_id_authorization_failed;
  else if (!ctx.allowed(Operation::read, ResourceType::group, request.group_id))
    response.error_code = ErrorCode::group_authorization_failed;
  else
    response.error_code = ErrorCode::not_coordinator;
  answer(ctx, std::move(reply), response);
}

void handle_end_txn(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::EndTxnRequest>(body, ctx.version());
  wire::EndTxnResponse response;
  response.error_code = may_write_as(ctx, request.transactional_id)
                            ? ErrorCode::not_coordinator
                            : ErrorCode::transactional_id_authorization_failed;
  answer(ctx, std::move(reply), response);
}

void handle_txn_offset_commit(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::TxnOffsetCommitRequest>(body, ctx.version());
  ErrorCode refused = ErrorCode::none;
  if (!may_write_as(ctx, request.transactional_id))
    refused = ErrorCode::transactional_id_authorization_failed;
  else if (!ctx.allowed(Operation::read, ResourceType::group, request.group_id))
    refused = ErrorCode::group_authorization_failed;
  wire::TxnOffsetCommitResponse response;
  for (const auto& topic : request.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    const bool may_read = ctx.allowed(Operation::read, ResourceType::topic, topic.name);
    for (const auto& partition : topic.partitions) {
      ErrorCode code = refused;
      if (code == ErrorCode::none && !may_read) code = ErrorCode::topic_authorization_failed;
      if (code == ErrorCode::none && !has_partition(*ctx.image, topic.name, partition.partition_index)) {
        code = ErrorCode::unknown_topic_or_partition;
      }
      answered.partitions.push_back(
          {partition.partition_index, code == ErrorCode::none ? ErrorCode::not_coordinator : code});
    }
  }
  answer(ctx, std::move(reply), response);
}

void handle_describe_transactions(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::DescribeTransactionsRequest>(body, ctx.version());
  wire::DescribeTransactionsResponse response;
  for (const std::string& id : request.transactional_ids) {
    auto& state = response.transaction_states.emplace_back();
    state.transactional_id = id;
    if (!ctx.allowed(Operation::describe, ResourceType::transactional_id, id))
      state.error_code = ErrorCode::transactional_id_authorization_failed;
    else
      state.error_code = id.empty() ? ErrorCode::invalid_request : ErrorCode::not_coordinator;
  }
  answer(ctx, std::move(reply), response);
}

void handle_list_transactions(RequestContext& ctx, const Slice& body, net::Reply reply) {
  constexpr std::string_view states[] = {"Ongoing",        "PrepareCommit",    "PrepareAbort",
                                         "CompleteCommit", "CompleteAbort",    "Empty",
                                         "Dead",           "PrepareEpochFence"};
  const auto request = wire::decode<wire::ListTransactionsRequest>(body, ctx.version());
  wire::ListTransactionsResponse response;
  for (const std::string& state : request.state_filters) {
    if (std::ranges::find(states, state) == std::end(states)) response.unknown_state_filters.push_back(state);
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
