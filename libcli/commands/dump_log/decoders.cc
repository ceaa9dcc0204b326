#include "libcli/commands/dump_log/decoders.h"

#include <fmt/core.h>

#include <cctype>
#include <nlohmann/json.hpp>
#include <tuple>
#include <type_traits>

#include "libbroker/base/bytes.h"
#include "libbroker/metadata/records.h"
#include "libbroker/record/control.h"
#include "libbroker/wire/consumer_protocol.h"
#include "libbroker/wire/control_records.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/group_records.h"
#include "libbroker/wire/json.h"
#include "libbroker/wire/txn_records.h"
#include "libcli/commands/consume/deserializer.h"
#include "libcli/commands/dump_log/share_records.h"

namespace kt::cli::dump_log {
namespace {

using nlohmann::ordered_json;

template <class K, class V>
struct Kind {
  using Key = K;
  using Value = V;
};
using OffsetKinds = std::tuple<
    Kind<wire::OffsetCommitKey, wire::OffsetCommitValue>,
    Kind<wire::GroupMetadataKey, wire::GroupMetadataValue>,
    Kind<wire::ConsumerGroupMetadataKey, wire::ConsumerGroupMetadataValue>,
    Kind<wire::ConsumerGroupPartitionMetadataKey, wire::ConsumerGroupPartitionMetadataValue>,
    Kind<wire::ConsumerGroupMemberMetadataKey, wire::ConsumerGroupMemberMetadataValue>,
    Kind<wire::ConsumerGroupTargetAssignmentMetadataKey, wire::ConsumerGroupTargetAssignmentMetadataValue>,
    Kind<wire::ConsumerGroupTargetAssignmentMemberKey, wire::ConsumerGroupTargetAssignmentMemberValue>,
    Kind<wire::ConsumerGroupCurrentMemberAssignmentKey, wire::ConsumerGroupCurrentMemberAssignmentValue>,
    Kind<wire::ConsumerGroupRegularExpressionKey, wire::ConsumerGroupRegularExpressionValue>>;
using TransactionKinds = std::tuple<Kind<wire::TransactionLogKey, wire::TransactionLogValue>>;
using ShareKinds =
    std::tuple<Kind<ShareSnapshotKey, ShareSnapshotValue>, Kind<ShareUpdateKey, ShareUpdateValue>>;

int16_t number_at(std::span<const std::byte> bytes) {
  if (bytes.size() < 2) throw wire::DecodeError("no room for a version");
  return load_be<int16_t>(bytes.data());
}

/// A message behind its version.
template <class M>
M versioned(std::span<const std::byte> bytes) {
  const int16_t version = number_at(bytes);
  if (version < M::min_version || version > M::max_version) {
    throw wire::DecodeError(fmt::format("Unknown version {} of {}", version, M::type_name));
  }
  wire::Decoder decoder(Slice::view(bytes.subspan(2)), version, version >= M::first_flexible);
  M message;
  decoder.value(message);
  return message;
}

/// Shows what a classic member said in the consumers' own protocol; other bytes stay as they are.
template <class M>
void show_inside(ordered_json& member, const char* field, const Slice& bytes) {
  try {
    member[field] = ordered_json::parse(wire::to_json(versioned<M>(bytes.bytes), number_at(bytes.bytes)));
  } catch (const wire::DecodeError&) {
  }
}

template <class V>
std::string value_json(const V& value, int16_t version) {
  return wire::to_json(value, version);
}
std::string value_json(const wire::GroupMetadataValue& value, int16_t version) {
  if (value.protocol_type != "consumer") return wire::to_json(value, version);
  auto json = ordered_json::parse(wire::to_json(value, version));
  for (size_t i = 0; i < value.members.size(); ++i) {
    show_inside<wire::ConsumerProtocolSubscription>(json["members"][i], "subscription",
                                                    value.members[i].subscription);
    show_inside<wire::ConsumerProtocolAssignment>(json["members"][i], "assignment",
                                                  value.members[i].assignment);
  }
  return json.dump();
}

/// A record of a coordinator's log: its key begins with the number of its kind, its value with a version.
template <class Entry>
RecordText coordinator_text(int16_t type, const record::RecordView& record) {
  using Key = typename Entry::Key;
  using Value = typename Entry::Value;
  wire::Decoder decoder(Slice::view(record.key.subspan(2)), 0, false);
  Key key;
  decoder.value(key);
  RecordText text{fmt::format(R"({{"type":"{}","data":{}}})", type, wire::to_json(key, 0)), "<DELETE>"};
  if (record.value.data() == nullptr) return text;
  const auto value = versioned<Value>(record.value);
  const int16_t version = number_at(record.value);
  text.payload = fmt::format(R"({{"version":"{}","data":{}}})", version, value_json(value, version));
  return text;
}

template <class Kinds, size_t index = 0>
RecordText coordinator_text_of(int16_t type, int64_t offset, const record::RecordView& record) {
  if constexpr (index == std::tuple_size_v<Kinds>) {
    return {fmt::format("Unknown record type {} at offset {}, skipping.", type, offset), std::nullopt};
  } else {
    using Entry = std::tuple_element_t<index, Kinds>;
    const bool is_older_commit = std::is_same_v<typename Entry::Key, wire::OffsetCommitKey> && type == 0;
    if (type == Entry::Key::api_key || is_older_commit) return coordinator_text<Entry>(type, record);
    return coordinator_text_of<Kinds, index + 1>(type, offset, record);
  }
}

template <class Kinds>
Result<RecordText> coordinator_text_or_error(const record::RecordView& record, int64_t offset) {
  if (record.key.data() == nullptr) {
    return fail(
        ErrorCode::invalid_record,
        fmt::format(
            "Failed to decode message at offset {} using the specified decoder (message had a missing key)",
            offset));
  }
  try {
    return coordinator_text_of<Kinds>(number_at(record.key), offset, record);
  } catch (const wire::DecodeError& error) {
    return RecordText{fmt::format("Error at offset {}, skipping. {}", offset, error.what()), std::nullopt};
  }
}

/// "FeatureLevelRecord" as "FEATURE_LEVEL_RECORD".
std::string constant_name(std::string_view type_name) {
  std::string name;
  for (const char c : type_name) {
    if (std::isupper(static_cast<unsigned char>(c)) && !name.empty()) name += '_';
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

RecordText metadata_text(const record::RecordView& record, int64_t offset) {
  try {
    const Slice value = Slice::view(record.value);
    const metadata::Record message = metadata::decode_record(value);
    wire::Decoder frame(value, 0, true);
    frame.unsigned_varint();
    frame.unsigned_varint();
    const auto version = static_cast<int16_t>(frame.unsigned_varint());
    const std::string data =
        std::visit([version](const auto& m) { return wire::to_json(m, version); }, message);
    return {std::nullopt, fmt::format(R"({{"type":"{}","version":{},"data":{}}})",
                                      constant_name(metadata::name_of(message)), version, data)};
  } catch (const wire::DecodeError& error) {
    return {std::nullopt, fmt::format("Error at {}, skipping. {}", offset, error.what())};
  }
}

consume::Deserializer deserializer_of(Decoder decoder) {
  switch (decoder) {
    case Decoder::integer:
      return consume::Deserializer::integer;
    case Decoder::long_integer:
      return consume::Deserializer::long_integer;
    case Decoder::string:
    case Decoder::bytes:
      break;
  }
  return consume::Deserializer::raw;
}

Result<std::optional<std::string>> plain_text(Decoder decoder, std::span<const std::byte> bytes) {
  if (bytes.data() == nullptr) return std::nullopt;
  std::string text;
  if (const auto done = consume::append_text(deserializer_of(decoder), bytes, text); !done)
    return fail(ErrorCode::invalid_record, done.error());
  return text;
}

/// A message of a quorum's control record, which has its version as its first field.
template <class M>
std::string control_json(std::string_view name, const record::RecordView& record) {
  const int16_t version = number_at(record.value);
  if (version < 0 || version > M::max_version)
    throw wire::DecodeError(fmt::format("Unknown version {} of {}", version, M::type_name));
  return fmt::format(" {} {}", name,
                     wire::to_json(wire::decode<M>(Slice::view(record.value), version), version));
}

}  // namespace

Result<RecordText> text_of(const record::RecordView& record, int64_t offset, const Options& options) {
  switch (options.contents) {
    case Contents::offsets:
      return coordinator_text_or_error<OffsetKinds>(record, offset);
    case Contents::transactions:
      return coordinator_text_or_error<TransactionKinds>(record, offset);
    case Contents::cluster_metadata:
      return metadata_text(record, offset);
    case Contents::share_group_state:
      return coordinator_text_or_error<ShareKinds>(record, offset);
    case Contents::remote_log_metadata:
      return fail(ErrorCode::unsupported_version, "kt cannot read the records of tiered storage");
    case Contents::plain:
      break;
  }
  auto key = plain_text(options.key_decoder, record.key);
  if (!key) return fail(std::move(key.error()));
  auto payload = plain_text(options.value_decoder, record.value);
  if (!payload) return fail(std::move(payload.error()));
  return RecordText{std::move(*key), std::move(*payload)};
}

std::string control_text(const record::RecordView& record) {
  const auto type = record::decode_control_key(record.key);
  try {
    if (type) switch (*type) {
        case record::ControlType::abort:
        case record::ControlType::commit:
          return fmt::format(" endTxnMarker: {} coordinatorEpoch: {}",
                             *type == record::ControlType::commit ? "COMMIT" : "ABORT",
                             versioned<wire::EndTxnMarker>(record.value).coordinator_epoch);
        case record::ControlType::leader_change:
          return control_json<wire::LeaderChangeMessage>("LeaderChange:", record);
        case record::ControlType::snapshot_header:
          return control_json<wire::SnapshotHeaderRecord>("SnapshotHeader", record);
        case record::ControlType::snapshot_footer:
          return control_json<wire::SnapshotFooterRecord>("SnapshotFooter", record);
        case record::ControlType::kraft_version:
          return control_json<wire::KRaftVersionRecord>("KRaftVersion", record);
        case record::ControlType::kraft_voters:
          return control_json<wire::VotersRecord>("KRaftVoters", record);
      }
  } catch (const wire::DecodeError& error) {
    return fmt::format(" controlType: unreadable ({})", error.what());
  }
  return " controlType: UNKNOWN(-1)";
}

}  // namespace kt::cli::dump_log
