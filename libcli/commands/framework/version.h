#pragma once
#include <string_view>

namespace kt::cli {

inline constexpr std::string_view kt_version = "0.1.0";
/// What a Kafka script's --version prints: the release whose tools kt follows.
inline constexpr std::string_view kafka_compatible_version = "4.1.0";

}  // namespace kt::cli
