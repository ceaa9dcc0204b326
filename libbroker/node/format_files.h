#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/metadata/records.h"
#include "libbroker/wire/control_records.h"

namespace kt {
class Disk;
}

namespace kt::node {

/// What formatting leaves besides meta.properties. Both files are snapshots as KIP-630 has them:
///
///     file = batch{control: SnapshotHeader ...} batch{metadata records}? batch{control: SnapshotFooter}

/// `bootstrap.checkpoint` of a log dir: the records that a new cluster's metadata log begins with.
inline constexpr const char* bootstrap_checkpoint_file = "bootstrap.checkpoint";
std::vector<std::byte> encode_bootstrap_checkpoint(const std::vector<metadata::Record>& records,
                                                   int16_t metadata_version, int64_t now_ms);
/// None when the directory has no such file. Errors: kafka_storage_error, also for a file that is no snapshot.
Result<std::optional<std::vector<metadata::Record>>> read_bootstrap_checkpoint(Disk& disk, const std::string& log_dir);

/// `__cluster_metadata-0/<0-0>.checkpoint`: the first voters of a quorum with kraft.version 1 (KIP-853).
inline constexpr const char* voters_checkpoint_file = "00000000000000000000-0000000000.checkpoint";
std::vector<std::byte> encode_voters_checkpoint(const wire::VotersRecord& voters, int64_t now_ms);

/// The directory, and those above it that were made with it, keep their names through a power loss; what
/// cannot be done about it is logged.
void sync_parents(Disk& disk, std::string path);

}  // namespace kt::node
