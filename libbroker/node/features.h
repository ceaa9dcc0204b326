#pragma once
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/metadata/image.h"
#include "libbroker/metadata/records.h"

namespace kt {
class Disk;
}

namespace kt::node {

class MetadataQuorum;

/// What this build speaks. Rooms that do not exist yet are at level 0 only.
metadata::FeatureRanges supported_features();

/// What a new cluster's log begins with: what formatting said, as far as it is supported, else the latest of
/// everything.
Result<std::vector<metadata::Record>> bootstrap_records(Disk& disk, const std::string& metadata_log_dir,
                                                        const metadata::FeatureRanges& supported);

/// What a broker registers with: what is supported, and what the cluster has finalized beyond that, which it
/// lives with.
metadata::FeatureRanges enduring(metadata::FeatureRanges supported, const metadata::Image& image);

/// Looks at what the log has finalized; what this build does not serve is logged. Errors: invalid_config where
/// it cannot be lived with.
Result<void> face_features(MetadataQuorum& quorum, const metadata::FeatureRanges& supported,
                           const std::string& metadata_log_dir);

}  // namespace kt::node
