#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <ostream>
#include <string>

#include "libbroker/base/disk.h"
#include "libbroker/log/batch_scanner.h"
#include "libbroker/log/file_names.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/commands/lab/partitions_meant.h"

namespace kt::cli::lab {
namespace {

constexpr int64_t status_ms_max = 5'000;
constexpr uint64_t batch_header_bytes = 61;  // what comes before the records, of a batch v2

/// "t:0@12"
struct Spot {
  TopicPartition partition;
  int64_t offset = 0;
};
std::optional<Spot> parse_spot(const std::string& text) {
  const size_t at = text.rfind('@');
  if (at == text.npos) return std::nullopt;
  const auto partition = parse_partition(text.substr(0, at));
  Spot spot;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + at + 1, end, spot.offset);
  if (!partition || parsed.ec != std::errc() || parsed.ptr != end || spot.offset < 0) return std::nullopt;
  spot.partition = *partition;
  return spot;
}

/// A node that runs has its newest segment open, and what it is about to write in memory.
Result<void> check_down(const Chosen& lab, const kt::lab::NodeSpec& node) {
  if (!lab.place.is_running()) return {};
  const auto status = kt::lab::ask(lab.place, {.ask = "status", .node = {}}, status_ms_max);
  if (!status) return fail(status.error());
  for (const auto& there : status->nodes) {
    if (there.spec.id == node.id && there.pid != 0)
      return fail(ErrorCode::invalid_request,
                  fmt::format("{} runs, and its files with it: kt lab kill {} first", node.name(), node.id));
  }
  return {};
}

/// The segment file in which the offset lies.
Result<std::string> segment_of(const std::string& directory, const Spot& spot, Disk& disk) {
  const auto entries = disk.list(directory);
  if (!entries)
    return fail(ErrorCode::resource_not_found, fmt::format("there is no {} on it", spot.partition.text()));
  std::optional<int64_t> base;
  for (const DirEntry& entry : *entries) {
    const auto name = log::parse_file_name(entry.name);
    if (name && name->suffix == log::log_suffix && name->state.empty() && name->offset <= spot.offset)
      base = std::max(base.value_or(0), name->offset);
  }
  if (!base)
    return fail(ErrorCode::offset_out_of_range,
                fmt::format("{} begins beyond offset {}", spot.partition.text(), spot.offset));
  return log::file_path(directory, *base, log::log_suffix);
}

struct Found {
  uint64_t position = 0, end = 0;
};
Result<Found> batch_with(File& file, const Spot& spot) {
  const auto size = file.size();
  if (!size) return fail(size.error());
  log::BatchScanner scanner(file, 0, *size);
  for (;;) {
    const auto batch = scanner.next();
    if (!batch) return fail(batch.error());
    if (!*batch)
      return fail(ErrorCode::offset_out_of_range,
                  fmt::format("{} ends before offset {}", spot.partition.text(), spot.offset));
    if ((*batch)->last_offset() >= spot.offset) return Found{scanner.position(), scanner.next_position()};
  }
}

Result<void> flip_bit(File& file, const Found& batch) {
  std::array<std::byte, 1> byte{};
  const uint64_t at = std::min(batch.position + batch_header_bytes, batch.end - 1);
  if (auto read = file.read_at(at, byte); !read) return fail(read.error());
  byte[0] ^= std::byte{1};
  return file.write_at(at, byte);
}

}  // namespace

Exit corrupt(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const auto node = node_of(options.node, lab->spec, environment);
  if (!node) return refuse(node.error(), streams);
  const auto spot = parse_spot(options.corrupt.spot);
  if (!spot)
    return refuse({ErrorCode::invalid_config, options.corrupt.spot + " is no place in a log: orders:0@12"},
                  streams);
  if (auto down = check_down(*lab, *node); !down) return refuse(down.error(), streams);
  const std::string directory = lab->place.node(*node) + "/data/" +
                                log::directory_name({spot->partition.topic, spot->partition.partition});
  const auto path = segment_of(directory, *spot, environment.disk);
  if (!path) return refuse(path.error(), streams);
  const auto file = environment.disk.open(*path, Disk::Mode::read_write);
  if (!file) return refuse(file.error(), streams);
  const auto batch = batch_with(**file, *spot);
  if (!batch) return refuse(batch.error(), streams);
  Result<void> done;
  std::string_view what = "a bit is flipped";
  if (options.corrupt.how == "truncate") {
    done = (*file)->truncate(batch->position);
    what = "the file ends before it";
  } else if (options.corrupt.how == "torn") {
    done = (*file)->truncate(batch->position + (batch->end - batch->position) / 2);
    what = "the file ends in its middle";
  } else {
    done = flip_bit(**file, *batch);
  }
  if (!done) return refuse(done.error(), streams);
  streams.out << fmt::format("{} {}: offset {} lies in the batch at byte {}; {}\n", node->name(), *path,
                             spot->offset, batch->position, what);
  return Exit::done;
}

}  // namespace kt::cli::lab
