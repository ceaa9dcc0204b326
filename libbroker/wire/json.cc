#include "libbroker/wire/json.h"

#include <fmt/core.h>

#include <cctype>

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
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? std::to_integer<uint32_t>(bytes[i + j]) : 0);
    for (size_t j = 0; j < 4; ++j) out += j <= count ? alphabet[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        else
          out += c;
    }
  }
  return out += '"';
}

void JsonDump::separate() {
  if (!out_.empty() && out_.back() != '{' && out_.back() != '[' && out_.back() != ':') out_ += ',';
}

void JsonDump::value(std::string& s) { separate(), out_ += json_string(s); }
void JsonDump::value(std::optional<std::string>& s) { separate(), out_ += s ? json_string(*s) : "null"; }
void JsonDump::value(Uuid& id) { separate(), out_ += json_string(id.text()); }
void JsonDump::value(double& x) { separate(), out_ += fmt::format("{:#.1f}", x); }

void JsonDump::value(Slice& s) {
  separate();
  out_ += s.is_null() ? "null" : json_string(base64(s.bytes));
}

void JsonDump::value(Records& records) {
  separate();
  out_ += records.is_null ? "null" : fmt::format("{}", records.size());
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
  if (count < 0) separate(), out_ += "null";
  return count;
}

bool JsonDump::present(bool is_there) {
  if (!is_there) separate(), out_ += "null";
  return is_there;
}

void JsonDump::label(const char* name) {
  separate();
  out_ += '"' + camel_case(name) + "\":";
}

void JsonDump::open(char bracket) { separate(), out_ += bracket; }
void JsonDump::close(char bracket) { out_ += bracket; }

bool JsonDump::open_tag(uint32_t, const char* name, bool leave_out) {
  if (!leave_out) label(name);
  return !leave_out;
}

}  // namespace kt::wire
