#pragma once
#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/bytes.h"
#include "libbroker/base/rng.h"
#include "libbroker/log/log.h"
#include "libbroker/log/open_files.h"
#include "libbroker/log/tail.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/control.h"
#include "libbroker/sim/sim_disk.h"

namespace kt::log {

/// What tests say of a batch; offsets are relative to it unless the origin keeps them.
struct Sample {
  int64_t base_offset = 0;
  int records = 1;
  size_t value_bytes = 10;
  int64_t timestamp = 1000;
  int32_t epoch = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t sequence = -1;
  bool is_transactional = false;
  std::string key = {};  // empty: null
};

inline std::vector<std::byte> make_batch(const Sample& sample) {
  record::BatchBuilder builder({.base_offset = sample.base_offset,
                                .partition_leader_epoch = sample.epoch,
                                .producer_id = sample.producer_id,
                                .producer_epoch = sample.producer_epoch,
                                .base_sequence = sample.sequence,
                                .is_transactional = sample.is_transactional});
  std::vector<std::byte> value(sample.value_bytes, std::byte{'v'});
  for (int i = 0; i < sample.records; ++i) {
    builder.append({.timestamp = sample.timestamp + i,
                    .key = sample.key.empty() ? std::span<const std::byte>() : as_bytes(sample.key),
                    .value = value});
  }
  return builder.build();
}

inline std::vector<std::byte> make_marker(int64_t base_offset, int64_t producer_id, int16_t epoch,
                                          bool is_commit, int32_t coordinator_epoch = 0,
                                          int64_t timestamp = 1000) {
  record::BatchBuilder builder({.base_offset = base_offset,
                                .partition_leader_epoch = 0,
                                .producer_id = producer_id,
                                .producer_epoch = epoch,
                                .is_transactional = true,
                                .is_control = true});
  const auto key =
      record::encode_control_key(is_commit ? record::ControlType::commit : record::ControlType::abort);
  const auto value = record::encode_end_marker(coordinator_epoch);
  builder.append({.timestamp = timestamp, .key = key, .value = value});
  return builder.build();
}

/// A log on a simulated disk.
class LogFixture : public testing::Test {
 protected:
  LogFixture() { EXPECT_TRUE(disk_.make_directory("/data") && disk_.sync_directory("/")); }

  LogServices services() { return {*files_, budget_, rng_}; }
  Result<std::unique_ptr<Log>> try_open(OpenOptions options = {}) {
    options.now_ms = now_ms_;
    return Log::open(services(), directory_, config_, options);
  }
  std::unique_ptr<Log> open(const OpenOptions& options = {}) {
    auto log = try_open(options);
    EXPECT_TRUE(log) << log.error().message;
    return log ? std::move(*log) : nullptr;
  }
  Result<Appended> append(Log& log, const Sample& sample, record::Origin origin = record::Origin::client) {
    return log.append(Slice::own(make_batch(sample)),
                      {.origin = origin, .leader_epoch = sample.epoch, .now_ms = now_ms_});
  }
  /// Any origin but a client's: the bytes as they are.
  Result<Appended> replicate(Log& log, std::vector<std::byte> bytes,
                             record::Origin origin = record::Origin::replica) {
    return log.append(Slice::own(std::move(bytes)), {.origin = origin, .now_ms = now_ms_});
  }
  void flush(Log& log, Log::FlushScope scope = Log::FlushScope::all) {
    auto job = log.prepare_flush(scope);
    if (!job) return;
    auto outcome = job->run(disk_);
    EXPECT_TRUE(outcome.result) << outcome.result.error().message;
    log.finish_flush(std::move(*job), std::move(outcome));
  }
  /// Closes it as at a clean stop; answers its recovery point.
  int64_t close(std::unique_ptr<Log> log) {
    auto job = log->prepare_close();
    if (job) {
      auto outcome = job->run(disk_);
      EXPECT_TRUE(outcome.result) << outcome.result.error().message;
      log->finish_flush(std::move(*job), std::move(outcome));
    }
    return log->flushed_offset();
  }
  std::unique_ptr<Log> reopen_clean(std::unique_ptr<Log> log) {
    const int64_t start = log->log_start_offset();
    const int64_t end = close(std::move(log));
    return open({.is_clean = true, .recovery_point = end, .log_start_offset = start});
  }

  /// All bytes from `offset` up to `upper_bound`, however many reads that takes; each must give something.
  std::vector<std::byte> read_all(Log& log, int64_t offset, int64_t upper_bound, size_t bytes_max = 1 << 20) {
    std::vector<std::byte> all;
    while (offset < std::min(upper_bound, log.end_offset())) {
      auto out =
          read(log, offset, {.bytes_max = bytes_max, .upper_bound = upper_bound, .min_one_batch = true});
      if (out.pieces.empty() && out.next_offset <= offset) break;
      if (out.pieces.empty()) {
        offset = out.next_offset;
        continue;
      }
      for (auto rest = bytes_of(out); !rest.empty();) {
        const auto batch = record::BatchView::parse(rest);
        if (!batch) break;  // cut off
        EXPECT_TRUE(batch->verify_crc());
        all.insert(all.end(), batch->bytes().begin(), batch->bytes().end());
        offset = batch->next_offset();
        rest.erase(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(batch->size_bytes()));
      }
    }
    return all;
  }
  ReadOut read(Log& log, int64_t offset, const ReadOptions& options) {
    auto out = log.read(offset, options);
    EXPECT_TRUE(out) << out.error().message;
    if (!out) return {};
    if (auto* now = std::get_if<ReadOut>(&*out)) return std::move(*now);
    auto waited = read_segment(std::get<SegmentRead>(*out), Wait::yes);
    EXPECT_TRUE(waited) << waited.error().message;
    return waited && *waited ? std::move(**waited) : ReadOut{};
  }
  static std::vector<std::byte> bytes_of(const ReadOut& out) {
    std::vector<std::byte> bytes;
    for (const Piece& piece : out.pieces) {
      const auto& slice = std::get<Slice>(piece);
      bytes.insert(bytes.end(), slice.bytes.begin(), slice.bytes.end());
    }
    return bytes;
  }
  /// The power goes and comes back. No log is open.
  void crash() {
    files_.reset();
    disk_.crash();
    files_.emplace(disk_, 8);
  }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    const auto entries = disk_.list(directory_);
    for (const DirEntry& entry : *entries) found.push_back(entry.name);
    return found;
  }
  std::string contents(const std::string& name) {
    auto text = disk_.read_all(directory_ + "/" + name);
    EXPECT_TRUE(text) << text.error().message;
    return text.value_or("");
  }

  SeededRng rng_{7};
  sim::SimDisk disk_{rng_};
  std::optional<OpenFiles> files_{std::in_place, disk_, 8};
  TailBudget budget_{64 << 20};
  LogConfig config_;
  std::string directory_ = "/data/t-0";
  int64_t now_ms_ = 1'000'000;
};

}  // namespace kt::log
