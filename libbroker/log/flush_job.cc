#include "libbroker/log/flush_job.h"

#include <algorithm>

#include "libbroker/base/disk.h"
#include "libbroker/log/file_names.h"

namespace kt::log {
namespace {

Result<void> write_file(Disk& disk, const std::string& path, std::span<const std::byte> bytes) {
  auto file = disk.open(path, Disk::Mode::create);
  if (!file) return fail(std::move(file.error()));
  if (auto done = (*file)->write_at(0, bytes); !done) return done;
  if (auto done = (*file)->truncate(bytes.size()); !done) return done;
  return (*file)->sync();
}

}  // namespace

Result<void> write_images(Disk& disk, const std::vector<FileImage>& images) {
  for (const FileImage& image : images) {
    auto done = image.is_absent ? disk.remove(image.path) : write_file(disk, image.path, image.bytes);
    if (!done) return done;
  }
  return {};
}

FlushJob::Outcome FlushJob::run(Disk& disk) const {
  if (auto done = sync(disk); !done) return {std::move(done), false};
  return {write(disk), true};
}

/// What could be made again from the log. It comes after the batches: an index that is there says that all
/// before its segment is on the medium (LogLoader::is_hole).
Result<void> FlushJob::write(Disk& disk) const {
  for (const SegmentPart& segment : segments_) {
    if (auto done = write_images(disk, segment.indexes); !done) return done;
  }
  for (const auto& [offset, bytes] : snapshots_) {
    if (auto done = write_file(disk, file_path(directory_, offset, snapshot_suffix), bytes); !done)
      return done;
  }
  if (epochs_) {
    const std::string path = directory_ + "/" + std::string(leader_epoch_file);
    if (auto done = write_epoch_checkpoint(disk, path, *epochs_, syncs_epochs_ ? Flush::files : Flush::later);
        !done)
      return done;
  }
  const bool has_files = !snapshots_.empty() || std::ranges::any_of(segments_, [](const auto& part) {
    return !part.indexes.empty();
  });
  return has_files && syncs_names_ ? disk.sync_directory(directory_) : Result<void>{};
}

Result<void> FlushJob::sync(Disk& disk) const {
  for (const SegmentPart& segment : segments_) {
    if (!segment.file) continue;
    if (auto done = segment.file->sync(); !done) return done;
  }
  if (is_new_directory_) {
    if (auto done = disk.sync_directory(directory_.substr(0, directory_.rfind('/'))); !done) return done;
  }
  return has_new_names_ ? disk.sync_directory(directory_) : Result<void>{};
}

}  // namespace kt::log
