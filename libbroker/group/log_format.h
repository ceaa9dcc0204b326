#pragma once
#include <span>
#include <variant>

#include "libbroker/group/types.h"
#include "libbroker/wire/group_records.h"

namespace kt::group {

// Keys are an int16 record type and the key struct, values an int16 version and the value struct, as Kafka writes
// them (offset commits in version 3, or 1 with an explicit expiry; classic groups in version 3).

Record offset_record(const std::string& group, const TopicPartition& at, const CommittedOffset& offset);
Record offset_tombstone(const std::string& group, const TopicPartition& at);
Record group_record(const std::string& group, const wire::GroupMetadataValue& value);
Record group_tombstone(const std::string& group);

struct OffsetEntry {
  std::string group;
  TopicPartition at;
  std::optional<CommittedOffset> offset;  // none: removed
};
struct GroupEntry {
  std::string group;
  std::optional<wire::GroupMetadataValue> value;  // none: removed
};
/// A record type that the classic coordinator does not keep (KIP-848 groups, share groups, streams groups).
struct ForeignEntry {
  int16_t type;
};
using Entry = std::variant<OffsetEntry, GroupEntry, ForeignEntry>;

/// Throws wire::DecodeError for bytes that no version of Kafka wrote.
Entry decode_record(const Record& record);

}  // namespace kt::group
