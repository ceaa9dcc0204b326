#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libbroker/log/log.h"

namespace kt::log {

/// Makes a log of what is in its directory. Rules: what ends in .deleted or .cleaned is removed; a .swap
/// takes the place of the segments it replaces; indexes without a log are removed; after a crash all segments
/// from the recovery point on are checked, rebuilt, and cut at the first broken byte, and later segments
/// dropped; the log's start is the checkpointed one or the first segment's; leader epochs and producers are
/// made to fit what is left.
class LogLoader {
 public:
  LogLoader(const LogServices& services, std::string directory, const LogConfig& config,
            const OpenOptions& options);
  Result<std::unique_ptr<Log>> load();

 private:
  struct Found {
    bool has_log = false, has_offset_index = false, has_time_index = false, has_txn_index = false;
  };

  Result<void> list();
  Result<void> read_topic();
  Result<void> read_epochs();
  void rebuild_epochs();
  Result<void> settle_swaps();
  Result<int64_t> end_of(const std::string& name);
  Result<void> collect();
  Result<void> find_end();
  Result<void> recover(Log::Segments::iterator first);
  bool is_hole(int64_t end_offset, int64_t next_base_offset) const;
  Result<void> take(Segment& segment, const record::BatchView& batch);
  Result<void> start_over();
  Result<void> drop_stray_snapshots();
  Disk& disk() const;
  std::string path(const std::string& name) const { return log_->directory_ + "/" + name; }

  bool has(std::string_view name) const { return std::ranges::binary_search(names_, name); }

  const OpenOptions options_;
  std::unique_ptr<Log> log_;
  /// Everything at or beyond it must be looked at, though the log was left in order: something is missing or
  /// broken.
  std::optional<int64_t> suspect_from_;
  std::set<int64_t> unindexed_;     // segments that lack an index
  std::vector<std::string> names_;  // of the files in the directory, sorted
};

}  // namespace kt::log
