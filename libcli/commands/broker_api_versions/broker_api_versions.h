#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "libcli/commands/broker_api_versions/options.h"

namespace kt::cli::broker_api_versions {

using Served = std::map<int16_t, std::pair<int16_t, int16_t>>;  // oldest and newest version, by API key

/// What Kafka prints of what a broker serves, from "(" to ")".
std::string text_of(const Served& served);

extern const Command command;
Exit run(const Options& options, Environment& environment, Streams& streams);

}  // namespace kt::cli::broker_api_versions
