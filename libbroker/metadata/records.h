#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "libbroker/base/slice.h"
#include "libbroker/wire/metadata_records.h"

namespace kt::metadata {

/// Everything that the metadata log may say.
using Record =
    std::variant<wire::RegisterBrokerRecord, wire::UnregisterBrokerRecord, wire::TopicRecord,
                 wire::PartitionRecord, wire::ConfigRecord, wire::PartitionChangeRecord,
                 wire::FenceBrokerRecord, wire::UnfenceBrokerRecord, wire::RemoveTopicRecord,
                 wire::DelegationTokenRecord, wire::UserScramCredentialRecord, wire::FeatureLevelRecord,
                 wire::ClientQuotaRecord, wire::ProducerIdsRecord, wire::BrokerRegistrationChangeRecord,
                 wire::AccessControlEntryRecord, wire::RemoveAccessControlEntryRecord, wire::NoOpRecord,
                 wire::ZkMigrationStateRecord, wire::RemoveUserScramCredentialRecord,
                 wire::BeginTransactionRecord, wire::EndTransactionRecord, wire::AbortTransactionRecord,
                 wire::RemoveDelegationTokenRecord, wire::RegisterControllerRecord, wire::ClearElrRecord>;

/// "TopicRecord".
std::string_view name_of(const Record& record);

/// Levels of the feature metadata.version. Records are written in the newest version that a level's nodes all
/// read.
inline constexpr int16_t metadata_version_min = 7;           // 3.3-IV3
inline constexpr int16_t metadata_version_controllers = 15;  // 3.7-IV0: controllers are registered
inline constexpr int16_t metadata_version_directories = 17;  // 3.7-IV2: records name log directories
inline constexpr int16_t metadata_version_elr = 23;          // 4.0-IV1: records name eligible leader replicas
inline constexpr int16_t metadata_version_latest = 25;       // 4.0-IV3
/// The quorum's own: its level is what KRaftVersionRecords in the log say, and no FeatureLevelRecord.
inline constexpr std::string_view kraft_version_feature = "kraft.version";
/// On: replicas that left the ISR below its least size stay eligible to lead (KIP-966).
inline constexpr std::string_view eligible_leaders_feature = "eligible.leader.replicas.version";
int16_t record_version(const Record& record, int16_t metadata_version);

/// A record's value in the log: `frame_version:uvarint(1) api_key:uvarint version:uvarint message`.
std::vector<std::byte> encode_record(const Record& record, int16_t metadata_version);
/// Whether two records say the same.
bool same_record(const Record& a, const Record& b);
/// Throws wire::DecodeError, which names the type or version that this build does not know.
Record decode_record(const Slice& value);

}  // namespace kt::metadata
