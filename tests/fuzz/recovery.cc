// A partition's directory as a crash or a bad disk may leave it: a line of options, then its files. What is
// loaded keeps every whole batch before the first damage, and is a log that can be used.
//
//     input = choices:uint8 recovery-point:uint8 log-start:uint8 file*
//     file  = name:uint8 offset:uint8 size:uint16 byte*        ; sealed when choices say so
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/bytes.h"
#include "libbroker/base/logger.h"
#include "libbroker/base/rng.h"
#include "libbroker/log/checkpoints.h"
#include "libbroker/log/file_names.h"
#include "libbroker/log/log.h"
#include "libbroker/log/meta_files.h"
#include "libbroker/log/open_files.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/sim/sim_disk.h"
#include "tests/fuzz/target.h"

namespace kt::fuzz {
namespace {

using namespace log;

constexpr int64_t now_ms = 1'000'000, timestamp_of_seeds = 1'700'000'000'000;
constexpr int32_t epoch_of_appended = 99;
constexpr size_t head_bytes = 3, file_head_bytes = 4, files_max = 12;
enum Choice : uint8_t { is_clean = 1, seals = 2, is_compacted = 4, is_cut = 8 };
const std::string directory = "/data/t-0";

std::string name_of(uint8_t kind, int64_t offset) {
  constexpr std::string_view suffixes[] = {log_suffix, offset_index_suffix, time_index_suffix,
                                           txn_index_suffix, snapshot_suffix};
  constexpr std::string_view states[] = {"", swap_suffix, cleaned_suffix, deleted_suffix};
  if (kind == 255) return std::string(leader_epoch_file);
  if (kind == 254) return std::string(partition_metadata_file);
  return file_name(offset, suffixes[kind % 5]) + std::string(states[kind / 5 % 4]);
}

/// Gives every batch that can be found one after the other the CRC that its bytes want.
void seal_batches(std::vector<std::byte>& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const auto batch = record::BatchView::parse(std::span(bytes).subspan(at));
    if (!batch) return;
    record::seal(std::span(bytes).subspan(at, batch->size_bytes()));
    at += batch->size_bytes();
  }
}

std::map<std::string, std::vector<std::byte>> files_of(std::span<const std::byte> input, bool sealed) {
  std::map<std::string, std::vector<std::byte>> files;
  while (input.size() >= file_head_bytes && files.size() < files_max) {
    const auto kind = std::to_integer<uint8_t>(input[0]);
    const auto offset = std::to_integer<uint8_t>(input[1]);
    const size_t size = std::min<size_t>(load_be<uint16_t>(input.data() + 2), input.size() - file_head_bytes);
    const auto bytes = input.subspan(file_head_bytes, size);
    auto& file = files[name_of(kind, offset)];
    file.assign(bytes.begin(), bytes.end());
    if (sealed) seal_batches(file);
    input = input.subspan(file_head_bytes + size);
  }
  return files;
}

/// Where the batches end that no recovery may lose: of the first segment, up to the first damage. Batches of
/// producers are left to the rules of producers, which are not told again here.
int64_t end_of_good(std::span<const std::byte> bytes, int64_t base_offset) {
  int64_t end_offset = base_offset;
  for (size_t at = 0; at < bytes.size();) {
    const auto batch = record::BatchView::parse(bytes.subspan(at));
    if (!batch || !batch->verify_crc() || batch->base_offset() < end_offset || batch->has_producer_id() ||
        batch->last_offset() - base_offset > INT32_MAX)
      break;
    end_offset = batch->next_offset();
    at += batch->size_bytes();
  }
  return end_offset;
}

class Directory {
 public:
  explicit Directory(const std::map<std::string, std::vector<std::byte>>& files) {
    expect(disk_.make_directory(directory).has_value(), "a directory is made");
    for (const auto& [name, bytes] : files)
      expect(disk_.replace(directory + "/" + name, as_text(bytes)).has_value(), "a file is written");
  }
  Result<std::unique_ptr<Log>> open(const LogConfig& config, const OpenOptions& options) {
    files_.emplace(disk_, 4);
    return Log::open({*files_, budget_, rng_}, directory, config, options);
  }
  void close(std::unique_ptr<Log> log) {
    auto job = log->prepare_close();
    if (!job) return;
    auto outcome = job->run(disk_);
    expect(outcome.result.has_value(), "a log closes");
    log->finish_flush(std::move(*job), std::move(outcome));
  }

 private:
  SeededRng rng_{7};
  sim::SimDisk disk_{rng_};
  TailBudget budget_{16 << 20};
  std::optional<OpenFiles> files_;
};

/// Every byte that the log says it has can be read: batches in the order of their offsets, up to its end.
void read_all(Log& log) {
  for (int64_t offset = log.log_start_offset(); offset < log.end_offset();) {
    auto read =
        log.read(offset, {.bytes_max = 64 << 10, .upper_bound = log.end_offset(), .min_one_batch = true});
    if (!read) return expect(read.error().code == ErrorCode::corrupt_message, "a log reads, or is corrupt");
    ReadOut out;
    if (auto* now = std::get_if<ReadOut>(&*read)) {
      out = std::move(*now);
    } else {
      auto waited = read_segment(std::get<SegmentRead>(*read), Wait::yes);
      if (!waited)
        return expect(waited.error().code == ErrorCode::corrupt_message, "a log reads, or is corrupt");
      expect(waited->has_value(), "a read that may wait reads");
      out = std::move(**waited);
    }
    const int64_t before = offset;
    for (const Piece& piece : out.pieces) {
      const auto batch = record::BatchView::parse(std::get<Slice>(piece).bytes);
      if (batch) offset = std::max(offset, batch->next_offset());
    }
    offset = std::max(offset, out.next_offset);
    if (offset <= before) return;
  }
}

/// Indexes that lie may have records be missed, and no more.
void look_up(Log& log) {
  const auto expect_of = [&](const Result<std::optional<TimestampOffset>>& found, int64_t timestamp) {
    if (!found || !*found) return;
    expect((*found)->timestamp >= timestamp && (*found)->offset >= log.log_start_offset(),
           "what is found by its time is a record after it");
  };
  for (const int64_t timestamp : {int64_t{0}, now_ms, timestamp_of_seeds, timestamp_of_seeds + 1})
    expect_of(log.offset_for_timestamp(timestamp), timestamp);
  expect_of(log.max_timestamp_offset(), 0);
  const auto aborted = log.aborted_transactions(log.log_start_offset(), log.end_offset());
  expect(aborted || !aborted.error().message.empty(), "what is not known of transactions says why");
}

/// The error, when it fails.
std::optional<Error> append_one(Log& log) {
  record::BatchBuilder builder;
  builder.append({.timestamp = now_ms, .value = as_bytes("value")});
  const int64_t end_offset = log.end_offset();
  const auto appended =
      log.append(Slice::own(builder.build()),
                 {.origin = record::Origin::client, .leader_epoch = epoch_of_appended, .now_ms = now_ms});
  if (!appended) return appended.error();
  expect(appended->first_offset == end_offset, "a loaded log goes on at its end");
  return std::nullopt;
}

/// What a follower does whose leader's last epoch ended before its own did. Epochs that lie may have more be
/// cut than was wrong, and no more.
void cut_one(Log& log) {
  for (int32_t epoch = 0; epoch <= epoch_of_appended; ++epoch) {
    const auto end = log.epochs().end_offset_for(epoch, log.end_offset());
    expect(!end || end->epoch <= epoch, "an epoch ends where it or one before it did");
  }
  const int64_t last = log.end_offset() - 1;
  const auto cut = log.truncate_to(last);
  if (!cut) return expect(!cut.error().message.empty(), "what cannot be cut says why");
  expect(log.end_offset() <= last, "what is cut off is gone");
  const auto latest = log.epochs().latest();
  expect(!latest || latest->start_offset < log.end_offset(), "no epoch begins beyond the log's end");
  expect(!latest || log.epochs().epoch_for_offset(log.end_offset()) == latest->epoch,
         "the latest epoch is that of what comes next");
  read_all(log);
}

void check(std::span<const std::byte> input) {
  const auto choices = std::to_integer<uint8_t>(input[0]);
  LogConfig config;
  config.index_interval_bytes = 64;
  config.cleanup_compact = choices & is_compacted;
  const OpenOptions options{.is_clean = (choices & is_clean) != 0,
                            .recovery_point = std::to_integer<uint8_t>(input[1]),
                            .log_start_offset = std::to_integer<uint8_t>(input[2]),
                            .now_ms = now_ms};
  const auto files = files_of(input.subspan(head_bytes), choices & seals);
  Directory disk(files);
  auto opened = disk.open(config, options);
  if (!opened) return expect(!opened.error().message.empty(), "what cannot be loaded says why");
  std::unique_ptr<Log> log = std::move(*opened);

  const bool has_temporary = std::ranges::any_of(files, [](const auto& file) {
    const auto name = parse_file_name(file.first);
    return name && !name->state.empty();
  });
  const auto first = std::ranges::find_if(files, [](const auto& f) { return f.first.ends_with(log_suffix); });
  if (first != files.end() && !options.is_clean && !has_temporary && options.recovery_point == 0) {
    const int64_t base_offset = parse_file_name(first->first)->offset;
    const int64_t good = end_of_good(first->second, base_offset);
    expect(log->end_offset() >= good || good < options.log_start_offset,
           "no whole batch before the first damage is lost");
  }
  read_all(*log);
  look_up(*log);
  if (log->end_offset() > INT64_MAX / 2) return;  // there is no room for what follows
  if (const auto error = append_one(*log)) {
    // What is said to have been closed cleanly is not looked at before it is used.
    return expect(options.is_clean && !error->message.empty(), "a log that was checked goes on");
  }
  read_all(*log);
  if (choices & is_cut) cut_one(*log);
  const int64_t end_offset = log->end_offset(), start_offset = log->log_start_offset();
  disk.close(std::move(log));
  auto again = disk.open(
      config,
      {.is_clean = true, .recovery_point = end_offset, .log_start_offset = start_offset, .now_ms = now_ms});
  expect(again && (*again)->end_offset() == end_offset, "a closed log opens where it ended");
}

}  // namespace
}  // namespace kt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kt;
  static const bool is_quiet = [] { return set_log(LogLevel::off, false), true; }();
  static_cast<void>(is_quiet);
  if (size >= fuzz::head_bytes) fuzz::check(fuzz::input_of(data, size));
  return 0;
}
