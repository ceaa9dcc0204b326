#pragma once
#include <cstdint>
#include <optional>
#include <span>

namespace kt::log {

struct LogConfig;

/// A sealed segment, to the planner.
struct SegmentSummary {
  int64_t base_offset = 0;
  uint64_t bytes = 0;
  int64_t largest_timestamp_ms = -1;  // the file's time when no batch has one
  int64_t first_timestamp_ms = -1;    // of the first batch; -1: none
};

/// What the planner knows of a log.
struct CleaningInput {
  std::span<const SegmentSummary> sealed;  // ascending
  int64_t log_start_offset = 0, end_offset = 0;
  int64_t active_base_offset = 0;
  int64_t limit_offset = 0;  // nothing is cleaned at or beyond it: last stable offset, recovery point
  std::optional<int64_t> clean_offset;  // as checkpointed: before it the log is clean
  int64_t now_ms = 0;
};

/// What of a log can be compacted now (KIP-58, KIP-354).
struct CleaningPlan {
  uint64_t generation = 0;               // of the log that was looked at
  int64_t first_dirty_offset = 0;        // to be written to the checkpoint when it is another one
  int64_t first_uncleanable_offset = 0;  // where a segment begins that has to wait, or the active one
  uint64_t clean_bytes = 0, cleanable_bytes = 0;
  double dirty_ratio = 0;
  bool is_due = false;  // dirty enough, or waiting for too long
  bool can_clean() const { return cleanable_bytes > 0; }
};

CleaningPlan plan_cleaning(const CleaningInput& input, const LogConfig& config);

}  // namespace kt::log
