#include <algorithm>

#include "libbroker/base/assert.h"
#include "libbroker/base/disk.h"
#include "libbroker/log/cleaning.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/log.h"
#include "libbroker/log/open_files.h"

namespace kt::log {

std::vector<SegmentLook> Log::unknown_segments() const {
  std::vector<SegmentLook> unknown;
  for (const auto& [base_offset, segment] : segments_) {
    if (segment->is_active() || segment->knows_facts() || segment->has_unwritten_indexes()) continue;
    unknown.push_back({&services_.files, directory_, base_offset, generation_ + swaps_});
  }
  return unknown;
}

void Log::learn(const SegmentLook& look, const SegmentFacts& facts) {
  const auto found = segments_.find(look.base_offset);
  if (look.stamp != generation_ + swaps_ || found == segments_.end() || found->second->is_active()) return;
  found->second->learn(facts);
}

Result<CleaningPlan> Log::plan_cleaning(std::optional<int64_t> clean_offset, int64_t high_watermark,
                                        int64_t now_ms) {
  if (failure_) return fail(*failure_);
  std::vector<SegmentSummary> sealed;
  for (auto& [base_offset, segment] : segments_) {
    if (base_offset == segments_.rbegin()->first) break;
    const auto bytes = segment->size_bytes();
    if (!bytes) return fail(bytes.error());
    const auto largest_ms = segment->largest_timestamp_ms();
    if (!largest_ms) return fail(largest_ms.error());
    const auto first_ms = segment->first_timestamp();
    if (!first_ms) return fail(first_ms.error());
    sealed.push_back({base_offset, *bytes, *largest_ms, first_ms->value_or(-1)});
  }
  if (clean_offset && cut_to_) clean_offset = std::min(*clean_offset, *cut_to_);
  CleaningPlan plan = log::plan_cleaning(
      {.sealed = sealed,
       .log_start_offset = log_start_offset_,
       .end_offset = end_offset_,
       .active_base_offset = segments_.empty() ? end_offset_ : segments_.rbegin()->first,
       .limit_offset = services_.mutants.has(Mutant::cleaner_beyond_high_watermark)
                           ? recovery_point()
                           : std::min(last_stable_offset(high_watermark), recovery_point()),
       .clean_offset = clean_offset,
       .now_ms = now_ms},
      config_);
  plan.generation = generation_;
  return plan;
}

Result<std::unique_ptr<Cleaning>> Log::begin_cleaning(const CleaningPlan& plan, OffsetMap map,
                                                      int64_t now_ms) {
  KT_ASSERT(!is_cleaning_);
  if (failure_) return fail(*failure_);
  if (plan.generation != generation_)
    return fail(ErrorCode::offset_out_of_range, "the log was truncated after its cleaning had been planned");
  cut_to_.reset();  // the plan went by it
  Cleaning::Setup setup{
      .files = &services_.files, .directory = directory_, .config = config_, .generation = generation_};
  setup.first_dirty_offset = plan.first_dirty_offset;
  setup.now_ms = now_ms;
  setup.mutants = services_.mutants;
  for (auto segment = segments_.begin(); segment != segments_.end(); ++segment) {
    if (segment->first >= plan.first_uncleanable_offset) break;
    setup.sources.push_back({segment->first, end_offset_of(segment)});
  }
  // Their markers may lie beyond the sources. What is in files alone, the cleaning reads itself.
  for (auto segment = segments_.begin(); segment != segments_.end() && !setup.sources.empty(); ++segment) {
    if (!segment->second->knows_aborted()) {
      setup.unread_aborted.push_back(segment->first);
      continue;
    }
    (void)segment->second->collect_aborted(setup.sources.front().base_offset, setup.sources.back().end_offset,
                                           setup.aborted);
  }
  for (const record::ProducerSnapshot& producer : producers_.snapshot()) {
    const bool has_data = producer.last_offset >= 0;
    setup.last_records[producer.producer_id] = {has_data ? std::optional(producer.last_offset) : std::nullopt,
                                                producer.epoch};
  }
  is_cleaning_ = true;
  return std::unique_ptr<Cleaning>(new Cleaning(std::move(setup), std::move(map)));
}

bool Log::is_current(const Cleaning& cleaning) const { return cleaning.setup_.generation == generation_; }

Result<std::vector<std::string>> Log::swap_in(Cleaning& cleaning) {
  KT_ASSERT(cleaning.state() == Cleaning::State::group_ready);
  if (failure_) return fail(*failure_);
  if (is_closed_ || !is_current(cleaning))
    return fail(ErrorCode::offset_out_of_range, "the log was truncated or closed while it was being cleaned");
  const std::vector<int64_t> sources = cleaning.group();
  for (const int64_t base_offset : sources) KT_ASSERT(segments_.contains(base_offset));

  Disk& disk = services_.files.disk();
  const Segment& cleaned = *cleaning.cleaned_;
  std::vector<std::string> swaps, removed;  // final names
  bool has_aborted = false;
  for (const std::string_view suffix :
       {log_suffix, offset_index_suffix, time_index_suffix, txn_index_suffix}) {
    const auto there = disk.exists(cleaned.path(suffix));
    if (!there) return fail(there.error());
    if (!*there) continue;
    has_aborted |= suffix == txn_index_suffix;
    swaps.push_back(file_path(directory_, cleaned.base_offset(), suffix));
    if (auto done = disk.rename(cleaned.path(suffix), swaps.back() + std::string(swap_suffix)); !done)
      return fail_log(done.error());
  }
  for (const int64_t base_offset : sources) {
    auto renamed = segments_.at(base_offset)->rename_away(deleted_suffix);
    if (!renamed) return fail_log(renamed.error());
    removed.insert(removed.end(), renamed->begin(), renamed->end());
    segments_.erase(base_offset);
    if (base_offset == sources.front()) continue;  // the new segment's producers are the first source's
    auto snapshot = detach_snapshot(base_offset);
    if (!snapshot) return fail(std::move(snapshot.error()));
    if (*snapshot) removed.push_back(std::move(**snapshot));
  }
  for (const std::string& path : swaps) {
    if (auto done = disk.rename(path + std::string(swap_suffix), path); !done) return fail_log(done.error());
    services_.files.forget(path);
  }
  auto taken = std::make_unique<Segment>(services_.files, directory_, sources.front());
  if (!has_aborted) taken->learn_aborted({});
  segments_.emplace(sources.front(), std::move(taken));
  ++swaps_;
  // What memory has of the sources is not what the log has any more.
  const int64_t end_offset = cleaning.setup_.sources[cleaning.group_end_ - 1].end_offset;
  if (tail_.find(end_offset - 1) != tail_.end()) {
    uint64_t left = 0;
    for (auto batch = tail_.find(end_offset); batch != tail_.end(); ++batch) left += batch->bytes.size();
    tail_.shrink_to(left);
  }
  cleaning.next_group();
  return removed;
}

}  // namespace kt::log
