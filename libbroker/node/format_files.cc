#include "libbroker/node/format_files.h"

#include <fmt/core.h>

#include "libbroker/base/disk.h"
#include "libbroker/base/logger.h"
#include "libbroker/node/metadata_snapshot.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/control.h"
#include "libbroker/wire/encoder.h"

namespace kt::node {
namespace {

using record::ControlType;

/// One batch of a snapshot, at the offset that comes next.
class SnapshotBatch {
 public:
  enum class Kind : uint8_t { control, data };
  SnapshotBatch(int64_t base_offset, int64_t now_ms, Kind kind)
      : now_ms_(now_ms),
        batch_(
            {.base_offset = base_offset, .partition_leader_epoch = 0, .is_control = kind == Kind::control}) {}

  template <wire::Message M>
  SnapshotBatch& control(ControlType type, const M& message) {
    const auto key = record::encode_control_key(type);
    const auto value = wire::encode_bytes(message, 0);
    batch_.append({.timestamp = now_ms_, .key = key, .value = value});
    return *this;
  }
  SnapshotBatch& data(const metadata::Record& record, int16_t metadata_version) {
    batch_.append({.timestamp = now_ms_, .value = metadata::encode_record(record, metadata_version)});
    return *this;
  }
  void write_to(std::vector<std::byte>& file) {
    const auto bytes = batch_.build();
    file.insert(file.end(), bytes.begin(), bytes.end());
  }

 private:
  const int64_t now_ms_;
  record::BatchBuilder batch_;
};

}  // namespace

std::vector<std::byte> encode_bootstrap_checkpoint(const std::vector<metadata::Record>& records,
                                                   int16_t metadata_version, int64_t now_ms) {
  std::vector<std::byte> file;
  SnapshotBatch(0, now_ms, SnapshotBatch::Kind::control)
      .control(ControlType::snapshot_header, wire::SnapshotHeaderRecord{})
      .write_to(file);
  if (!records.empty()) {
    SnapshotBatch batch(1, now_ms, SnapshotBatch::Kind::data);
    for (const metadata::Record& record : records) batch.data(record, metadata_version);
    batch.write_to(file);
  }
  SnapshotBatch(static_cast<int64_t>(records.size()) + 1, now_ms, SnapshotBatch::Kind::control)
      .control(ControlType::snapshot_footer, wire::SnapshotFooterRecord{})
      .write_to(file);
  return file;
}

Result<std::optional<std::vector<metadata::Record>>> read_bootstrap_checkpoint(Disk& disk,
                                                                               const std::string& log_dir) {
  const std::string path = log_dir + "/" + bootstrap_checkpoint_file;
  const auto there = disk.exists(path);
  if (!there) return fail(there.error());
  if (!*there) return std::nullopt;
  auto snapshot = read_snapshot_file(disk, path);
  if (!snapshot) return fail(std::move(snapshot.error()));
  return std::move(snapshot->records);
}

std::vector<std::byte> encode_voters_checkpoint(const wire::VotersRecord& voters, int64_t now_ms) {
  std::vector<std::byte> file;
  SnapshotBatch(0, now_ms, SnapshotBatch::Kind::control)
      .control(ControlType::snapshot_header,
               wire::SnapshotHeaderRecord{.last_contained_log_timestamp = now_ms})
      .control(ControlType::kraft_version, wire::KRaftVersionRecord{.k_raft_version = 1})
      .control(ControlType::kraft_voters, voters)
      .write_to(file);
  SnapshotBatch(3, now_ms, SnapshotBatch::Kind::control)
      .control(ControlType::snapshot_footer, wire::SnapshotFooterRecord{})
      .write_to(file);
  return file;
}

void sync_parents(Disk& disk, std::string path) {
  for (size_t slash = path.rfind('/'); !path.empty(); slash = path.rfind('/')) {
    path.resize(slash == std::string::npos ? 0 : slash);
    const std::string parent = !path.empty() ? path : slash == 0 ? "/" : ".";
    if (auto synced = disk.sync_directory(parent); !synced) {
      // One that may not be opened was not made here.
      return log_warn("kt.LogDirectories", "{}; what was made in it may be lost with the power",
                      synced.error().message);
    }
  }
}

}  // namespace kt::node
