// Replicas that left an ISR which had become too small stay eligible to lead (KIP-966).
#include "tests/unit/node/replication_fixture.h"

namespace kt::node {
namespace {

class EligibleLeaders : public Replication {
 protected:
  void SetUp() override {
    start_three(1);
    wire::CreateTopicsRequest request;
    request.topics.push_back({.name = "t", .num_partitions = -1, .replication_factor = -1});
    request.topics[0].assignments.push_back({.partition_index = 0, .broker_ids = {2, 3}});
    const auto response = ask<wire::CreateTopicsResponse>(1, request);
    ASSERT_TRUE(response) << response.error().message;
    ASSERT_EQ(response->topics.at(0).error_code, ErrorCode::none);
    for (int32_t id = 1; id <= 3; ++id) ask_until([&] { return leader(id) == 2; }, "it is not known");
  }
};

// It used to lead, without a record, as the last that had been in sync.
TEST_F(EligibleLeaders, WhoHasLostItsDiskDoesNotLead) {
  ASSERT_EQ(produce(2, "a"), ErrorCode::none);
  stop(2);
  ask_until([&] { return leader(1) == 3; }, "nobody else leads");
  EXPECT_EQ(isr(1), std::vector<int32_t>{3});
  kill(3);
  wipe(3);
  start(3);
  wait_until_serving(3);
  EXPECT_EQ(leader(1), -1);
  start(2);
  wait_until_serving(2);
  ask_until([&] { return leader(2) == 2; }, "who has the records does not lead");
  ask_until([&] { return isr(2) == (std::vector<int32_t>{2, 3}); }, "the other does not come back");
  EXPECT_EQ(committed(2), 1);
}

}  // namespace
}  // namespace kt::node
