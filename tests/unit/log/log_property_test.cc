#include <algorithm>
#include <map>

#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/file_names.h"
#include "tests/support/cases.h"
#include "tests/unit/log/log_fixture.h"

namespace kt::log {
namespace {

using record::BatchView;
using record::Origin;

/// What the log should hold, kept in the plainest way.
struct Model {
  struct Batch {
    int64_t base_offset, last_offset;
    std::vector<std::byte> bytes;
  };
  std::vector<Batch> batches;
  int64_t start = 0, end = 0;

  void add(const std::vector<std::byte>& bytes) {
    for (auto rest = std::span(bytes); !rest.empty();) {
      const auto batch = *BatchView::parse(rest);
      batches.push_back({batch.base_offset(),
                         batch.last_offset(),
                         {rest.begin(), rest.begin() + static_cast<ptrdiff_t>(batch.size_bytes())}});
      end = batch.next_offset();
      rest = rest.subspan(batch.size_bytes());
    }
  }
  void cut(int64_t offset) {
    std::erase_if(batches, [&](const Batch& batch) { return batch.last_offset >= offset; });
    end = offset;
    start = std::min(start, offset);
  }
  std::vector<std::byte> bytes_from(int64_t offset) const {
    std::vector<std::byte> all;
    for (const Batch& batch : batches)
      if (batch.last_offset >= offset) all.insert(all.end(), batch.bytes.begin(), batch.bytes.end());
    return all;
  }
};

/// Random operations on a log and on the model, with kills and power cuts in between.
class LogProperty : public LogFixture {
 public:
  explicit LogProperty(uint64_t seed) : random_(seed) {}

  void run() {
    config_.segment_bytes = 700 + static_cast<uint32_t>(random_.below(2000));
    config_.index_interval_bytes = static_cast<uint32_t>(random_.below(300));
    config_.tail_bytes_max = random_.below(2) == 0 ? 0 : 1000;
    log_ = open();
    const uint64_t steps = 20 + random_.below(80);
    for (uint64_t i = 0; i < steps && !HasFatalFailure(); ++i) {
      step();
      compare();
    }
    if (HasFatalFailure()) return;
    reopen(true);
    compare();
  }

 private:
  void TestBody() override {}

  bool one_in(uint64_t n) { return random_.below(n) == 0; }

  void step() {
    switch (random_.below(16)) {
      case 0:
        return void(log_->roll(now_ms_));
      case 1:
        flush(*log_, Log::FlushScope::sealed);
        return checkpoint();
      case 2:
        flush(*log_, Log::FlushScope::all);
        return checkpoint();
      case 3:
        return truncate();
      case 4:
        return move_start();
      case 5:
        return reopen(true);
      case 6:
        return kill();
      case 7:
        return cut_power();
      case 8:
        return replicate_some();
      case 9:
        return disk_.write_back();
      default:
        return produce();
    }
  }

  void produce() {
    const int64_t producer_id = one_in(2) ? -1 : static_cast<int64_t>(random_.below(3));
    if (one_in(40)) ++epoch_;
    if (producer_id >= 0 && one_in(4)) {
      auto marker = make_marker(0, producer_id, 0, one_in(2), 0, now_ms_);
      return append_both(std::move(marker), Origin::coordinator);
    }
    Sample sample{.records = 1 + static_cast<int>(random_.below(4)),
                  .value_bytes = random_.below(150),
                  .timestamp = now_ms_ + static_cast<int64_t>(random_.below(50)),
                  .producer_id = producer_id};
    if (producer_id >= 0) {
      sample.producer_epoch = 0;
      sample.is_transactional = true;
      sample.sequence = next_sequence(producer_id);
    }
    append_both(make_batch(sample), Origin::client);
  }
  int32_t next_sequence(int64_t producer_id) {
    for (const auto& producer : log_->producers().snapshot())
      if (producer.producer_id == producer_id && producer.last_sequence >= 0)
        return producer.last_sequence + 1;
    return 0;
  }
  void append_both(std::vector<std::byte> bytes, Origin origin) {
    auto expected = bytes;
    record::assign_offset(expected, model_.end, epoch_);
    const auto appended = log_->append(Slice::own(std::move(bytes)),
                                       {.origin = origin, .leader_epoch = epoch_, .now_ms = now_ms_});
    ASSERT_TRUE(appended) << appended.error().message;
    ASSERT_EQ(appended->first_offset, model_.end);
    model_.add(expected);
  }
  void replicate_some() {
    std::vector<std::byte> bytes;
    int64_t offset = log_->end_offset();
    for (uint64_t i = random_.below(6); i > 0; --i) {
      offset += static_cast<int64_t>(random_.below(3));
      const auto batch = make_batch(
          {.base_offset = offset, .value_bytes = random_.below(100), .timestamp = now_ms_, .epoch = epoch_});
      bytes.insert(bytes.end(), batch.begin(), batch.end());
      ++offset;
    }
    ASSERT_TRUE(replicate(*log_, bytes));
    model_.add(bytes);
  }

  void truncate() {
    if (model_.batches.empty() || !one_in(2)) return;
    const int64_t first_base = log_->segment_base_offsets().front();
    int64_t offset = model_.batches[random_.below(model_.batches.size())].base_offset;
    if (one_in(8)) offset = std::max<int64_t>(0, first_base - 1);
    if (one_in(8)) offset = log_->end_offset() + 1;
    ASSERT_TRUE(log_->truncate_to(offset));
    if (offset < first_base) {
      model_ = {.start = offset, .end = offset};
    } else if (offset < model_.end) {
      model_.cut(offset);
    }
    checkpoint();
  }

  void move_start() {
    if (model_.batches.empty() || !one_in(3)) return;
    const int64_t offset =
        model_.start +
        static_cast<int64_t>(random_.below(static_cast<uint64_t>(model_.end - model_.start) + 1));
    ASSERT_TRUE(log_->increment_log_start(offset, log_->end_offset()));
    model_.start = std::max(model_.start, offset);
    start_checkpoint_ = model_.start;
    moved_start_ = true;
    if (!one_in(2)) return;
    config_.retention_ms = -1;
    log_->set_config(config_);
    const auto removed = log_->delete_old_segments(now_ms_, log_->end_offset());
    ASSERT_TRUE(removed);
    for (const std::string& path : *removed) ASSERT_TRUE(disk_.remove(path));
    const int64_t first_base = log_->segment_base_offsets().front();
    std::erase_if(model_.batches, [&](const Model::Batch& batch) { return batch.last_offset < first_base; });
  }

  void checkpoint() {
    recovery_checkpoint_ = log_->recovery_point();
    start_checkpoint_ = log_->log_start_offset();
  }

  void reopen(bool is_clean) {
    if (is_clean) recovery_checkpoint_ = close(std::move(log_));
    log_ = open({.is_clean = is_clean,
                 .recovery_point = recovery_checkpoint_,
                 .log_start_offset = start_checkpoint_});
    if (is_clean) check_files();
  }
  void kill() {
    log_.reset();
    files_.emplace(disk_, 8);
    reopen(false);
    if (!model_.batches.empty()) {
      ASSERT_GT(log_->end_offset(), model_.batches.back().last_offset) << "kill -9 loses nothing";
    }
    model_.cut(log_->end_offset());
  }
  void cut_power() {
    const int64_t flushed = log_->flushed_offset();
    log_.reset();
    crash();
    reopen(false);
    for (const Model::Batch& batch : model_.batches) {
      if (batch.last_offset >= flushed) break;
      ASSERT_GT(log_->end_offset(), batch.last_offset) << "flushed and lost";
    }
    ASSERT_LE(log_->end_offset(), std::max(model_.end, start_checkpoint_));
    if (log_->end_offset() < model_.start) {
      model_ = {};
    }
    model_.cut(log_->end_offset());
    model_.start = log_->log_start_offset();
    if (log_->segment_count() == 0) model_.batches.clear();
    checkpoint();
  }

  void compare() {
    log_->check_invariants();
    ASSERT_EQ(log_->end_offset(), model_.end);
    ASSERT_EQ(log_->log_start_offset(), model_.start);
    const int64_t from =
        model_.start +
        static_cast<int64_t>(random_.below(static_cast<uint64_t>(model_.end - model_.start) + 1));
    ASSERT_EQ(read_all(*log_, from, model_.end, 1 + random_.below(2000)), model_.bytes_from(from));
    compare_epochs();
    if (moved_start_) return;  // what is known of producers then depends on what was deleted when
    record::ProducerState producers;
    std::vector<AbortedTransaction> aborted;
    for (const Model::Batch& batch : model_.batches) {
      const auto ended = producers.append(*BatchView::parse(batch.bytes));
      if (ended && ended->is_aborted)
        aborted.push_back(
            {ended->producer_id, ended->first_offset, ended->last_offset, ended->last_stable_offset});
    }
    ASSERT_EQ(log_->producers().snapshot(), producers.snapshot());
    ASSERT_EQ(log_->producers().first_undecided_offset(), producers.first_undecided_offset());
    ASSERT_EQ(*log_->aborted_transactions(0, model_.end), aborted);
  }

  /// Every batch lies in its epoch, and a new epoch begins where its first batch does. Of what is before the
  /// first batch a log may know more or less, after a crash or a truncation.
  void compare_epochs() {
    int32_t before = -1;
    for (const Model::Batch& batch : model_.batches) {
      if (batch.last_offset < model_.start) continue;
      const int32_t epoch = BatchView::parse(batch.bytes)->partition_leader_epoch();
      ASSERT_EQ(log_->epochs().epoch_for_offset(std::max(batch.base_offset, model_.start)), epoch);
      if (before >= 0 && epoch != before) {
        ASSERT_EQ(log_->epochs().end_offset_for(before, model_.end),
                  (record::LogEnd{before, batch.base_offset}));
      }
      before = epoch;
    }
    for (const auto& entry : log_->epochs().entries()) ASSERT_LE(entry.epoch, std::max(before, epoch_));
  }

  /// What the files of a closed log say follows from its batches.
  void check_files() {
    const auto bases = log_->segment_base_offsets();
    for (const int64_t base : bases) {
      OffsetIndex expected(base);
      std::map<int64_t, int64_t>
          grew;  // last offset of a batch whose timestamp is the largest so far -> timestamp
      auto file = *disk_.open(file_path(directory_, base, log_suffix), Disk::Mode::read);
      BatchScanner batches(*file, 0, *file->size());
      int64_t largest = -1;
      for (auto batch = *batches.next(); batch; batch = *batches.next()) {
        if (batch->max_timestamp() > largest) grew[batch->last_offset()] = largest = batch->max_timestamp();
        if (batches.position() - expected.last().position > config_.index_interval_bytes)
          expected.append({batch->last_offset(), static_cast<uint32_t>(batches.position())});
      }
      ASSERT_EQ(contents(file_name(base, offset_index_suffix)), as_text(expected.encode()));
      const std::string text = contents(file_name(base, time_index_suffix));
      const auto times = TimeIndex::parse(base, as_bytes(std::string_view(text)));
      ASSERT_TRUE(times);
      ASSERT_EQ(times->last().timestamp, largest);
      for (int64_t timestamp = times->last().timestamp; timestamp >= 0;) {
        const auto entry = times->lookup(timestamp);
        if (entry.timestamp < 0) break;
        ASSERT_EQ(grew[entry.offset], entry.timestamp);
        timestamp = entry.timestamp - 1;
      }
    }
    if (model_.end == model_.start) return;
    ASSERT_TRUE(*disk_.exists(file_path(directory_, model_.end, snapshot_suffix)));
  }

  SeededRng random_;
  std::unique_ptr<Log> log_;
  Model model_;
  int32_t epoch_ = 0;
  int64_t recovery_checkpoint_ = 0, start_checkpoint_ = 0;
  bool moved_start_ = false;
};

TEST(LogPropertyTest, ALogHoldsWhatItsModelHolds) {
  for (uint64_t seed = 0; seed < 1000 && !testing::Test::HasFailure(); seed += test::one_in(5)) {
    SCOPED_TRACE(seed);
    LogProperty(seed).run();
  }
}

}  // namespace
}  // namespace kt::log
