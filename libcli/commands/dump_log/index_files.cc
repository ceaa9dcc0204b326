#include <fmt/core.h>

#include <algorithm>
#include <ostream>

#include "libbroker/base/bytes.h"
#include "libbroker/base/disk.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/producer_snapshot.h"
#include "libbroker/log/txn_index.h"
#include "libbroker/record/compression.h"
#include "libcli/commands/dump_log/files.h"

namespace kt::cli::dump_log {
namespace {

constexpr size_t decompressed_bytes_max = 1 << 30;
constexpr size_t offset_entry_bytes = 8, time_entry_bytes = 12;

struct OffsetEntry {
  int64_t offset = 0;
  int32_t position = 0;
};
struct TimeEntry {
  int64_t timestamp = 0, offset = 0;
};

/// Entries as they lie in the file, whatever they say: the log's own classes refuse what is to be shown here.
std::vector<OffsetEntry> offset_entries(int64_t base_offset, std::span<const std::byte> bytes) {
  std::vector<OffsetEntry> entries;
  for (; bytes.size() >= offset_entry_bytes; bytes = bytes.subspan(offset_entry_bytes)) {
    entries.push_back({base_offset + load_be<int32_t>(bytes.data()), load_be<int32_t>(bytes.data() + 4)});
  }
  return entries;
}
std::vector<TimeEntry> time_entries(int64_t base_offset, std::span<const std::byte> bytes) {
  std::vector<TimeEntry> entries;
  for (; bytes.size() >= time_entry_bytes; bytes = bytes.subspan(time_entry_bytes)) {
    entries.push_back({load_be<int64_t>(bytes.data()), base_offset + load_be<int32_t>(bytes.data() + 8)});
  }
  return entries;
}

/// An index file beside its log.
struct Index {
  int64_t base_offset = 0;
  std::string bytes;
  std::unique_ptr<File> log;
  uint64_t log_bytes = 0;
};

std::string beside(const std::string& path, std::string_view suffix) {
  return path.substr(0, path.size() - file_name_of(path).size()) + file_name_of(path).substr(0, file_name_of(path).find('.')) +
         std::string(suffix);
}

Result<Index> open_index(const Dump& dump, const std::string& path) {
  const auto base_offset = offset_in_name(path);
  if (!base_offset) return fail(base_offset.error());
  auto log = dump.disk.open(beside(path, ".log"), Disk::Mode::read);
  if (!log) return fail(log.error());
  const auto log_bytes = (*log)->size();
  if (!log_bytes) return fail(log_bytes.error());
  auto bytes = dump.disk.read_all(path);
  if (!bytes) return fail(bytes.error());
  return Index{*base_offset, std::move(*bytes), std::move(*log), *log_bytes};
}

Result<void> corrupt(std::string sentence) { return fail(ErrorCode::corrupt_message, std::move(sentence)); }

Result<void> check_length(const Index& index, const std::string& path, size_t entry_bytes, std::string_view kind) {
  if (index.bytes.size() % entry_bytes == 0) return {};
  return corrupt(fmt::format("{} file {} is corrupt, found {} bytes which is neither positive nor a multiple of {}.", kind,
                             absolute(path), index.bytes.size(), entry_bytes));
}

/// The largest timestamp of the batch's records.
Result<int64_t> largest_timestamp(const record::BatchView& batch) {
  record::Decompressor decompressor;
  std::vector<std::byte> scratch;
  const auto bytes = record::plain_records(batch, decompressor, scratch, decompressed_bytes_max);
  if (!bytes) return fail(bytes.error());
  record::RecordReader reader(*bytes, batch.record_count());
  int64_t largest = record::no_timestamp;
  for (record::RecordView record; reader.next(record);) largest = std::max(largest, batch.timestamp_of(record));
  return largest;
}

/// What Kafka's OffsetIndex.lookup answers: the last entry at or below, else the log's start.
int32_t position_of(const std::vector<OffsetEntry>& entries, int64_t offset) {
  const auto beyond = std::ranges::upper_bound(entries, offset, {}, &OffsetEntry::offset);
  return beyond == entries.begin() ? 0 : std::prev(beyond)->position;
}

/// Compares one entry of a time index with the log.
Result<void> check_time_entry(const Dump& dump, const std::string& path, const Index& index, TimeEntry entry,
                              int32_t position, int64_t previous_timestamp) {
  log::BatchScanner scanner(*index.log, static_cast<uint64_t>(position), index.log_bytes);
  for (;;) {
    const auto batch = scanner.next();
    if (!batch) return fail(batch.error());
    if (*batch && (*batch)->last_offset() < entry.offset) continue;
    if (!*batch || (*batch)->last_offset() != entry.offset) {
      const int64_t found = *batch ? (*batch)->last_offset() : -1;
      dump.complaints.missing_offsets[absolute(path)].emplace_back(entry.offset, found);
      return {};
    }
    const auto largest = largest_timestamp(**batch);
    if (!largest) return fail(largest.error());
    if (*largest != entry.timestamp) dump.complaints.timestamp_mismatches[absolute(path)].emplace_back(entry.timestamp, *largest);
    if (previous_timestamp >= entry.timestamp) {
      dump.complaints.unordered_timestamps[absolute(path)].emplace_back(entry.timestamp, previous_timestamp);
    }
    return {};
  }
}

Result<void> check_time_index(const Index& index, const std::vector<TimeEntry>& entries, const std::string& path) {
  if (!entries.empty() && entries.back().timestamp < entries.front().timestamp) {
    return corrupt(fmt::format("Corrupt time index found, time index file ({}) has non-zero size but the last timestamp is {} which is "
                               "less than the first timestamp {}",
                               absolute(path), entries.back().timestamp, entries.front().timestamp));
  }
  if (!entries.empty() && entries.back().offset < index.base_offset) {
    return corrupt(fmt::format("Corrupt time index found, time index file ({}) has non-zero size but the last offset is {} which is "
                               "less than the first offset {}",
                               absolute(path), entries.back().offset, index.base_offset));
  }
  return check_length(index, path, time_entry_bytes, "Time index");
}

}  // namespace

Result<void> dump_offset_index(const Dump& dump, const std::string& path) {
  const auto index = open_index(dump, path);
  if (!index) return fail(index.error());
  const auto entries = offset_entries(index->base_offset, as_bytes(index->bytes));
  if (entries.empty()) return dump.streams.out << path << " is empty.\n", Result<void>();
  if (dump.options.index_sanity_check) {
    if (entries.back().offset < index->base_offset) {
      return corrupt(fmt::format("Corrupt index found, index file ({}) has non-zero size but the last offset is {} which is less than the "
                                 "base offset {}.",
                                 absolute(path), entries.back().offset, index->base_offset));
    }
    if (auto done = check_length(*index, path, offset_entry_bytes, "Index"); !done) return done;
    dump.streams.out << path << " passed sanity check.\n";
    return {};
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].offset == index->base_offset && i > 0) return {};  // zeros a crash left
    log::BatchScanner scanner(*index->log, static_cast<uint64_t>(entries[i].position), index->log_bytes);
    const auto batch = scanner.next();
    if (!batch) return fail(batch.error());
    const int64_t last_offset = *batch ? (*batch)->last_offset() : -1;
    if (last_offset != entries[i].offset) dump.complaints.offset_mismatches[absolute(path)].emplace_back(entries[i].offset, last_offset);
    if (!dump.options.verify_index_only) dump.streams.out << fmt::format("offset: {} position: {}\n", entries[i].offset, entries[i].position);
  }
  return {};
}

Result<void> dump_time_index(const Dump& dump, const std::string& path) {
  const auto index = open_index(dump, path);
  if (!index) return fail(index.error());
  const auto entries = time_entries(index->base_offset, as_bytes(index->bytes));
  if (dump.options.index_sanity_check) {
    if (auto done = check_time_index(*index, entries, path); !done) return done;
    dump.streams.out << path << " passed sanity check.\n";
    return {};
  }
  const auto offset_bytes = dump.disk.read_all(beside(path, ".index"));
  if (!offset_bytes) return fail(offset_bytes.error());
  const auto offsets = offset_entries(index->base_offset, as_bytes(*offset_bytes));
  int64_t previous_timestamp = record::no_timestamp;
  for (size_t i = 0; i < entries.size(); ++i) {
    const TimeEntry& entry = entries[i];
    if (entry.offset == index->base_offset && i > 0) return {};
    if (auto done = check_time_entry(dump, path, *index, entry, position_of(offsets, entry.offset), previous_timestamp); !done) return done;
    if (!dump.options.verify_index_only) dump.streams.out << fmt::format("timestamp: {} offset: {}\n", entry.timestamp, entry.offset);
    previous_timestamp = entry.timestamp;
  }
  return {};
}

Result<void> dump_txn_index(const Dump& dump, const std::string& path) {
  const auto base_offset = offset_in_name(path);
  if (!base_offset) return fail(base_offset.error());
  const auto bytes = dump.disk.read_all(path);
  if (!bytes) return fail(bytes.error());
  const auto index = log::TxnIndex::parse(*base_offset, as_bytes(*bytes));
  if (!index) return corrupt(fmt::format("Failed to read corrupt transaction index {}", absolute(path)));
  for (const log::AbortedTransaction& aborted : index->entries()) {
    dump.streams.out << fmt::format("version: 0 producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}\n", aborted.producer_id,
                                    aborted.first_offset, aborted.last_offset, aborted.last_stable_offset);
  }
  return {};
}

Result<void> dump_producer_snapshot(const Dump& dump, const std::string& path) {
  const auto bytes = dump.disk.read_all(path);
  if (!bytes) return fail(bytes.error());
  const auto producers = log::decode_producer_snapshot(as_bytes(*bytes));
  if (!producers) return dump.streams.err << "Snapshot " << path << " is corrupt\n", Result<void>();
  for (const record::ProducerSnapshot& p : *producers) {
    const auto open = p.open_transaction_first_offset;
    dump.streams.out << fmt::format("producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: {} lastTimestamp: {} ",
                                    p.producer_id, p.epoch, p.coordinator_epoch, java_optional(open >= 0 ? std::optional(open) : std::nullopt),
                                    p.timestamp);
    if (p.last_offset >= 0) {
      // Sequence numbers wrap from 2^31-1 to 0: stepping back is stepping 2^31 less so far.
      const auto first = static_cast<int32_t>((static_cast<uint32_t>(p.last_sequence) - static_cast<uint32_t>(p.offset_delta)) & 0x7fffffffu);
      dump.streams.out << fmt::format("firstSequence: {} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}", first, p.last_sequence,
                                      p.last_offset, p.offset_delta, p.timestamp);
    }
    dump.streams.out << '\n';
  }
  return {};
}

}  // namespace kt::cli::dump_log
