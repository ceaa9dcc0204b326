#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libbroker/log/cleaning.h"
#include "libbroker/log/offset_map.h"
#include "libbroker/record/compression.h"
#include "tests/unit/log/log_fixture.h"

namespace kt::log {

/// A compacted log: what is put into it, cleaned, and left.
class Cleaner : public LogFixture {
 protected:
  Cleaner() {
    config_.cleanup_delete = false;
    config_.cleanup_compact = true;
  }
  void put(Log& log, const std::string& key, std::optional<std::string> value, record::Codec codec = record::Codec::none) {
    record::BatchBuilder builder({.codec = codec});
    add(builder, key, value);
    ASSERT_TRUE(log.append(Slice::own(builder.build()), {.leader_epoch = 4, .now_ms = now_ms_}));
  }
  void add(record::BatchBuilder& builder, const std::string& key, const std::optional<std::string>& value) {
    builder.append({.timestamp = now_ms_,
                    .key = as_bytes(key),
                    .value = value ? as_bytes(*value) : std::span<const std::byte>()});
  }
  /// All there is to clean, in steps of `step_bytes`. Answers the new clean offset.
  int64_t clean(Log& log, int64_t clean_offset = 0, size_t map_bytes = 1 << 20, uint64_t step_bytes = 100) {
    const auto plan = log.plan_cleaning(clean_offset, log.end_offset(), now_ms_);
    EXPECT_TRUE(plan);
    auto cleaning = log.begin_cleaning(*plan, OffsetMap(rng_, map_bytes, 0.9), now_ms_);
    EXPECT_TRUE(cleaning);
    while ((*cleaning)->state() != Cleaning::State::done) {
      const auto stepped = (*cleaning)->step(step_bytes);
      EXPECT_TRUE(stepped) << stepped.error().message;
      if (!stepped) break;
      if ((*cleaning)->state() != Cleaning::State::group_ready) continue;
      const auto removed = log.swap_in(**cleaning);
      EXPECT_TRUE(removed) << removed.error().message;
      if (!removed) break;
      for (const std::string& path : *removed) EXPECT_TRUE(disk_.remove(path));
    }
    log.end_cleaning();
    log.check_invariants();
    return (*cleaning)->end_offset();
  }
  int64_t roll_and_clean(Log& log, int64_t clean_offset = 0) {
    EXPECT_TRUE(log.roll(now_ms_));
    flush(log);
    return clean(log, clean_offset);
  }
  /// "13 K1=V5", a line per record; "(…)" for control batches, "[3]" for empty ones by their last offset.
  std::string table(Log& log) {
    std::string text;
    record::Decompressor decompressor;
    std::vector<std::byte> plain;
    log.drop_tail();
    const auto bytes = read_all(log, log.log_start_offset(), log.end_offset());
    for (auto rest = std::span(bytes); !rest.empty();) {
      const auto batch = *record::BatchView::parse(rest);
      rest = rest.subspan(batch.size_bytes());
      if (batch.record_count() == 0) text += "[" + std::to_string(batch.last_offset()) + "]\n";
      const auto records = *record::plain_records(batch, decompressor, plain, 1 << 20);
      record::RecordReader reader(records, batch.record_count());
      for (record::RecordView record; reader.next(record);) {
        text += std::to_string(batch.offset_of(record));
        if (batch.is_control())
          text += " (marker)\n";
        else
          text += " " + std::string(as_text(record.key)) + "=" +
                  (record.value.data() ? std::string(as_text(record.value)) : "null") + "\n";
      }
    }
    return text;
  }
};

}  // namespace kt::log
