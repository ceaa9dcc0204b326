#include "libbroker/log/checkpoints.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "libbroker/base/disk.h"

namespace kt::log {
namespace {

constexpr int version = 0;

/// Words of a line, separated by any number of blanks.
std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  while (true) {
    const size_t begin = line.find_first_not_of(" \t\r");
    if (begin == line.npos) return found;
    const size_t end = std::min(line.find_first_of(" \t\r", begin), line.size());
    found.push_back(line.substr(begin, end - begin));
    line.remove_prefix(end);
  }
}

template <class I>
bool to_number(std::string_view text, I& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// Calls `take(words)` for each entry; it answers whether they are one.
template <class Take>
Result<void> read_entries(Disk& disk, const std::string& path, Take take) {
  const auto there = disk.exists(path);
  if (!there) return fail(there.error());
  if (!*there) return {};
  const auto text = disk.read_all(path);
  if (!text) return fail(text.error());

  std::vector<std::string_view> lines;
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto malformed = [&](std::string_view line) {
    return fail(ErrorCode::kafka_storage_error,
                fmt::format("Malformed line in checkpoint file [{}]: {}", path, line));
  };
  int found_version = 0;
  size_t count = 0;
  if (lines.empty()) return {};
  if (!to_number(lines[0], found_version) || found_version != version) return malformed(lines[0]);
  if (lines.size() == 1) return {};
  if (!to_number(lines[1], count)) return malformed(lines[1]);
  for (size_t i = 2; i < lines.size(); ++i) {
    if (!take(words(lines[i]))) return malformed(lines[i]);
  }
  if (lines.size() - 2 == count) return {};
  return fail(ErrorCode::kafka_storage_error,
              fmt::format("Expected [{}] entries in checkpoint file [{}], but found [{}]", count, path,
                          lines.size() - 2));
}

}  // namespace

Result<OffsetCheckpoint> read_offset_checkpoint(Disk& disk, const std::string& path) {
  OffsetCheckpoint offsets;
  const auto done = read_entries(disk, path, [&](const std::vector<std::string_view>& line) {
    int32_t partition = 0;
    int64_t offset = 0;
    if (line.size() != 3 || !to_number(line[1], partition) || !to_number(line[2], offset)) return false;
    offsets[{std::string(line[0]), partition}] = offset;
    return true;
  });
  if (!done) return fail(done.error());
  return offsets;
}

Result<void> write_offset_checkpoint(Disk& disk, const std::string& path, const OffsetCheckpoint& offsets) {
  std::string text = fmt::format("{}\n{}\n", version, offsets.size());
  for (const auto& [partition, offset] : offsets) {
    fmt::format_to(std::back_inserter(text), "{} {} {}\n", partition.topic, partition.partition, offset);
  }
  return disk.replace(path, text);
}

Result<EpochEntries> read_epoch_checkpoint(Disk& disk, const std::string& path) {
  EpochEntries entries;
  const auto done = read_entries(disk, path, [&](const std::vector<std::string_view>& line) {
    record::EpochCache::Entry entry;
    if (line.size() != 2 || !to_number(line[0], entry.epoch) || !to_number(line[1], entry.start_offset) ||
        entry.epoch < 0 || entry.start_offset < 0)
      return false;
    entries.push_back(entry);
    return true;
  });
  if (!done) return fail(done.error());
  return entries;
}

Result<void> write_epoch_checkpoint(Disk& disk, const std::string& path,
                                    std::span<const record::EpochCache::Entry> entries, Flush flush) {
  std::string text = fmt::format("{}\n{}\n", version, entries.size());
  for (const auto& entry : entries) {
    fmt::format_to(std::back_inserter(text), "{} {}\n", entry.epoch, entry.start_offset);
  }
  return replace_file(disk, path, text, flush);
}

}  // namespace kt::log
