#include "libbroker/node/metadata_snapshot.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "libbroker/base/disk.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/control.h"
#include "libbroker/wire/control_records.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"

namespace kt::node {
namespace {

constexpr uint64_t snapshot_bytes_max = 1 << 30;
constexpr size_t head_bytes_max = 64 << 10;   // of a snapshot's first batch
constexpr size_t batch_bytes_full = 1 << 20;  // of records in a batch of a snapshot
constexpr size_t offset_digits = 20, epoch_digits = 10;
constexpr std::string_view extension = ".checkpoint";

std::optional<record::LogEnd> parse_name(std::string_view name) {
  if (name.size() != offset_digits + 1 + epoch_digits + extension.size() || !name.ends_with(extension))
    return std::nullopt;
  record::LogEnd id;
  const char* dash = name.data() + offset_digits;
  const char* end = dash + 1 + epoch_digits;
  const auto offset = std::from_chars(name.data(), dash, id.offset);
  const auto epoch = std::from_chars(dash + 1, end, id.epoch);
  if (offset.ptr != dash || *dash != '-' || epoch.ptr != end || offset.ec != std::errc{} ||
      epoch.ec != std::errc{})
    return std::nullopt;
  return id;
}

template <wire::Message M>
void append_control(record::BatchBuilder& batch, record::ControlType type, const M& message, int64_t now_ms) {
  const auto key = record::encode_control_key(type);
  const auto value = wire::encode_bytes(message, 0);
  batch.append({.timestamp = now_ms, .key = key, .value = value});
}

raft::VoterSet voters_of(const wire::VotersRecord& record) {
  std::vector<raft::Voter> voters;
  for (const auto& voter : record.voters) {
    raft::Voter& one = voters.emplace_back(raft::Voter{.key = {voter.voter_id, voter.voter_directory_id}});
    for (const auto& at : voter.endpoints) one.endpoints.push_back({at.name, at.host, at.port});
    one.kraft_version_min = voter.k_raft_version_feature.min_supported_version;
    one.kraft_version_max = voter.k_raft_version_feature.max_supported_version;
  }
  const auto id_of = [](const raft::Voter& voter) { return voter.key.id; };
  std::ranges::sort(voters, {}, id_of);
  if (std::ranges::adjacent_find(voters, {}, id_of) != voters.end())
    throw wire::DecodeError("a voter is named twice");
  return raft::VoterSet(std::move(voters));
}

void read_control(const record::RecordView& record, MetadataBatch& into) {
  const auto type = record::decode_control_key(record.key);
  const Slice value = Slice::view(record.value);
  if (type == record::ControlType::kraft_version)
    into.kraft_version = wire::decode<wire::KRaftVersionRecord>(value, 0).k_raft_version;
  if (type == record::ControlType::kraft_voters)
    into.voters = voters_of(wire::decode<wire::VotersRecord>(value, 0));
}

}  // namespace

void read_metadata_batch(const record::BatchView& batch, MetadataBatch& into) {
  if (batch.codec() != record::Codec::none) throw wire::DecodeError("a metadata batch is compressed");
  record::RecordView record;
  auto records = batch.records();
  while (records.next(record)) {
    if (batch.is_control())
      read_control(record, into);
    else
      into.records.push_back(metadata::decode_record(Slice::view(record.value)));
  }
  if (records.fault()) throw wire::DecodeError(records.fault());
}

Result<int64_t> snapshot_time(Disk& disk, const std::string& path) {
  auto file = disk.open(path, Disk::Mode::read);
  if (!file) return fail(std::move(file.error()));
  std::vector<std::byte> head(head_bytes_max);
  const auto bytes = (*file)->read_at(0, head);
  if (!bytes) return fail(bytes.error());
  const auto batch = record::BatchView::parse(std::span(head).first(*bytes));
  record::RecordView record;
  if (!batch || !batch->verify_crc() || !batch->is_control())
    return fail(ErrorCode::kafka_storage_error, fmt::format("{}: this is not a snapshot", path));
  auto records = batch->records();
  if (!records.next(record) ||
      record::decode_control_key(record.key) != record::ControlType::snapshot_header) {
    return fail(ErrorCode::kafka_storage_error, fmt::format("{}: this snapshot has no header", path));
  }
  try {
    return wire::decode<wire::SnapshotHeaderRecord>(Slice::view(record.value), 0)
        .last_contained_log_timestamp;
  } catch (const wire::DecodeError& error) {
    return fail(ErrorCode::kafka_storage_error, fmt::format("{}: {}", path, error.what()));
  }
}

std::string snapshot_path(const std::string& directory, record::LogEnd id) {
  return fmt::format("{}/{:020}-{:010}{}", directory, id.offset, id.epoch, extension);
}

Result<std::vector<SnapshotFile>> list_snapshots(Disk& disk, const std::string& directory) {
  const auto entries = disk.list(directory);  // by name, so by offset
  if (!entries) return fail(entries.error());
  std::vector<SnapshotFile> files;
  for (const DirEntry& entry : *entries) {
    if (const auto id = parse_name(entry.name)) files.push_back({*id, snapshot_path(directory, *id)});
  }
  return files;
}

Result<MetadataBatch> read_snapshot(Disk& disk, const std::string& directory, record::LogEnd id) {
  auto snapshot = read_snapshot_file(disk, snapshot_path(directory, id));
  if (!snapshot) return snapshot;
  snapshot->base_offset = 0;
  snapshot->last_offset = id.offset - 1;
  snapshot->epoch = id.epoch;
  snapshot->is_snapshot = true;
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

wire::VotersRecord voters_record(const raft::VoterSet& voters) {
  wire::VotersRecord record;
  for (const raft::Voter& voter : voters.all()) {
    auto& one = record.voters.emplace_back();
    one.voter_id = voter.key.id;
    one.voter_directory_id = voter.key.directory_id;
    for (const raft::Endpoint& at : voter.endpoints) one.endpoints.push_back({at.name, at.host, at.port});
    one.k_raft_version_feature = {voter.kraft_version_min, voter.kraft_version_max};
  }
  return record;
}

SnapshotBuilder::SnapshotBuilder(const SnapshotHead& head) : head_(head) {
  record::BatchBuilder batch(
      {.base_offset = 0, .partition_leader_epoch = head_.id.epoch, .is_control = true});
  append_control(batch, record::ControlType::snapshot_header,
                 wire::SnapshotHeaderRecord{.last_contained_log_timestamp = head_.last_contained_ms},
                 head_.now_ms);
  next_offset_ = 1;
  if (head_.voters) {
    append_control(batch, record::ControlType::kraft_version, wire::KRaftVersionRecord{.k_raft_version = 1},
                   head_.now_ms);
    append_control(batch, record::ControlType::kraft_voters, voters_record(*head_.voters), head_.now_ms);
    next_offset_ = 3;
  }
  file_ = batch.build();
}

SnapshotBuilder::~SnapshotBuilder() = default;

void SnapshotBuilder::add(const metadata::Record& record) {
  if (!batch_) {
    batch_ = std::make_unique<record::BatchBuilder>(
        record::BatchOptions{.base_offset = next_offset_, .partition_leader_epoch = head_.id.epoch});
  }
  const auto value = metadata::encode_record(record, head_.metadata_version);
  batch_->append({.timestamp = head_.now_ms, .value = value});
  batch_bytes_ += value.size();
  ++batch_records_;
  if (batch_bytes_ >= batch_bytes_full) end_batch();
}

void SnapshotBuilder::end_batch() {
  const auto bytes = batch_->build();
  file_.insert(file_.end(), bytes.begin(), bytes.end());
  next_offset_ += batch_records_;
  batch_.reset();
  batch_bytes_ = 0;
  batch_records_ = 0;
}

std::vector<std::byte> SnapshotBuilder::finish() {
  if (batch_) end_batch();
  record::BatchBuilder batch(
      {.base_offset = next_offset_, .partition_leader_epoch = head_.id.epoch, .is_control = true});
  append_control(batch, record::ControlType::snapshot_footer, wire::SnapshotFooterRecord{}, head_.now_ms);
  const auto bytes = batch.build();
  file_.insert(file_.end(), bytes.begin(), bytes.end());
  return std::move(file_);
}

}  // namespace kt::node
