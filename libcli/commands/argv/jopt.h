#pragma once
#include <span>

#include "libcli/commands/argv/normalised.h"

namespace kt::cli {

/// Reads words as jopt-simple 5.0.4 does for most of Kafka's tools: one dash works for long names, a required
/// value swallows any word, an unknown short word is a cluster of one-letter flags, "--" ends the options.
/// Errors: jopt's own sentences.
std::expected<Normalised, UsageError> normalise_jopt(const Grammar& grammar, Freedom freedom,
                                                     std::span<const std::string> args);

}  // namespace kt::cli
