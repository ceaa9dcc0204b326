#include "libbroker/wire/json.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <functional>
#include <utility>

#include "libbroker/base/json_text.h"

namespace kt::wire {
namespace {

// "topic_data" as "topicData".
std::string camel_case(const char* name) {
  std::string out;
  for (const char* c = name; *c; ++c) {
    if (*c == '_' && c[1]) {
      out += static_cast<char>(std::toupper(static_cast<unsigned char>(*++c)));
    } else {
      out += *c;
    }
  }
  return out;
}

std::string base64(std::span<const std::byte> bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < count ? std::to_integer<uint32_t>(bytes[i + j]) : 0);
    for (size_t j = 0; j < 4; ++j) out += j <= count ? alphabet[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

}  // namespace

std::string json_string(std::string_view text) { return json_quoted(text); }

std::string java_double(double x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x < 0 ? "-Infinity" : "Infinity";
  const double magnitude = std::abs(x);
  const bool is_plain = x == 0 || (1e-3 <= magnitude && magnitude < 1e7);
  std::array<char, 32> buffer;
  const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  const std::string shortest(buffer.data(), std::to_chars(buffer.begin(), buffer.end(), x, format).ptr);
  const size_t e = shortest.find('e');
  std::string digits = shortest.substr(0, e);
  if (digits.find('.') == std::string::npos) digits += ".0";
  return is_plain ? digits : fmt::format("{}E{}", digits, std::stoi(shortest.substr(e + 1)));
}

void JsonDump::separate() {
  if (!out_.empty() && out_.back() != '[' && out_.back() != ':') out_ += ',';
}

void JsonDump::value(std::string& s) { separate(), out_ += json_string(s); }
void JsonDump::value(std::optional<std::string>& s) { separate(), out_ += s ? json_string(*s) : "null"; }
void JsonDump::value(Uuid& id) { separate(), out_ += json_string(id.text()); }

// JSON has no numbers that are not finite: Jackson puts them in quotes.
void JsonDump::value(double& x) {
  separate();
  out_ += std::isfinite(x) ? java_double(x) : json_string(java_double(x));
}

void JsonDump::value(Slice& s) {
  separate();
  out_ += s.is_null() ? "null" : json_string(base64(s.bytes));
}

void JsonDump::value(Records& records) {
  if (records.is_null) {
    out_ += "null";
  } else {
    out_.insert(out_.size() - 2, "SizeInBytes");  // "records": as "recordsSizeInBytes":
    out_ += fmt::format("{}", records.size());
  }
}

int64_t JsonDump::integer(int64_t value, size_t) {
  separate();
  out_ += fmt::format("{}", value);
  return value;
}

bool JsonDump::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return value;
}

int64_t JsonDump::length(int64_t count) {
  if (count < 0) out_ += "null";
  return count;
}

bool JsonDump::present(bool is_there, int8_t) {
  if (!is_there) out_ += "null";
  return is_there;
}

void JsonDump::label(const char* name, const void* place) {
  members_.push_back({place, out_.size()});
  out_ += '"' + camel_case(name) + "\":";
}

void JsonDump::open(char bracket) {
  separate();
  out_ += bracket;
  if (bracket == '{') object_starts_.push_back(members_.size());
}

void JsonDump::close(char bracket) {
  if (bracket == '}') close_object();
  out_ += bracket;
}

// Tagged fields are visited last, and stand where the schema names them.
void JsonDump::close_object() {
  const size_t start = object_starts_.back();
  std::vector<std::pair<const void*, std::string>> members;
  for (size_t i = start; i < members_.size(); ++i) {
    const size_t end = i + 1 < members_.size() ? members_[i + 1].begin : out_.size();
    members.emplace_back(members_[i].place, out_.substr(members_[i].begin, end - members_[i].begin));
  }
  if (!members.empty()) out_.resize(members_[start].begin);
  members_.resize(start);
  object_starts_.pop_back();
  std::ranges::stable_sort(members, std::less<const void*>(), &decltype(members)::value_type::first);
  for (const auto& [place, text] : members) {
    if (out_.back() != '{') out_ += ',';
    out_ += text;
  }
}

}  // namespace kt::wire
