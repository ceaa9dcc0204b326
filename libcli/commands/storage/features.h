#pragma once
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/result.h"
#include "libcli/commands/storage/options.h"

namespace kt::cli::storage {

/// "group.version=1" in two. Errors: invalid_config, Kafka's sentences.
Result<FeatureLevel> parse_feature_level(const std::string& text);

/// Tells which levels a release finalizes, "4.0" or, for none, the latest that this build knows.
Result<void> print_version_mapping(const std::string& release, std::ostream& out);

/// Tells what each level asks of the others. Errors, after those that came before: a feature or a level
/// nobody knows.
Result<void> print_dependencies(const std::vector<FeatureLevel>& levels, std::ostream& out);

/// Sets the metadata.version of `options`, and what is finalized besides, by its features. Errors: a level
/// that Kafka does not have; one that it has and this build cannot serve, or not with that metadata.version.
Result<void> apply_features(Options& options);

}  // namespace kt::cli::storage
