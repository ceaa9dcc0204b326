#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/base/result.h"
#include "libbroker/log/batch_filter.h"
#include "libbroker/log/cleaned_transactions.h"
#include "libbroker/log/log_config.h"
#include "libbroker/log/offset_map.h"
#include "libbroker/log/segment.h"

namespace kt::log {

class BatchScanner;
class OpenFiles;

/// One compaction of a log (log.cleaner): reads the dirty part into an OffsetMap, then writes the segments
/// from the log's start to the map's end anew, as few as fit. Made by Log::begin_cleaning under the log's
/// mutex; steps run on any one thread without it; when a group is ready the log takes it under the mutex
/// (Log::swap_in), and so on until it is done.
///
/// A group is one new segment, complete and flushed as `.cleaned`; swap_in renames it to `.swap`, the old
/// ones to
/// `.deleted`, then it to its name. A crash before the last `.swap` leaves the old ones, one after it the new
/// one.
class Cleaning {
 public:
  enum class State { working, group_ready, done };
  /// Removes what was not taken; may wait for the disk.
  ~Cleaning();
  Cleaning(const Cleaning&) = delete;

  /// Goes on until about `bytes_max` were read and written, or a group is ready, or all is done; answers how
  /// many were. Errors: the disk's; corrupt_message: the log cannot be cleaned. After one the cleaning is
  /// only good to be dropped.
  Result<uint64_t> step(uint64_t bytes_max);
  State state() const { return state_; }
  /// Before it the log is clean once this is done: the checkpoint.
  int64_t end_offset() const { return map_end_offset_; }
  uint64_t bytes_read() const { return bytes_read_; }
  uint64_t bytes_written() const { return bytes_written_; }

 private:
  friend class Log;

  struct Source {
    int64_t base_offset = 0, end_offset = 0;
  };
  /// The last record of a producer that is still active: its sequence must survive.
  struct LastRecord {
    std::optional<int64_t> last_data_offset;
    int16_t epoch = -1;
  };
  struct Setup {
    OpenFiles* files = nullptr;
    std::string directory;
    LogConfig config;
    uint64_t generation = 0;
    std::vector<Source> sources;  // from the log's start to the first that is not to be cleaned
    int64_t first_dirty_offset = 0;
    std::vector<AbortedTransaction> aborted;
    std::vector<int64_t> unread_aborted;  // segments whose .txnindex files have the others
    std::unordered_map<int64_t, LastRecord> last_records;
    int64_t now_ms = 0;
    Mutants mutants = {};
  };
  Cleaning(Setup setup, OffsetMap map);

  Result<void> read_aborted();
  std::vector<AbortedTransaction> aborted_in_dirty_part() const;
  std::string path(const Source& source, std::string_view suffix) const;
  Result<void> open_source(int64_t from_offset);
  void close_source();
  Result<void> map_some();
  Result<bool> map_batch(const record::BatchView& batch);
  void end_map();
  Result<void> begin_group();
  Result<void> rewrite_some();
  Result<void> rewrite_batch(const record::BatchView& batch);
  Result<void> write_out();
  Result<void> end_group();
  bool is_last_of_producer(const record::BatchView& batch) const;
  void next_group();
  std::vector<int64_t> group() const;

  Setup setup_;
  OffsetMap map_;
  State state_ = State::working;
  bool is_mapping_ = true;
  int64_t map_end_offset_ = 0;
  CleanedTransactions transactions_;
  uint64_t bytes_read_ = 0, bytes_written_ = 0;
  record::Decompressor decompressor_;
  std::vector<std::byte> plain_;

  size_t source_ = 0;  // the one being read, or to be read next
  std::shared_ptr<File> file_;
  std::unique_ptr<BatchScanner> batches_;

  size_t group_begin_ = 0, group_end_ = 0;  // of sources
  std::unique_ptr<BatchFilter> filter_;
  std::unique_ptr<Segment> cleaned_;
  std::vector<std::byte> out_;
  std::vector<Segment::Mark> marks_;
};

}  // namespace kt::log
