#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kt::cli::consume {

/// Kafka's deserializers, as far as their values print as something a person can read.
enum class Deserializer : uint8_t {
  raw,  // none: the bytes as they are; String and ByteArray too
  short_integer,
  integer,
  long_integer,
  float_number,
  double_number,
  boolean,
  uuid,
  bytes,  // what is not printable ASCII as \xNN
  byte_buffer,
  nothing,
};

/// "org.apache.kafka.common.serialization.LongDeserializer", or the name without its package; none when kt
/// does not have it.
std::optional<Deserializer> find_deserializer(std::string_view class_name);

/// Appends what Java prints of the value. Errors: the bytes are none of the type's, in Java's words.
std::expected<void, std::string> append_text(Deserializer deserializer, std::span<const std::byte> bytes,
                                             std::string& out);

/// A number as Java's Double.toString and Float.toString print it: "1.0", "1.0E10".
std::string java_text(double value);
std::string java_text(float value);

}  // namespace kt::cli::consume
