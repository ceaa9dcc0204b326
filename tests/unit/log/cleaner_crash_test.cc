#include <map>

#include "tests/support/cases.h"
#include "tests/unit/log/cleaner_fixture.h"

namespace kt::log {
namespace {

class CleanerCrash : public Cleaner {
 public:
  explicit CleanerCrash(uint64_t seed) : random_(seed) {}

  /// The power fails after each number of changes that a cleaning makes; the log is then as before or as
  /// after it.
  void sweep() {
    for (uint64_t changes = 0;; ++changes) {
      directory_ = "/data/t-" + std::to_string(changes);
      if (!cut_after(changes) || HasFatalFailure()) return;
    }
  }

 private:
  void TestBody() override {}

  bool cut_after(uint64_t changes) {
    config_.segment_bytes = 400;
    auto log = open();
    const int records = 30;
    for (int i = 0; i < records; ++i) {
      const std::string key = "k" + std::to_string(random_.below(8));
      put(*log, key, random_.below(5) == 0 ? std::nullopt : std::optional(std::to_string(i)));
    }
    EXPECT_TRUE(log->roll(now_ms_));
    flush(*log);
    config_.segment_bytes = 1000;
    log->set_config(config_);
    const auto before = view(*log);
    disk_.power_off_after(changes);
    const bool is_whole = clean_quietly(*log);
    const int64_t recovery_point = log->recovery_point();
    log.reset();
    crash();
    log = open({.recovery_point = random_.below(2) == 0 ? 0 : recovery_point});
    EXPECT_EQ(log->end_offset(), records);
    EXPECT_EQ(view(*log), before) << changes << " changes";
    for (const std::string& name : names())
      EXPECT_FALSE(name.ends_with(".cleaned") || name.ends_with(".swap")) << name;
    put(*log, "k0", "more");
    return !is_whole && !HasFailure();
  }

  bool clean_quietly(Log& log) {
    auto cleaning = log.begin_cleaning(*log.plan_cleaning(0, log.end_offset(), now_ms_),
                                       OffsetMap(rng_, 1 << 20, 0.9), now_ms_);
    if (!cleaning) return false;
    while ((*cleaning)->state() != Cleaning::State::done) {
      if (!(*cleaning)->step(1 << 20)) return false;
      if ((*cleaning)->state() != Cleaning::State::group_ready) continue;
      const auto removed = log.swap_in(**cleaning);
      if (!removed) return false;
      for (const std::string& path : *removed) {
        if (!disk_.remove(path)) return false;
      }
    }
    return true;
  }

  /// The newest value of each key, tombstones being none.
  std::map<std::string, std::string> view(Log& log) {
    std::map<std::string, std::string> newest;
    const auto bytes = read_all(log, 0, log.end_offset());
    for (auto rest = std::span(bytes); !rest.empty();) {
      const auto batch = *record::BatchView::parse(rest);
      rest = rest.subspan(batch.size_bytes());
      auto records = batch.records();
      for (record::RecordView record; records.next(record);) {
        if (record.value.data())
          newest[std::string(as_text(record.key))] = as_text(record.value);
        else
          newest.erase(std::string(as_text(record.key)));
      }
    }
    return newest;
  }

  SeededRng random_;
};

TEST(CleanerCrashTest, APowerCutAtAnyStepLosesNothing) {
  for (uint64_t seed = 0; seed < 10 && !testing::Test::HasFailure(); seed += test::one_in(3)) {
    SCOPED_TRACE(seed);
    CleanerCrash(seed).sweep();
  }
}

}  // namespace
}  // namespace kt::log
