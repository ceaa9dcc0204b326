#include "libbroker/node/snapshot_download.h"

#include "libbroker/base/assert.h"

namespace kt::node {
namespace {

constexpr std::string_view part_extension = ".checkpoint.part";

std::string part_path(const std::string& directory, record::LogEnd id) {
  return snapshot_path(directory, id) + ".part";
}

}  // namespace

Result<void> SnapshotDownload::add(const raft::SnapshotChunk& chunk) {
  if (chunk.position == 0) {
    id_ = chunk.id;
    auto opened = disk_.open(part_path(directory_, id_), Disk::Mode::create);
    if (!opened) return fail(std::move(opened.error()));
    file_ = std::move(*opened);
    if (auto emptied = file_->truncate(0); !emptied) return emptied;
  }
  KT_ASSERT(file_ && chunk.id == id_);
  return file_->write_at(static_cast<uint64_t>(chunk.position), chunk.bytes.bytes);
}

Result<MetadataBatch> SnapshotDownload::finish() {
  const auto synced = file_->sync();
  file_.reset();
  if (!synced) return fail(synced.error());
  const std::string part = part_path(directory_, id_);
  if (auto whole = read_snapshot_file(disk_, part); !whole) return whole;
  if (auto renamed = disk_.rename(part, snapshot_path(directory_, id_)); !renamed)
    return fail(renamed.error());
  if (auto kept = disk_.sync_directory(directory_); !kept) return fail(kept.error());
  return read_snapshot(disk_, directory_, id_);
}

Result<void> SnapshotDownload::clean_up(Disk& disk, const std::string& directory) {
  const auto entries = disk.list(directory);
  if (!entries) return fail(entries.error());
  for (const DirEntry& entry : *entries) {
    if (!entry.name.ends_with(part_extension)) continue;
    if (auto removed = disk.remove(directory + "/" + entry.name); !removed) return removed;
  }
  return {};
}

}  // namespace kt::node
