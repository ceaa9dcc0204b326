#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/slice.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/compression.h"

namespace kt::consuming {

/// A transaction that was aborted, as a Fetch answer names it.
struct AbortedTransaction {
  int64_t producer_id = 0;
  int64_t first_offset = 0;
};

/// One record as a consumer gets it; key and value share the fetched (or decompressed) bytes.
struct ConsumedRecord {
  int64_t offset = 0;
  int64_t timestamp = -1;
  record::TimestampType timestamp_type = record::TimestampType::create_time;
  int32_t leader_epoch = -1;
  Slice key, value;  // null: none
  std::vector<std::pair<std::string, Slice>> headers = {};
};

/// The records of one partition that a Fetch answer brought, from the fetch offset on: without those below
/// it, control records, and, for read_committed, records of aborted transactions (KIP-98). A batch cut off at
/// the end is left out.
class Fetched {
 public:
  struct Options {
    bool reads_committed = false;                // isolation.level
    bool checks_crcs = true;                     // check.crcs
    size_t batch_bytes_max = size_t{512} << 20;  // what one batch may become when decompressed
  };
  Fetched(Slice bytes, int64_t fetch_offset, std::vector<AbortedTransaction> aborted, Options options);

  /// Where to fetch next, and the leader epoch before that (-1: there is no batch).
  int64_t end_offset() const { return end_offset_; }
  int32_t end_epoch() const { return end_epoch_; }

  /// The next record; false at the end. Errors: corrupt_message, with the partition's fault in words.
  Result<bool> next(ConsumedRecord& record, record::Decompressor& decompressor);
  /// The offset after all that was given out or passed over so far, and the epoch before it.
  int64_t position() const { return position_; }
  int32_t position_epoch() const { return position_epoch_; }

 private:
  Result<bool> next_batch(record::Decompressor& decompressor);
  bool is_aborted(const record::BatchView& batch);
  void take(const record::RecordView& view, ConsumedRecord& record) const;

  Slice bytes_;  // from the current batch on
  Options options_;
  std::multimap<int64_t, int64_t> aborted_;  // producer ids by first offset, not reached yet
  std::set<int64_t> aborting_;               // producers whose records here belong to an aborted transaction
  int64_t end_offset_;
  int32_t end_epoch_ = -1;
  int64_t position_;
  int32_t position_epoch_ = -1;

  std::optional<record::BatchView> batch_;
  Slice plain_;  // its records
  record::RecordReader reader_{{}, 0};
};

}  // namespace kt::consuming
