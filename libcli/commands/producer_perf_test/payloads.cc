#include "libcli/commands/producer_perf_test/payloads.h"

#include <fmt/core.h>

#include <filesystem>
#include <ostream>
#include <regex>

namespace kt::cli::producer_perf_test {
namespace {

constexpr uint64_t file_bytes_max = uint64_t{1} << 30;
constexpr uint64_t letters = 26;

}  // namespace

Result<std::vector<std::string>> split(const std::string& text, const std::string& delimiter) {
  std::regex pattern;
  try {
    pattern.assign(delimiter);
  } catch (const std::regex_error&) {
    return fail(ErrorCode::invalid_request, fmt::format("{} is an invalid regex.", delimiter));
  }
  std::vector<std::string> parts;
  std::smatch match;
  for (auto at = text.cbegin(); at != text.cend();) {
    if (std::regex_search(at, text.cend(), match, pattern, std::regex_constants::match_continuous) &&
        match.length() > 0) {
      at = match[0].second;
      if (at == text.cend()) break;
    }
    const bool found = std::regex_search(at, text.cend(), match, pattern) && match.length() > 0;
    const auto end = found ? match[0].first : text.cend();
    parts.emplace_back(at, end);
    at = end;
  }
  return parts;
}

Result<Payloads> Payloads::open(const Payload& payload, Disk& disk, Streams& streams) {
  Payloads payloads(payload);
  if (payload.kind != Payload::Kind::file) return payloads;
  streams.out << "Reading payloads from: " << std::filesystem::absolute(payload.file).string() << '\n';
  const auto text = disk.read_all(payload.file, file_bytes_max);
  if (!text || text->empty())
    return fail(ErrorCode::invalid_request, "File does not exist or empty file provided.");
  const auto parts = split(*text, payload.delimiter);
  if (!parts) return fail(parts.error());
  for (const std::string& part : *parts) payloads.parts_.push_back(Slice::copy(part));
  streams.out << "Number of messages read: " << parts->size() << '\n';
  if (parts->empty()) return fail(ErrorCode::invalid_request, "The file holds nothing but delimiters.");
  return payloads;
}

Slice Payloads::next(int64_t number) {
  if (payload_.kind == Payload::Kind::monotonic) return Slice::copy(std::to_string(number));
  if (payload_.kind == Payload::Kind::file) return parts_[rng_.below(parts_.size())];
  std::vector<std::byte> value(static_cast<size_t>(payload_.bytes));
  uint64_t chance = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    if (i % 8 == 0) chance = rng_.next();  // a byte of it for each letter
    value[i] = static_cast<std::byte>('A' + (((chance & 0xff) * letters) >> 8));
    chance >>= 8;
  }
  return Slice::own(std::move(value));
}

}  // namespace kt::cli::producer_perf_test
