#include "libbroker/log/producer_snapshot.h"

#include "libbroker/base/bytes.h"
#include "libbroker/record/crc32c.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"
#include "libbroker/wire/state_files.h"

namespace kt::log {
namespace {

constexpr int16_t version = 1;
constexpr size_t crc_at = 2, entries_at = 6;

}  // namespace

std::vector<std::byte> encode_producer_snapshot(std::span<const record::ProducerSnapshot> producers) {
  wire::ProducerSnapshot message;
  message.producer_entries.reserve(producers.size());
  for (const record::ProducerSnapshot& producer : producers) {
    message.producer_entries.push_back({.producer_id = producer.producer_id,
                                        .epoch = producer.epoch,
                                        .last_sequence = producer.last_sequence,
                                        .last_offset = producer.last_offset,
                                        .offset_delta = producer.offset_delta,
                                        .timestamp = producer.timestamp,
                                        .coordinator_epoch = producer.coordinator_epoch,
                                        .current_txn_first_offset = producer.open_transaction_first_offset});
  }
  std::vector<std::byte> bytes(crc_at);
  store_be(bytes.data(), version);
  const auto body = wire::encode_bytes(message, version);
  bytes.insert(bytes.end(), body.begin(), body.end());
  store_be(&bytes[crc_at], record::crc32c(std::span(bytes).subspan(entries_at)));
  return bytes;
}

std::optional<std::vector<record::ProducerSnapshot>> decode_producer_snapshot(
    std::span<const std::byte> bytes) {
  if (bytes.size() < entries_at || load_be<int16_t>(bytes.data()) != version) return std::nullopt;
  if (load_be<uint32_t>(&bytes[crc_at]) != record::crc32c(bytes.subspan(entries_at))) return std::nullopt;
  wire::ProducerSnapshot message;
  try {
    message = wire::decode<wire::ProducerSnapshot>(Slice::view(bytes.subspan(crc_at)), version);
  } catch (const wire::DecodeError&) {
    return std::nullopt;
  }
  std::vector<record::ProducerSnapshot> producers;
  producers.reserve(message.producer_entries.size());
  for (const auto& entry : message.producer_entries) {
    producers.push_back({.producer_id = entry.producer_id,
                         .epoch = entry.epoch,
                         .last_sequence = entry.last_sequence,
                         .last_offset = entry.last_offset,
                         .offset_delta = entry.offset_delta,
                         .timestamp = entry.timestamp,
                         .coordinator_epoch = entry.coordinator_epoch,
                         .open_transaction_first_offset = entry.current_txn_first_offset});
  }
  return producers;
}

}  // namespace kt::log
