#include "libbroker/log/cleaning_plan.h"

#include <algorithm>
#include <limits>

#include "libbroker/log/log_config.h"

namespace kt::log {

CleaningPlan plan_cleaning(const CleaningInput& input, const LogConfig& config) {
  CleaningPlan plan;
  plan.first_dirty_offset = input.clean_offset.value_or(input.log_start_offset);
  const bool is_in_log =
      plan.first_dirty_offset >= input.log_start_offset && plan.first_dirty_offset <= input.end_offset;
  if (!is_in_log) plan.first_dirty_offset = input.log_start_offset;

  // The dirty part begins in the segment of its first offset and ends before the first segment that has to
  // wait.
  const int64_t limit_offset = std::min(input.limit_offset, input.active_base_offset);
  plan.first_uncleanable_offset = std::max(input.active_base_offset, plan.first_dirty_offset);
  int64_t oldest_ms = std::numeric_limits<int64_t>::max();
  for (auto segment = input.sealed.begin(); segment != input.sealed.end(); ++segment) {
    const auto next = segment + 1;
    const int64_t end_offset = next == input.sealed.end() ? input.active_base_offset : next->base_offset;
    const bool is_dirty = end_offset > plan.first_dirty_offset;
    const bool is_too_young = is_dirty && config.min_compaction_lag_ms > 0 &&
                              segment->largest_timestamp_ms > input.now_ms - config.min_compaction_lag_ms;
    if (end_offset > limit_offset || is_too_young) {
      plan.first_uncleanable_offset = std::max(segment->base_offset, plan.first_dirty_offset);
      break;
    }
    if (!is_dirty) {
      plan.clean_bytes += segment->bytes;
      continue;
    }
    plan.cleanable_bytes += segment->bytes;
    if (segment->first_timestamp_ms > 0) oldest_ms = std::min(oldest_ms, segment->first_timestamp_ms);
  }
  const uint64_t total_bytes = plan.clean_bytes + plan.cleanable_bytes;
  if (total_bytes > 0)
    plan.dirty_ratio = static_cast<double>(plan.cleanable_bytes) / static_cast<double>(total_bytes);
  const bool has_waited = oldest_ms < input.now_ms - config.max_compaction_lag_ms;
  plan.is_due = plan.can_clean() && (has_waited || plan.dirty_ratio > config.min_cleanable_dirty_ratio);
  return plan;
}

}  // namespace kt::log
