#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <ostream>

#include "libbroker/base/bytes.h"
#include "libbroker/base/disk.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/record/compression.h"
#include "libcli/commands/dump_log/decoders.h"
#include "libcli/commands/dump_log/files.h"

namespace kt::cli::dump_log {
namespace {

constexpr size_t decompressed_bytes_max = 1 << 30;

const char* name_of(record::TimestampType type) {
  return type == record::TimestampType::log_append_time ? "LogAppendTime" : "CreateTime";
}

/// "Log starting offset: 42", or what snapshot it is.
Result<void> print_heading(const Dump& dump, const std::string& path) {
  const std::string name = file_name_of(path);
  if (name == "bootstrap.checkpoint") return dump.streams.out << "KRaft bootstrap snapshot\n", Result<void>();
  const auto offset = offset_in_name(path);
  if (!offset) return fail(offset.error());
  if (!name.ends_with(".checkpoint")) {
    dump.streams.out << "Log starting offset: " << *offset << '\n';
    return {};
  }
  int32_t epoch = 0;
  const size_t dash = name.find('-');
  if (dash != name.npos) std::from_chars(name.data() + dash + 1, name.data() + name.size(), epoch);
  dump.streams.out << fmt::format("Snapshot end offset: {}, epoch: {}\n", *offset, epoch);
  return {};
}

class LogDump {
 public:
  LogDump(const Dump& dump, std::string path) : dump_(dump), path_(std::move(path)) {}

  Result<void> print(File& file, uint64_t file_bytes) {
    const auto limit = std::min(file_bytes, static_cast<uint64_t>(std::max(0, dump_.options.bytes_max)));
    log::BatchScanner scanner(file, 0, limit);
    for (;;) {
      const auto batch = scanner.next();
      if (!batch) return fail(batch.error());
      if (!*batch) break;
      print_batch(**batch, scanner.position());
      if (!dump_.options.deep) continue;
      if (auto done = print_records(**batch); !done) return done;
    }
    const uint64_t trailing_bytes = limit - scanner.next_position();
    if (trailing_bytes > 0 && dump_.options.bytes_max == INT32_MAX) {
      out() << fmt::format("Found {} invalid bytes at the end of {}\n", trailing_bytes, file_name_of(path_));
    }
    return {};
  }

 private:
  std::ostream& out() { return dump_.streams.out; }

  void print_batch(const record::BatchView& batch, uint64_t position) {
    out() << fmt::format(
        "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} producerEpoch: {} "
        "partitionLeaderEpoch: {} isTransactional: {} isControl: {} deleteHorizonMs: {}",
        batch.base_offset(), batch.last_offset(), batch.record_count(), batch.base_sequence(), batch.last_sequence(),
        batch.producer_id(), batch.producer_epoch(), batch.partition_leader_epoch(), batch.is_transactional(),
        batch.is_control(), java_optional(batch.delete_horizon_ms()));
    out() << fmt::format(" position: {} {}: {} size: {} magic: 2 compresscodec: {} crc: {} isvalid: {}\n", position,
                         name_of(batch.timestamp_type()), batch.max_timestamp(), batch.size_bytes(),
                         record::name_of(batch.codec()), batch.crc(), batch.verify_crc());
  }

  Result<void> print_records(const record::BatchView& batch) {
    const auto bytes = record::plain_records(batch, decompressor_, scratch_, decompressed_bytes_max);
    if (!bytes) return fail(bytes.error());
    record::RecordReader reader(*bytes, batch.record_count());
    for (record::RecordView record; reader.next(record);) {
      note_gap(batch.offset_of(record));
      if (auto done = print_record(batch, record); !done) return done;
    }
    if (reader.fault()) return fail(ErrorCode::invalid_record, fmt::format("{}: {}", path_, reader.fault()));
    return {};
  }

  void note_gap(int64_t offset) {
    if (last_offset_ && offset != *last_offset_ + 1) {
      dump_.complaints.offset_gaps[absolute(path_)].emplace_back(*last_offset_, offset);
    }
    last_offset_ = offset;
  }

  Result<void> print_record(const record::BatchView& batch, const record::RecordView& record) {
    std::string line, prefix = "| ";
    const auto add = [&](std::string_view text) { line.append(prefix).append(text), prefix = " "; };
    if (!dump_.options.skip_record_metadata) {
      add(metadata_of(batch, record));
      if (batch.is_control()) line += control_text(record);
    }
    if (dump_.options.print_data && !batch.is_control()) {
      const auto text = text_of(record, batch.offset_of(record), dump_.options);
      if (!text) return fail(text.error());
      if (text->key) add("key: " + *text->key);
      if (text->payload) line += " payload: " + *text->payload;  // Kafka's blank, whatever is before it
    }
    out() << line << '\n';
    return {};
  }

  static std::string metadata_of(const record::BatchView& batch, const record::RecordView& record) {
    const auto size_of = [](std::span<const std::byte> bytes) { return bytes.data() ? static_cast<int64_t>(bytes.size()) : -1; };
    const bool is_numbered = batch.base_sequence() != record::no_sequence;
    std::string keys;
    for (const record::Header& header : record.headers) keys.append(keys.empty() ? "" : ",").append(header.key);
    return fmt::format("offset: {} {}: {} keySize: {} valueSize: {} sequence: {} headerKeys: [{}]", batch.offset_of(record),
                       name_of(batch.timestamp_type()), batch.timestamp_of(record), size_of(record.key), size_of(record.value),
                       is_numbered ? record::sequence_after(batch.base_sequence(), record.offset_delta) : record::no_sequence, keys);
  }

  const Dump& dump_;
  const std::string path_;
  record::Decompressor decompressor_;
  std::vector<std::byte> scratch_;
  std::optional<int64_t> last_offset_;
};

}  // namespace

Result<void> dump_log_file(const Dump& dump, const std::string& path) {
  if (auto done = print_heading(dump, path); !done) return done;
  const auto file = dump.disk.open(path, Disk::Mode::read);
  if (!file) return fail(file.error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  return LogDump(dump, path).print(**file, *size);
}

std::string file_name_of(const std::string& path) { return std::filesystem::path(path).filename().string(); }

std::string absolute(const std::string& path) {
  return path.starts_with('/') ? path : (std::filesystem::current_path() / path).string();
}

std::string java_optional(std::optional<int64_t> value) {
  return value ? fmt::format("OptionalLong[{}]", *value) : "OptionalLong.empty";
}

Result<int64_t> offset_in_name(const std::string& path) {
  const std::string name = file_name_of(path);
  int64_t offset = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), offset);
  if (error != std::errc() || (*end != '.' && *end != '-')) {
    return fail(ErrorCode::invalid_request, fmt::format("For input string: \"{}\"", name.substr(0, name.find('.'))));
  }
  return offset;
}

}  // namespace kt::cli::dump_log
