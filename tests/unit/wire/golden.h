#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kt::wire {

/// One case of tests/unit/wire/golden/: a message as Kafka's own classes write it.
struct GoldenCase {
  int16_t version = 0;
  std::string variant;
  std::vector<std::byte> bytes;
  std::string json;
};

/// The cases of one message, made by tests/interop/java/WireGolden.java; empty when there is no such file.
std::vector<GoldenCase> read_golden(const std::string& message_name);

std::vector<std::byte> from_hex(std::string_view hex);
std::string to_hex(const std::vector<std::byte>& bytes);

}  // namespace kt::wire
