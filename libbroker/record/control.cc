#include "libbroker/record/control.h"

#include "libbroker/base/bytes.h"
#include "libbroker/record/batch.h"

namespace kt::record {
namespace {

// Readers take any version >= 0: later ones only add fields at the end.
constexpr int16_t written_version = 0;

}  // namespace

std::array<std::byte, control_key_bytes> encode_control_key(ControlType type) {
  std::array<std::byte, control_key_bytes> key;
  store_be(key.data(), written_version);
  store_be(key.data() + 2, static_cast<int16_t>(type));
  return key;
}

std::optional<ControlType> decode_control_key(std::span<const std::byte> key) {
  if (key.size() < control_key_bytes || load_be<int16_t>(key.data()) < 0) return std::nullopt;
  const auto type = load_be<int16_t>(key.data() + 2);
  if (type < 0 || type > static_cast<int16_t>(ControlType::kraft_voters)) return std::nullopt;
  return static_cast<ControlType>(type);
}

std::array<std::byte, end_marker_value_bytes> encode_end_marker(int32_t coordinator_epoch) {
  std::array<std::byte, end_marker_value_bytes> value;
  store_be(value.data(), written_version);
  store_be(value.data() + 2, coordinator_epoch);
  return value;
}

Result<std::optional<EndMarker>> decode_end_marker(const BatchView& batch) {
  if (batch.codec() != Codec::none) return fail(ErrorCode::corrupt_message, "A control batch is compressed.");
  RecordReader reader = batch.records();
  RecordView record;
  if (!reader.next(record)) {
    if (reader.fault()) return fail(ErrorCode::corrupt_message, "A control record is malformed.");
    return std::nullopt;
  }
  const auto type = decode_control_key(record.key);
  if (type != ControlType::abort && type != ControlType::commit)
    return fail(ErrorCode::corrupt_message,
                "A control record of a producer is not the end of a transaction.");
  if (record.value.size() < end_marker_value_bytes || load_be<int16_t>(record.value.data()) < 0)
    return fail(ErrorCode::corrupt_message, "An end of transaction marker is malformed.");
  return EndMarker{.is_commit = type == ControlType::commit,
                   .coordinator_epoch = load_be<int32_t>(record.value.data() + 2),
                   .timestamp = batch.timestamp_of(record)};
}

}  // namespace kt::record
