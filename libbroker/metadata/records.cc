#include "libbroker/metadata/records.h"

#include <fmt/core.h>

#include <limits>

#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"

namespace kt::metadata {
namespace {

constexpr uint32_t frame_version = 1;

template <class M>
Record decode_as(const Slice& body, uint32_t version) {
  if (version < static_cast<uint32_t>(M::min_version) || version > static_cast<uint32_t>(M::max_version))
    throw wire::DecodeError(fmt::format("{} of unknown version {}", M::type_name, version));
  wire::Decoder decoder(body, static_cast<int16_t>(version), true);
  M message;
  decoder.value(message);
  if (decoder.remaining() > 0)
    throw wire::DecodeError(fmt::format("{} bytes left over after a {}", decoder.remaining(), M::type_name));
  return message;
}

/// Tries the variant's alternatives one after the other.
template <size_t index = 0>
Record decode_as(uint32_t api_key, const Slice& body, uint32_t version) {
  if constexpr (index == std::variant_size_v<Record>) {
    throw wire::DecodeError(fmt::format("metadata record of unknown type {}", api_key));
  } else {
    using M = std::variant_alternative_t<index, Record>;
    if (api_key == static_cast<uint32_t>(M::api_key)) return decode_as<M>(body, version);
    return decode_as<index + 1>(api_key, body, version);
  }
}

int16_t version_at(const wire::RegisterBrokerRecord&, int16_t level) {
  return level >= metadata_version_directories ? 3 : level >= 8 ? 2 : 1;
}
int16_t version_at(const wire::PartitionRecord&, int16_t level) {
  return level >= metadata_version_elr ? 2 : level >= metadata_version_directories ? 1 : 0;
}
int16_t version_at(const wire::PartitionChangeRecord&, int16_t level) {
  return level >= metadata_version_elr ? 2 : level >= metadata_version_directories ? 1 : 0;
}
int16_t version_at(const wire::BrokerRegistrationChangeRecord& r, int16_t) {
  return !r.log_dirs.empty()             ? 2
         : r.in_controlled_shutdown != 0 ? 1
                                         : 0;  // the oldest that can say it, as Kafka
}
int16_t version_at(const auto&, int16_t) { return 0; }

}  // namespace

std::string_view name_of(const Record& record) {
  return std::visit([](const auto& message) { return std::string_view(message.type_name); }, record);
}

int16_t record_version(const Record& record, int16_t metadata_version) {
  return std::visit([&](const auto& message) { return version_at(message, metadata_version); }, record);
}

std::vector<std::byte> encode_record(const Record& record, int16_t metadata_version) {
  const int16_t version = record_version(record, metadata_version);
  return std::visit(
      [&](const auto& message) {
        wire::Encoder encoder(version, true);
        encoder.unsigned_varint(frame_version);
        encoder.unsigned_varint(static_cast<uint32_t>(message.api_key));
        encoder.unsigned_varint(static_cast<uint32_t>(version));
        encoder.value(const_cast<std::remove_cvref_t<decltype(message)>&>(message));
        return encoder.take_bytes();
      },
      record);
}

bool same_record(const Record& a, const Record& b) {
  return a.index() == b.index() &&
         encode_record(a, metadata_version_latest) == encode_record(b, metadata_version_latest);
}

Record decode_record(const Slice& value) {
  wire::Decoder framing(value, 0, true);
  if (const uint32_t frame = framing.unsigned_varint(); frame != frame_version)
    throw wire::DecodeError(fmt::format("metadata record with unknown frame version {}", frame));
  const uint32_t api_key = framing.unsigned_varint();
  const uint32_t version = framing.unsigned_varint();
  return decode_as(api_key, framing.rest(), version);
}

}  // namespace kt::metadata
