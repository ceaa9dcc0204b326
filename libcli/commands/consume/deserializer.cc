#include "libcli/commands/consume/deserializer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "libbroker/base/bytes.h"

namespace kt::cli::consume {
namespace {

struct Named {
  std::string_view name;
  Deserializer deserializer;
};
constexpr Named names[] = {{"StringDeserializer", Deserializer::raw},
                           {"ByteArrayDeserializer", Deserializer::raw},
                           {"ShortDeserializer", Deserializer::short_integer},
                           {"IntegerDeserializer", Deserializer::integer},
                           {"LongDeserializer", Deserializer::long_integer},
                           {"FloatDeserializer", Deserializer::float_number},
                           {"DoubleDeserializer", Deserializer::double_number},
                           {"BooleanDeserializer", Deserializer::boolean},
                           {"UUIDDeserializer", Deserializer::uuid},
                           {"BytesDeserializer", Deserializer::bytes},
                           {"ByteBufferDeserializer", Deserializer::byte_buffer},
                           {"VoidDeserializer", Deserializer::nothing}};

/// "123E5" with one digit before the point: the digits, and the power of ten of the first.
struct Digits {
  std::string text;
  int exponent;
};

template <class F>
Digits shortest_digits(F value) {
  std::array<char, 64> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
  const size_t e = text.find('e');
  Digits digits{std::string(text.substr(0, e)), 0};
  const char* exponent = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent, end, digits.exponent);
  std::erase(digits.text, '.');
  return digits;
}

std::string in_java_form(const Digits& digits) {
  const int exponent = digits.exponent;
  const int size = static_cast<int>(digits.text.size());
  if (exponent < -3 || exponent >= 7) {
    const std::string rest = size > 1 ? digits.text.substr(1) : "0";
    return digits.text.substr(0, 1) + "." + rest + "E" + std::to_string(exponent);
  }
  if (exponent < 0) return "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits.text;
  if (size <= exponent + 1) {
    return digits.text + std::string(static_cast<size_t>(exponent + 1 - size), '0') + ".0";
  }
  const auto whole = static_cast<size_t>(exponent + 1);
  return digits.text.substr(0, whole) + "." + digits.text.substr(whole);
}

template <class F>
std::string number_text(F value) {
  if (std::isnan(value)) return "NaN";
  const std::string sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return sign + "Infinity";
  if (value == 0) return sign + "0.0";
  return sign + in_java_form(shortest_digits(std::abs(value)));
}

std::unexpected<std::string> wrong_size(std::string_view who, size_t size) {
  return std::unexpected("Size of data received by " + std::string(who) + " is not " + std::to_string(size));
}

template <std::integral I>
std::expected<void, std::string> append_integer(std::string_view who, std::span<const std::byte> bytes,
                                                std::string& out) {
  if (bytes.size() != sizeof(I)) return wrong_size(who, sizeof(I));
  out += std::to_string(load_be<I>(bytes.data()));
  return {};
}

template <class F, std::integral I>
std::expected<void, std::string> append_number(std::span<const std::byte> bytes, std::string& out) {
  if (bytes.size() != sizeof(I)) return wrong_size("Deserializer", sizeof(I));
  out += java_text(std::bit_cast<F>(load_be<I>(bytes.data())));
  return {};
}

std::expected<void, std::string> append_boolean(std::span<const std::byte> bytes, std::string& out) {
  if (bytes.size() != 1) return wrong_size("BooleanDeserializer", 1);
  const auto value = static_cast<int8_t>(bytes[0]);
  if (value != 0 && value != 1) {
    return std::unexpected("Unexpected byte received by BooleanDeserializer: " + std::to_string(value));
  }
  out += value == 1 ? "true" : "false";
  return {};
}

/// Eight, four, four, four and twelve hex digits, which Java prints in lower case.
std::expected<void, std::string> append_uuid(std::span<const std::byte> bytes, std::string& out) {
  std::string text(as_text(bytes));
  bool valid = text.size() == 36;
  for (size_t i = 0; valid && i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (text[i] >= 'A' && text[i] <= 'F') text[i] = static_cast<char>(text[i] - 'A' + 'a');
    const bool is_hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    valid = is_dash ? text[i] == '-' : is_hex;
  }
  if (!valid) return std::unexpected("Error parsing data into UUID");
  out += text;
  return {};
}

void append_escaped(std::span<const std::byte> bytes, std::string& out) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const std::byte byte : bytes) {
    const auto c = static_cast<unsigned char>(byte);
    if (c >= ' ' && c <= '~' && c != '\\') {
      out.push_back(static_cast<char>(c));
    } else {
      out.append("\\x").append(1, hex[c >> 4]).append(1, hex[c & 15]);
    }
  }
}

}  // namespace

std::optional<Deserializer> find_deserializer(std::string_view class_name) {
  const std::string_view simple = class_name.substr(class_name.rfind('.') + 1);
  const auto found = std::ranges::find(names, simple, &Named::name);
  if (found == std::end(names)) return std::nullopt;
  return found->deserializer;
}

std::string java_text(double value) { return number_text(value); }
std::string java_text(float value) { return number_text(value); }

std::expected<void, std::string> append_text(Deserializer deserializer, std::span<const std::byte> bytes,
                                             std::string& out) {
  switch (deserializer) {
    case Deserializer::raw:
      out += as_text(bytes);
      return {};
    case Deserializer::short_integer:
      return append_integer<int16_t>("ShortDeserializer", bytes, out);
    case Deserializer::integer:
      return append_integer<int32_t>("IntegerDeserializer", bytes, out);
    case Deserializer::long_integer:
      return append_integer<int64_t>("LongDeserializer", bytes, out);
    case Deserializer::float_number:
      return append_number<float, int32_t>(bytes, out);
    case Deserializer::double_number:
      return append_number<double, int64_t>(bytes, out);
    case Deserializer::boolean:
      return append_boolean(bytes, out);
    case Deserializer::uuid:
      return append_uuid(bytes, out);
    case Deserializer::bytes:
      append_escaped(bytes, out);
      return {};
    case Deserializer::byte_buffer: {
      const std::string size = std::to_string(bytes.size());
      out.append("java.nio.HeapByteBuffer[pos=0 lim=").append(size).append(" cap=").append(size).append("]");
      return {};
    }
    case Deserializer::nothing:
      return std::unexpected("Data should be null for a VoidDeserializer.");
  }
  return {};
}

}  // namespace kt::cli::consume
