#include "libbroker/node/metadata_snapshot.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "libbroker/base/disk.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/control.h"
#include "libbroker/wire/control_records.h"
#include "libbroker/wire/decoder.h"

namespace kt::node {
namespace {

constexpr uint64_t snapshot_bytes_max = 1 << 30;
constexpr size_t offset_digits = 20, epoch_digits = 10;
constexpr std::string_view extension = ".checkpoint";

std::optional<record::LogEnd> parse_name(std::string_view name) {
  if (name.size() != offset_digits + 1 + epoch_digits + extension.size() || !name.ends_with(extension)) return std::nullopt;
  record::LogEnd id;
  const char* dash = name.data() + offset_digits;
  const char* end = dash + 1 + epoch_digits;
  const auto offset = std::from_chars(name.data(), dash, id.offset);
  const auto epoch = std::from_chars(dash + 1, end, id.epoch);
  if (offset.ptr != dash || *dash != '-' || epoch.ptr != end || offset.ec != std::errc{} || epoch.ec != std::errc{}) return std::nullopt;
  return id;
}

raft::VoterSet voters_of(const wire::VotersRecord& record) {
  std::vector<raft::Voter> voters;
  for (const auto& voter : record.voters) {
    raft::Voter& one = voters.emplace_back(raft::Voter{.key = {voter.voter_id, voter.voter_directory_id}});
    for (const auto& at : voter.endpoints) one.endpoints.push_back({at.name, at.host, at.port});
    one.kraft_version_min = voter.k_raft_version_feature.min_supported_version;
    one.kraft_version_max = voter.k_raft_version_feature.max_supported_version;
  }
  return raft::VoterSet(std::move(voters));
}

void read_control(const record::RecordView& record, MetadataBatch& into) {
  const auto type = record::decode_control_key(record.key);
  const Slice value = Slice::view(record.value);
  if (type == record::ControlType::kraft_version) into.kraft_version = wire::decode<wire::KRaftVersionRecord>(value, 0).k_raft_version;
  if (type == record::ControlType::kraft_voters) into.voters = voters_of(wire::decode<wire::VotersRecord>(value, 0));
}

}  // namespace

void read_metadata_batch(const record::BatchView& batch, MetadataBatch& into) {
  record::RecordView record;
  for (auto records = batch.records(); records.next(record);) {
    if (batch.is_control())
      read_control(record, into);
    else
      into.records.push_back(metadata::decode_record(Slice::view(record.value)));
  }
}

Result<std::optional<record::LogEnd>> latest_snapshot(Disk& disk, const std::string& directory) {
  const auto entries = disk.list(directory);
  if (!entries) return fail(entries.error());
  std::optional<record::LogEnd> latest;
  for (const DirEntry& entry : *entries) latest = std::max(latest, parse_name(entry.name));
  return latest;
}

Result<MetadataBatch> read_snapshot(Disk& disk, const std::string& directory, record::LogEnd id) {
  auto snapshot = read_snapshot_file(disk, fmt::format("{}/{:020}-{:010}{}", directory, id.offset, id.epoch, extension));
  if (!snapshot) return snapshot;
  snapshot->base_offset = 0;
  snapshot->last_offset = id.offset - 1;
  snapshot->epoch = id.epoch;
  return snapshot;
}

Result<MetadataBatch> read_snapshot_file(Disk& disk, const std::string& path) {
  const auto text = disk.read_all(path, snapshot_bytes_max);
  if (!text) return fail(text.error());
  MetadataBatch all;
  for (auto rest = as_bytes(*text); !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    if (!batch || !batch->verify_crc() || batch->codec() != record::Codec::none) {
      return fail(ErrorCode::kafka_storage_error, fmt::format("{}: this is not a snapshot", path));
    }
    rest = rest.subspan(batch->size_bytes());
    all.last_offset = batch->last_offset();
    all.epoch = batch->partition_leader_epoch();
    all.timestamp_ms = batch->max_timestamp();
    try {
      read_metadata_batch(*batch, all);
    } catch (const wire::DecodeError& error) {
      return fail(ErrorCode::kafka_storage_error, fmt::format("{}: {}", path, error.what()));
    }
  }
  return all;
}

}  // namespace kt::node
