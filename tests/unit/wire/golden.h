#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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

/// A value that a version cannot carry: what Kafka writes without it, or none where Kafka refuses.
struct AbsentCase {
  int16_t version = 0;
  std::string path;  // of the one field that is not its default: "topics/partitions/index"
  std::optional<std::vector<std::byte>> bytes;
};

/// The cases of one message, by the same maker.
std::vector<AbsentCase> read_absent(const std::string& message_name);

/// By version, the paths of the fields of one message that may be null; by the same maker.
std::map<int16_t, std::set<std::string>> read_nullable(const std::string& message_name);

std::vector<std::byte> from_hex(std::string_view hex);
std::string to_hex(const std::vector<std::byte>& bytes);

}  // namespace kt::wire
