#include "libbroker/partition/follower.h"

#include <algorithm>

namespace kt::partition {

LogCut on_diverging(const record::LogEnd& diverging, const record::EpochCache& own, int64_t own_end,
                    Mutants mutants) {
  if (mutants.has(Mutant::partition_cuts_too_little))
    return {LogCut::Kind::truncate, std::max<int64_t>(0, std::min(own_end, diverging.offset))};
  // The end of the leader's epoch here, or of the largest one below it; none: this log has older ones only.
  const auto here = own.end_offset_for(diverging.epoch, own_end);
  int64_t offset = std::min(own_end, here ? here->offset : own_end);
  if (!here || here->epoch == diverging.epoch) offset = std::min(offset, diverging.offset);
  return {LogCut::Kind::truncate, std::max<int64_t>(0, offset)};
}

LogCut on_out_of_range(int64_t leader_start, int64_t leader_end, int64_t own_end) {
  if (leader_end < own_end) return {LogCut::Kind::truncate, leader_end};
  if (leader_start > own_end) return {LogCut::Kind::start_over, leader_start};
  return {};
}

LogCut on_earlier_batch(int64_t base_offset, int64_t last_offset, int64_t own_start, int64_t own_end) {
  const bool is_empty = own_start == own_end;
  if (!is_empty || base_offset >= own_end || last_offset < own_end) return {};
  return {LogCut::Kind::start_over, base_offset};
}

}  // namespace kt::partition
