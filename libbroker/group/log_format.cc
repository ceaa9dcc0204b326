#include "libbroker/group/log_format.h"

#include <fmt/core.h>

#include "libbroker/base/slice.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"

namespace kt::group {
namespace {

constexpr int16_t oldest_offset_key = 0;  // same layout as OffsetCommitKey, written before Kafka 0.9

template <wire::Message M>
std::vector<std::byte> prefixed(int16_t prefix, const M& message, int16_t version) {
  wire::Encoder encoder(version, version >= M::first_flexible);
  encoder.value(prefix);
  encoder.value(const_cast<M&>(message));
  return encoder.take_bytes();
}

int16_t take_prefix(wire::Decoder& decoder) {
  int16_t prefix = 0;
  decoder.value(prefix);
  return prefix;
}

template <wire::Message M>
M decode_value(const std::vector<std::byte>& bytes) {
  wire::Decoder prefix_decoder(Slice::view(bytes), 0, false);
  const int16_t version = take_prefix(prefix_decoder);
  if (version < M::min_version || version > M::max_version) {
    throw wire::DecodeError(fmt::format("{} of unknown version {}", M::type_name, version));
  }
  return wire::decode<M>(Slice::copy(prefix_decoder.rest().bytes), version);
}

}  // namespace

Record offset_record(const std::string& group, const TopicPartition& at, const CommittedOffset& offset) {
  const wire::OffsetCommitKey key{group, at.topic, at.partition};
  const wire::OffsetCommitValue value{.offset = offset.offset,
                                      .leader_epoch = offset.leader_epoch,
                                      .metadata = offset.metadata,
                                      .commit_timestamp = offset.commit_ms,
                                      .expire_timestamp = offset.expire_ms};
  const int16_t version = offset.expire_ms >= 0 ? 1 : 3;
  return {prefixed(wire::OffsetCommitKey::api_key, key, 0), prefixed(version, value, version)};
}

Record offset_tombstone(const std::string& group, const TopicPartition& at) {
  const wire::OffsetCommitKey key{group, at.topic, at.partition};
  return {prefixed(wire::OffsetCommitKey::api_key, key, 0), std::nullopt};
}

Record group_record(const std::string& group, const wire::GroupMetadataValue& value) {
  constexpr int16_t version = 3;
  return {prefixed(wire::GroupMetadataKey::api_key, wire::GroupMetadataKey{group}, 0), prefixed(version, value, version)};
}

Record group_tombstone(const std::string& group) {
  return {prefixed(wire::GroupMetadataKey::api_key, wire::GroupMetadataKey{group}, 0), std::nullopt};
}

Entry decode_record(const Record& record) {
  wire::Decoder decoder(Slice::view(record.key), 0, false);
  const int16_t type = take_prefix(decoder);
  if (type == oldest_offset_key || type == wire::OffsetCommitKey::api_key) {
    wire::OffsetCommitKey key;
    decoder.value(key);
    OffsetEntry entry{std::move(key.group), {std::move(key.topic), key.partition}, std::nullopt};
    if (record.value) {
      auto value = decode_value<wire::OffsetCommitValue>(*record.value);
      entry.offset = CommittedOffset{value.offset, value.leader_epoch, std::move(value.metadata), value.commit_timestamp,
                                     value.expire_timestamp};
    }
    return entry;
  }
  if (type == wire::GroupMetadataKey::api_key) {
    wire::GroupMetadataKey key;
    decoder.value(key);
    GroupEntry entry{std::move(key.group), std::nullopt};
    if (record.value) entry.value = decode_value<wire::GroupMetadataValue>(*record.value);
    return entry;
  }
  return ForeignEntry{type};
}

}  // namespace kt::group
