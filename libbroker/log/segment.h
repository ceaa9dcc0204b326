#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/base/result.h"
#include "libbroker/log/offset_index.h"
#include "libbroker/log/segment_read.h"
#include "libbroker/log/time_index.h"
#include "libbroker/log/txn_index.h"

namespace kt {
class File;
}
namespace kt::record {
class BatchView;
}

namespace kt::log {

class OpenFiles;
struct LogConfig;

/// Bytes that a file shall have; written by whoever may wait.
struct FileImage {
  std::string path;
  std::vector<std::byte> bytes;
  bool is_absent = false;  // the file shall not be there
};

/// What a cold segment's files say of it.
struct SegmentFacts {
  uint64_t bytes = 0;
  TimeIndex::Entry largest_timestamp;
  std::optional<int64_t> first_timestamp;
};

/// A look into the files of a cold segment that carries all it needs, so that any thread can take it without
/// the log. Outlived by the OpenFiles.
struct SegmentLook {
  OpenFiles* files = nullptr;
  std::string directory;
  int64_t base_offset = 0;
  uint64_t stamp = 0;  // the log's, see Log::learn
  /// Blocks. Errors: the disk's, also when the segment has left the log since.
  Result<SegmentFacts> run() const;
  /// What its .txnindex file says. As run().
  Result<TxnIndex> read_aborted() const;
};

/// A run of batches of a log: a file of batches one after the other, and its indexes.
///
///     segment = batch*                                ; .log, see record/README.md; offsets ascend, gaps are
///     allowed
///
/// Legal states and moves: cold (known by name, nothing open) -> active (open_to_append) -> sealed (seal)
/// -> active (unseal).
/// create() makes an active one, recover() makes a cold one active. Only an active segment has its indexes in
/// memory and is written to; a sealed one keeps them until they are in their files (index_images,
/// forget_indexes). Not thread-safe.
class Segment {
 public:
  /// Offsets are kept relative to the first.
  static constexpr int64_t offset_span_max = std::numeric_limits<int32_t>::max();

  /// A cold one. Behind the names of its files stands `state`, see file_names.h.
  Segment(OpenFiles& files, std::string directory, int64_t base_offset, std::string_view state = {});
  ~Segment();
  Segment(const Segment&) = delete;
  /// An empty active one; its name is on the medium when the directory is synced.
  static Result<std::unique_ptr<Segment>> create(OpenFiles& files, const std::string& directory,
                                                 int64_t base_offset, int64_t now_ms,
                                                 std::string_view state = {});

  int64_t base_offset() const { return base_offset_; }
  std::string path(std::string_view suffix) const;
  bool is_active() const { return file_ != nullptr; }

  /// Makes a cold one active: opens it, loads its indexes (or rebuilds them), walks what lies behind the last
  /// index entry. Answers the next offset. What the file holds is taken for whole.
  Result<int64_t> open_to_append(const LogConfig& config, int64_t now_ms);
  /// Makes a cold one active after a crash: checks every batch, rebuilds the indexes but for the
  /// transactions', and cuts the file where the first broken batch begins. `take` sees the good ones.
  struct Recovered {
    int64_t next_offset = 0;
    uint64_t cut_bytes = 0;
  };
  using Take = std::function<Result<void>(const record::BatchView&)>;
  enum class OldIndexes : uint8_t { go, stay };  // their files, until the new ones are written
  Result<Recovered> recover(const LogConfig& config, int64_t now_ms, const Take& take,
                            OldIndexes old_indexes = OldIndexes::go, Mutants mutants = {});

  /// One batch of what is appended.
  struct Mark {
    size_t bytes = 0;
    int64_t last_offset = 0;
    int64_t max_timestamp = -1;
  };
  /// Writes batches at the end with one gather write. After an error the segment is as before, or
  /// is_broken().
  Result<void> append(std::span<const std::span<const std::byte>> parts, std::span<const Mark> marks,
                      const LogConfig& config);
  bool is_broken() const { return is_broken_; }
  void append(const AbortedTransaction& aborted);
  /// Where its last batch ends; its base offset while empty (active only).
  int64_t next_offset() const { return next_offset_; }
  /// How many of the batches fit before one must go to a new segment (active only).
  size_t count_fitting(std::span<const Mark> batches, const LogConfig& config, int64_t jitter_ms,
                       int64_t now_ms) const;
  /// No more batches come. The file gives back what it had reserved.
  Result<void> seal();
  /// Makes a sealed one that has its indexes in memory active again.
  Result<void> unseal();
  /// Keeps batches that end before `offset`; the rest is cut off, on the medium when this returns (active
  /// only).
  Result<void> truncate_to(int64_t offset);

  /// What the index files shall hold; empty when they do. For an active segment that is about to be closed,
  /// too.
  std::vector<FileImage> index_images();
  /// The files hold what index_images() said (sealed only).
  void forget_indexes();
  bool has_unwritten_indexes() const { return indexes_ != nullptr && !is_active(); }
  /// The .log file, to be flushed; null unless it was written to since this was last asked.
  std::shared_ptr<File> take_written_file() { return std::exchange(written_file_, nullptr); }
  void put_back_written_file(std::shared_ptr<File> file) { written_file_ = std::move(file); }

  /// The largest timestamp of a batch, and that batch's last offset; {-1, base offset} without any. May
  /// block.
  Result<TimeIndex::Entry> largest_timestamp();
  /// The largest timestamp, or when the file was modified if no batch has one. May block.
  Result<int64_t> largest_timestamp_ms();
  /// The max timestamp of the first batch; none while empty. May block.
  Result<std::optional<int64_t>> first_timestamp();
  /// Whether none of the three above would look into files.
  bool knows_facts() const { return bytes_ && largest_timestamp_ && (first_timestamp_ || *bytes_ == 0); }
  void learn(const SegmentFacts& facts);
  /// Of the .log file. May block.
  Result<uint64_t> size_bytes();
  /// size_bytes() of an active or sealed segment.
  uint64_t size() const { return *bytes_; }

  /// Of batches that end before `end_offset`.
  SegmentRead plan(int64_t offset, int64_t end_offset, const ReadOptions& options) const;
  /// Where a walk begins that looks for the first record at or after `timestamp` and `offset`. May block.
  Result<uint64_t> position_for_timestamp(int64_t timestamp, int64_t offset);
  /// For reading. May block.
  Result<std::shared_ptr<File>> open();
  /// As TxnIndex::collect. May block unless knows_aborted().
  Result<bool> collect_aborted(int64_t from, int64_t to, std::vector<AbortedTransaction>& found);
  bool knows_aborted() const { return indexes_ || aborted_; }
  /// There is no .txnindex file, or this is what it says.
  void learn_aborted(TxnIndex aborted) { aborted_ = std::move(aborted); }
  /// What the .txnindex file says. Blocks.
  Result<TxnIndex> read_aborted();

  /// The segment's files get `suffix` behind their names; they can no longer be found. Files in use stay
  /// readable.
  Result<std::vector<std::string>> rename_away(std::string_view suffix);
  /// Removes the files, the .log file before its indexes.
  Result<void> remove_files();

 private:
  /// Where the batches before a position end, and which is the latest of them by time.
  struct LastBatches {
    int64_t next_offset;
    TimeIndex::Entry largest_timestamp;
  };
  Result<LastBatches> last_before(uint64_t end, const TimeIndex::Entry& largest_indexed);

  struct Indexes {
    OffsetIndex offsets;
    TimeIndex times;
    TxnIndex aborted;
    explicit Indexes(int64_t base_offset) : offsets(base_offset), times(base_offset) {}
  };

  Result<void> open_file();
  Result<bool> load_indexes();
  Result<int64_t> scan_to_end(uint64_t position, const LogConfig& config);
  Result<void> load_aborted();
  void index(const Mark& batch, uint64_t position, const LogConfig& config);
  void reserve(uint64_t bytes);

  OpenFiles& files_;
  const std::string directory_;
  const int64_t base_offset_;
  const std::string_view state_;

  std::shared_ptr<File> file_;          // active: open for reading and writing
  std::shared_ptr<File> written_file_;  // has bytes that may not be on the medium
  std::unique_ptr<Indexes> indexes_;    // active, or sealed and not yet in files
  std::optional<TxnIndex> aborted_;     // sealed or cold: as loaded from its file
  std::optional<uint64_t> bytes_;
  int64_t next_offset_;  // known while active
  uint64_t reserved_bytes_ = 0;
  std::optional<TimeIndex::Entry> largest_timestamp_;
  std::optional<int64_t> first_timestamp_;
  int64_t created_ms_ = 0;
  bool is_broken_ = false;
};

}  // namespace kt::log
