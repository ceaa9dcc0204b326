// A broker without a transaction coordinator says so at once, and lets nobody begin what nobody could end.
#include <gtest/gtest.h>

#include "libbroker/record/batch_builder.h"
#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/02_list_offsets.h"
#include "libbroker/wire/10_find_coordinator.h"
#include "libbroker/wire/22_init_producer_id.h"
#include "libbroker/wire/65_describe_transactions.h"
#include "libbroker/wire/66_list_transactions.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

TEST(Transactions, ATransactionalIdIsRefusedForGood) {
  OneNode node;
  ASSERT_TRUE(node.start());
  wire::InitProducerIdRequest init;
  init.transactional_id = "x";
  EXPECT_EQ(node.ask<wire::InitProducerIdResponse>(init).error_code,
            ErrorCode::transactional_id_authorization_failed);
  wire::FindCoordinatorRequest find;
  find.key_type = 1;
  find.coordinator_keys = {"x"};
  const auto found = node.ask<wire::FindCoordinatorResponse>(find).coordinators.at(0);
  EXPECT_EQ(found.error_code, ErrorCode::transactional_id_authorization_failed);
  EXPECT_EQ(found.error_message, "kt has no transaction coordinator yet");
  wire::ListTransactionsRequest list;
  list.state_filters = {"Ongoing", "Strange"};
  const auto listed = node.ask<wire::ListTransactionsResponse>(list);
  EXPECT_TRUE(listed.transaction_states.empty());
  EXPECT_EQ(listed.unknown_state_filters, std::vector<std::string>{"Strange"});
  wire::DescribeTransactionsRequest describe;
  describe.transactional_ids = {"x", ""};
  const auto described = node.ask<wire::DescribeTransactionsResponse>(describe).transaction_states;
  EXPECT_EQ(described.at(0).error_code, ErrorCode::not_coordinator);
  EXPECT_EQ(described.at(1).error_code, ErrorCode::invalid_request);
}

TEST(Transactions, TransactionalRecordsDoNotHoldReadersBack) {
  OneNode node;
  ASSERT_TRUE(node.start());
  node.create_topic("t");
  record::BatchBuilder builder(
      {.producer_id = 7, .producer_epoch = 0, .base_sequence = 0, .is_transactional = true});
  builder.append({.timestamp = sim::SimClock::epoch_ms});
  wire::ProduceRequest produce;
  produce.acks = 1;
  produce.topic_data.emplace_back().name = "t";
  produce.topic_data[0].partition_data.push_back(
      {.index = 0, .records = {.pieces = {Slice::own(builder.build())}}});
  for (const bool names_itself : {false, true}) {
    if (names_itself) produce.transactional_id = "x";
    const auto refused =
        node.ask<wire::ProduceResponse>(produce, 12).responses.at(0).partition_responses.at(0);
    EXPECT_EQ(refused.error_code, ErrorCode::transactional_id_authorization_failed);
    EXPECT_EQ(refused.base_offset, -1);
  }
  produce.transactional_id.reset();
  produce.topic_data[0].partition_data[0].records = {.pieces = {batch_of({"plain"})}};
  EXPECT_EQ(node.ask<wire::ProduceResponse>(produce, 12).responses[0].partition_responses[0].error_code,
            ErrorCode::none);
  wire::ListOffsetsRequest last_stable;
  last_stable.replica_id = -1;
  last_stable.isolation_level = 1;
  last_stable.topics.emplace_back().name = "t";
  last_stable.topics[0].partitions.push_back({.partition_index = 0, .timestamp = -1});
  EXPECT_EQ(node.ask<wire::ListOffsetsResponse>(last_stable).topics[0].partitions[0].offset, 1);
}

}  // namespace
}  // namespace kt::node
