// How a MetadataQuorum reads its log and its snapshots.
#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/gather.h"
#include "libbroker/node/metadata_quorum.h"

namespace kt::node {
namespace {

constexpr size_t read_bytes_max = 8 << 20;

}  // namespace

/// From configuration, or with kraft.version 1 from the 0-0 snapshot; then as the log says.
Result<raft::VoterHistory> MetadataQuorum::read_voters() {
  raft::VoterHistory voters({.voters = options_.voters});
  const auto add = [&](const MetadataBatch& batch) {
    if (batch.kraft_version || batch.voters) voters.add(batch.last_offset, batch.kraft_version, batch.voters);
  };
  const auto formatted = disk_.exists(snapshot_path(options_.directory, {}));
  if (!formatted) return fail(formatted.error());
  if (!snapshot_ && *formatted) {
    const auto read = read_snapshot(disk_, options_.directory, {});
    if (!read) return fail(read.error());
    add(*read);
  }
  if (auto read = for_each_batch(0, log_->end_offset(), add); !read) return fail(std::move(read.error()));
  return voters;
}

Result<log::ReadOut> MetadataQuorum::read(int64_t from, int64_t to, size_t bytes_max) {
  auto read = log_->read(from, {.bytes_max = bytes_max, .upper_bound = to, .min_one_batch = true});
  if (!read) return fail(std::move(read.error()));
  if (auto* out = std::get_if<log::ReadOut>(&*read)) return std::move(*out);
  const auto& segment = std::get<log::SegmentRead>(*read);
  auto done = log::read_segment(segment, log::Wait::yes);
  if (!done) return fail(std::move(done.error()));
  if (!*done)  // nobody else cuts it
    return fail(ErrorCode::kafka_storage_error, fmt::format("{} is not as the log has it", segment.path));
  return std::move(**done);
}

Result<MetadataQuorum::SnapshotPart> MetadataQuorum::read_snapshot_part(record::LogEnd id, int64_t position,
                                                                        size_t bytes_max) {
  const std::string path = snapshot_path(options_.directory, id);
  const auto there = disk_.exists(path);
  if (!there) return fail(there.error());
  if (!*there) return fail(ErrorCode::snapshot_not_found);
  auto file = disk_.open(path, Disk::Mode::read);
  if (!file) return fail(std::move(file.error()));
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  if (position < 0 || static_cast<uint64_t>(position) >= *size) return fail(ErrorCode::position_out_of_range);
  std::vector<std::byte> bytes(std::min<uint64_t>(bytes_max, *size - static_cast<uint64_t>(position)));
  const auto count = (*file)->read_at(static_cast<uint64_t>(position), bytes);
  if (!count) return fail(count.error());
  bytes.resize(*count);
  return SnapshotPart{static_cast<int64_t>(*size), Slice::own(std::move(bytes))};
}

Result<void> MetadataQuorum::for_each_batch(int64_t from, int64_t to,
                                            const std::function<void(const MetadataBatch&)>& visit) {
  if (snapshot_ && from < snapshot_->offset) {
    auto before = read_snapshot(disk_, options_.directory, *snapshot_);
    if (!before) return fail(std::move(before.error()));
    visit(*before);
    from = snapshot_->offset;
  }
  while (from < to) {
    auto out = read(from, to, read_bytes_max);
    if (!out) return fail(std::move(out.error()));
    auto bytes = gather(out->pieces);
    if (!bytes) return fail(bytes.error());
    int64_t next = out->next_offset;
    for (std::span<const std::byte> rest = bytes->bytes; !rest.empty();) {
      const auto batch = record::BatchView::parse(rest);
      if (!batch) break;  // cut where the read ended
      rest = rest.subspan(batch->size_bytes());
      next = std::max(next, batch->next_offset());
      if (batch->base_offset() < from) continue;
      MetadataBatch out_batch{batch->base_offset(), batch->last_offset(), batch->partition_leader_epoch(),
                              batch->max_timestamp()};
      out_batch.bytes = batch->size_bytes();
      try {
        read_metadata_batch(*batch, out_batch);
      } catch (const wire::DecodeError& error) {
        return fail(ErrorCode::kafka_storage_error,
                    fmt::format("the metadata log says what this build of kt does not know, at offset {}: {}",
                                batch->base_offset(), error.what()));
      }
      visit(out_batch);
    }
    if (next <= from)
      return fail(ErrorCode::corrupt_message, fmt::format("the metadata log cannot be read at {}", from));
    from = next;
  }
  return {};
}

}  // namespace kt::node
