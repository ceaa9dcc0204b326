#include "libbroker/sim/broker/replica_logs.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "libbroker/base/bytes.h"
#include "libbroker/log/file_names.h"
#include "libbroker/node/node.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/compression.h"
#include "libbroker/sim/broker/broker_program.h"

namespace kt::sim {
namespace {

constexpr std::string_view log_dir = "/data";
constexpr size_t decompressed_bytes_max = 64 << 20;

/// One replica's files, read without the code that wrote them.
struct ReplicaLog {
  int32_t broker = 0;
  std::string fault;  // not empty: what is broken
  struct Batch {
    int64_t base_offset = 0, last_offset = 0;
    int32_t epoch = 0;
    uint32_t crc = 0;
    auto operator<=>(const Batch&) const = default;
  };
  std::vector<Batch> batches;
  std::map<int64_t, std::string> records;  // by offset: key and value
  std::map<std::string, int64_t> last_of;  // by key
};

void take_records(const record::BatchView& batch, ReplicaLog& log) {
  if (batch.is_control()) return;
  record::Decompressor decompressor;
  std::vector<std::byte> scratch;
  const auto plain = record::plain_records(batch, decompressor, scratch, decompressed_bytes_max);
  if (!plain) {
    log.fault = fmt::format("the batch at {} cannot be read", batch.base_offset());
    return;
  }
  record::RecordReader reader(*plain, batch.record_count());
  const auto text = [](std::span<const std::byte> bytes) {
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  for (record::RecordView record; reader.next(record);) {
    const int64_t offset = batch.offset_of(record);
    log.records[offset] = text(record.key) + '\0' + text(record.value);
    log.last_of[text(record.key)] = offset;
  }
}

void take_segment(std::string_view bytes, bool has_keys, ReplicaLog& log) {
  for (std::span<const std::byte> rest = as_bytes(bytes); !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    if (!batch || !batch->verify_crc()) {
      log.fault = fmt::format("no whole batch after offset {}",
                              log.batches.empty() ? -1 : log.batches.back().last_offset);
      return;
    }
    if (!log.batches.empty() && batch->base_offset() <= log.batches.back().last_offset)
      log.fault =
          fmt::format("offset {} comes after {}", batch->base_offset(), log.batches.back().last_offset);
    log.batches.push_back(
        {batch->base_offset(), batch->last_offset(), batch->partition_leader_epoch(), batch->crc()});
    if (has_keys) take_records(*batch, log);
    rest = rest.subspan(batch->size_bytes());
  }
}

ReplicaLog read_log(Machine& machine, int32_t broker, const log::TopicPartition& partition, bool has_keys) {
  ReplicaLog log{.broker = broker};
  const std::string directory = fmt::format("{}/{}", log_dir, log::directory_name(partition));
  const auto entries = machine.disk().list(directory);
  if (!entries) return log;  // nothing was ever written
  for (const DirEntry& entry : *entries) {
    const auto file = log::parse_file_name(entry.name);
    if (!file || file->suffix != log::log_suffix || !file->state.empty()) continue;
    const auto bytes = machine.disk().read_all(directory + "/" + entry.name);
    if (bytes) take_segment(*bytes, has_keys, log);
  }
  return log;
}

/// From the first offset that both have on.
std::optional<std::string> difference(const ReplicaLog& a, const ReplicaLog& b) {
  if (a.batches.empty() || b.batches.empty()) return std::nullopt;  // retention may take all
  const int64_t from = std::max(a.batches.front().base_offset, b.batches.front().base_offset);
  const auto first_of = [&](const ReplicaLog& log) {
    return std::ranges::lower_bound(log.batches, from, {}, &ReplicaLog::Batch::base_offset);
  };
  auto one = first_of(a), other = first_of(b);
  for (; one != a.batches.end() && other != b.batches.end(); ++one, ++other) {
    if (*one != *other)
      return fmt::format("differ at offset {}", std::min(one->base_offset, other->base_offset));
  }
  if (one == a.batches.end() && other == b.batches.end()) return std::nullopt;
  return fmt::format("end at {} and {}", a.batches.back().last_offset + 1, b.batches.back().last_offset + 1);
}

std::optional<std::string> difference_of_keys(const ReplicaLog& a, const ReplicaLog& b) {
  for (const auto& [offset, record] : a.records) {
    const auto other = b.records.find(offset);
    if (other != b.records.end() && other->second != record)
      return fmt::format("differ at offset {}", offset);
  }
  for (const auto& [key, offset] : a.last_of) {
    const auto other = b.last_of.find(key);
    const int64_t there = other == b.last_of.end() ? -1 : other->second;
    if (there != offset) return fmt::format("have the last value of a key at {} and {}", offset, there);
  }
  return std::nullopt;
}

/// I14: the epoch cache says what the batches say. Where records are deleted it may begin later than the log:
/// a crash takes back the start of a log, which was not checkpointed yet, but not the cache that was flushed.
std::optional<std::string> epoch_fault(Machine& machine, const ReplicaLog& log, const Uuid& topic,
                                       int32_t index, bool is_retained) {
  node::Node* node = node_of(machine);
  if (!node || !node->replica_manager()) return std::nullopt;
  const auto shard = node->replica_manager()->table().find(topic, index);
  if (!shard) return std::nullopt;
  const record::EpochCache epochs = (*shard)->epochs();
  const int64_t start = (*shard)->standing().log_start;
  for (const ReplicaLog::Batch& batch : log.batches) {
    if (batch.last_offset < start) continue;
    const int64_t offset = std::max(batch.base_offset, start);
    const auto entries = epochs.entries();
    if (is_retained && !entries.empty() && offset < entries.front().start_offset) continue;
    const auto epoch = epochs.epoch_for_offset(offset);
    if (epoch != batch.epoch)
      return fmt::format("I14: offset {} is of epoch {}, the epoch cache says {}", batch.base_offset,
                         batch.epoch, epoch.value_or(-1));
  }
  return std::nullopt;
}

}  // namespace

void compare_replicas(World& world, const metadata::Image& image,
                      const std::function<bool(const std::string& topic)>& is_compacted,
                      const std::function<bool(const std::string& topic)>& is_retained,
                      const std::function<void(std::string)>& violated) {
  for (const auto& [id, topic] : image.topics) {
    const bool by_keys = is_compacted(topic->name);
    for (const auto& [index, partition] : topic->partitions) {
      std::vector<ReplicaLog> logs;
      for (const int32_t broker : partition->replicas) {
        Machine& machine = world.machine(static_cast<uint32_t>(broker - 1));
        logs.push_back(read_log(machine, broker, {topic->name, index}, by_keys));
        if (!logs.back().fault.empty())
          violated(fmt::format("the log of {}-{} on broker {}: {}", topic->name, index, broker,
                               logs.back().fault));
        if (const auto fault = epoch_fault(machine, logs.back(), id, index, is_retained(topic->name)))
          violated(fmt::format("the log of {}-{} on broker {}: {}", topic->name, index, broker, *fault));
      }
      for (size_t i = 1; i < logs.size(); ++i) {
        const auto found = by_keys ? difference_of_keys(logs[0], logs[i]) : difference(logs[0], logs[i]);
        if (found)
          violated(fmt::format("I7: the logs of {}-{} on brokers {} and {} {}", topic->name, index,
                               logs[0].broker, logs[i].broker, *found));
      }
    }
  }
}

}  // namespace kt::sim
