#include "tests/unit/wire/golden.h"

#include <fmt/core.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/source_dir.h"

namespace kt::wire {

std::vector<std::byte> from_hex(std::string_view hex) {
  std::vector<std::byte> bytes(hex.size() / 2);
  for (size_t i = 0; i < bytes.size(); ++i) {
    uint8_t byte = 0;
    const char* digits = hex.data() + 2 * i;
    if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
      throw std::invalid_argument("not hex");
    bytes[i] = std::byte{byte};
  }
  return bytes;
}

std::string to_hex(const std::vector<std::byte>& bytes) {
  std::string hex;
  for (const std::byte byte : bytes) hex += fmt::format("{:02x}", std::to_integer<int>(byte));
  return hex;
}

namespace {

std::ifstream open_golden(const std::string& name) {
  return std::ifstream(test::source_dir() / "tests/unit/wire/golden" / (name + ".txt"));
}

std::vector<std::byte> bytes_of(const std::string& word) {
  return word == "-" ? std::vector<std::byte>{} : from_hex(word);
}

}  // namespace

std::vector<AbsentCase> read_absent(const std::string& message_name) {
  std::ifstream file = open_golden("absent/" + message_name);
  std::vector<AbsentCase> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    AbsentCase absent;
    std::string bytes;
    words >> absent.version >> absent.path >> bytes;
    if (bytes != "refused") absent.bytes = bytes_of(bytes);
    cases.push_back(std::move(absent));
  }
  return cases;
}

std::map<int16_t, std::set<std::string>> read_nullable(const std::string& message_name) {
  std::ifstream file = open_golden("nullable/" + message_name);
  std::map<int16_t, std::set<std::string>> nullable;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    int16_t version = 0;
    words >> version;
    auto& paths = nullable[version];
    for (std::string path; words >> path;) paths.insert(path);
  }
  return nullable;
}

std::vector<GoldenCase> read_golden(const std::string& message_name) {
  std::ifstream file = open_golden(message_name);
  std::vector<GoldenCase> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    GoldenCase golden;
    std::string hex;
    words >> golden.version >> golden.variant >> hex;
    std::getline(words >> std::ws, golden.json);
    golden.bytes = bytes_of(hex);
    cases.push_back(std::move(golden));
  }
  return cases;
}

}  // namespace kt::wire
