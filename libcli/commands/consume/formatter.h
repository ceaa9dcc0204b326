#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "libbroker/record/batch.h"
#include "libbroker/record/record.h"
#include "libcli/commands/consume/deserializer.h"
#include "libcli/config/properties.h"

namespace kt::cli::consume {

/// A record with all that may be printed of it.
struct Printable {
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = -1;  // negative: it has none
  record::TimestampType timestamp_type = record::TimestampType::create_time;
  std::optional<int16_t> delivery_count = {};  // of share groups
  std::optional<int32_t> leader_epoch = {};
  const record::RecordView& record;
};

/// DefaultMessageFormatter of kafka-console-consumer: chosen columns, always in the same order.
struct Columns {
  bool timestamp = false;
  bool partition = false;
  bool offset = false;
  bool delivery = false;
  bool epoch = false;
  bool headers = false;
  bool key = false;
  bool value = true;
};

class Formatter {
 public:
  /// Reads Kafka's formatter properties. A deserializer that kt does not have is warned about, and the bytes
  /// are printed as they are, as Kafka does with classes that it cannot load.
  explicit Formatter(const config::Properties& properties);

  /// Appends the record, with what ends it. Errors: bytes that the deserializer refuses; then part of the
  /// record may have been appended.
  std::expected<void, std::string> append(const Printable& printable, std::string& out) const;

  const Columns& columns() const { return columns_; }

 private:
  std::expected<void, std::string> append_headers(const record::Headers& headers, std::string& out) const;
  std::expected<void, std::string> append_bytes(Deserializer deserializer, std::span<const std::byte> bytes,
                                                std::string& out) const;

  Columns columns_;
  std::string key_separator_ = "\t";  // between all columns
  std::string line_separator_ = "\n";
  std::string headers_separator_ = ",";
  std::string null_literal_ = "null";
  Deserializer key_deserializer_ = Deserializer::raw;
  Deserializer value_deserializer_ = Deserializer::raw;
  Deserializer headers_deserializer_ = Deserializer::raw;
};

}  // namespace kt::cli::consume
