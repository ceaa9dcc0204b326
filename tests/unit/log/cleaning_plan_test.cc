#include "libbroker/log/cleaning_plan.h"

#include <gtest/gtest.h>

#include <vector>

#include "libbroker/log/log_config.h"

namespace kt::log {
namespace {

class Plan : public testing::Test {
 protected:
  CleaningPlan plan() {
    input_.sealed = sealed_;
    return plan_cleaning(input_, config_);
  }
  std::vector<SegmentSummary> sealed_ = {{0, 100, 1000, 900}, {10, 100, 2000, 1900}, {20, 100, 3000, 2900}};
  CleaningInput input_{.end_offset = 35, .active_base_offset = 30, .limit_offset = 35, .now_ms = 10'000};
  LogConfig config_{.cleanup_compact = true};
};

TEST_F(Plan, EverythingIsDirtyAtFirst) {
  EXPECT_EQ(plan().first_dirty_offset, 0);
  EXPECT_EQ(plan().first_uncleanable_offset, 30);
  EXPECT_EQ(plan().cleanable_bytes, 300u);
  EXPECT_EQ(plan().dirty_ratio, 1.0);
  EXPECT_TRUE(plan().is_due);
}

TEST_F(Plan, TheRatioDecides) {
  input_.clean_offset = 20;
  EXPECT_EQ(plan().clean_bytes, 200u);
  EXPECT_FALSE(plan().is_due);
  config_.min_cleanable_dirty_ratio = 0.3;
  EXPECT_TRUE(plan().is_due);
  input_.clean_offset = 30;
  config_.min_cleanable_dirty_ratio = 0;
  EXPECT_FALSE(plan().is_due);
  EXPECT_FALSE(plan().can_clean());
}

TEST_F(Plan, SegmentsWaitForTheLimitAndForTheLag) {
  input_.limit_offset = 29;
  EXPECT_EQ(plan().first_uncleanable_offset, 20);
  EXPECT_EQ(plan().cleanable_bytes, 200u);
  input_.limit_offset = 35;
  config_.min_compaction_lag_ms = 8000;
  EXPECT_EQ(plan().cleanable_bytes, 200u) << "2000 is old enough, 3000 is not";
  config_.min_compaction_lag_ms = 9001;
  EXPECT_FALSE(plan().can_clean());
}

TEST_F(Plan, WaitingTooLongIsDue) {
  input_.clean_offset = 20;
  config_.max_compaction_lag_ms = 7100;
  EXPECT_FALSE(plan().is_due) << "2900 is not yet 7100 ms ago";
  input_.now_ms = 10'001;
  EXPECT_TRUE(plan().is_due);
}

TEST_F(Plan, ACheckpointOutsideTheLogIsReset) {
  input_.log_start_offset = 10;
  sealed_.erase(sealed_.begin());
  for (const int64_t wrong : {9, 36}) {
    input_.clean_offset = wrong;
    EXPECT_EQ(plan().first_dirty_offset, 10);
  }
}

}  // namespace
}  // namespace kt::log
