#include "libcli/commands/consume/formatter.h"

#include "libbroker/base/logger.h"

namespace kt::cli::consume {
namespace {

void read(const config::Properties& properties, std::string_view key, Deserializer& into) {
  const auto name = config::find(properties, key);
  if (!name) return;
  const auto found = find_deserializer(*name);
  if (!found) log_error("consume", "Unable to instantiate a deserializer from {}", *name);
  into = found.value_or(Deserializer::raw);
}

void append_timestamp(const Printable& p, std::string& out) {
  if (p.timestamp_ms < 0) {
    out += "NO_TIMESTAMP";
    return;
  }
  out += p.timestamp_type == record::TimestampType::create_time ? "CreateTime:" : "LogAppendTime:";
  out += std::to_string(p.timestamp_ms);
}

template <class I>
void append_optional(std::string_view name, const std::optional<I>& value, std::string& out) {
  out.append(name).append(value ? std::to_string(*value) : "NOT_PRESENT");
}

}  // namespace

Formatter::Formatter(const config::Properties& properties) {
  config::read(properties, "print.timestamp", columns_.timestamp);
  config::read(properties, "print.partition", columns_.partition);
  config::read(properties, "print.offset", columns_.offset);
  config::read(properties, "print.delivery", columns_.delivery);
  config::read(properties, "print.epoch", columns_.epoch);
  config::read(properties, "print.headers", columns_.headers);
  config::read(properties, "print.key", columns_.key);
  config::read(properties, "print.value", columns_.value);
  config::read(properties, "key.separator", key_separator_);
  config::read(properties, "line.separator", line_separator_);
  config::read(properties, "headers.separator", headers_separator_);
  config::read(properties, "null.literal", null_literal_);
  read(properties, "key.deserializer", key_deserializer_);
  read(properties, "value.deserializer", value_deserializer_);
  read(properties, "headers.deserializer", headers_deserializer_);
}

std::expected<void, std::string> Formatter::append(const Printable& p, std::string& out) const {
  bool is_first = true;
  const auto starts = [&](bool shown) {
    if (shown && !is_first) out += key_separator_;
    is_first = is_first && !shown;
    return shown;
  };
  if (starts(columns_.timestamp)) append_timestamp(p, out);
  if (starts(columns_.partition)) out.append("Partition:").append(std::to_string(p.partition));
  if (starts(columns_.offset)) out.append("Offset:").append(std::to_string(p.offset));
  if (starts(columns_.delivery)) append_optional("Delivery:", p.delivery_count, out);
  if (starts(columns_.epoch)) append_optional("Epoch:", p.leader_epoch, out);
  std::expected<void, std::string> done;
  if (starts(columns_.headers)) done = append_headers(p.record.headers, out);
  if (done && starts(columns_.key)) done = append_bytes(key_deserializer_, p.record.key, out);
  if (done && starts(columns_.value)) done = append_bytes(value_deserializer_, p.record.value, out);
  if (done && !is_first) out += line_separator_;
  return done;
}

std::expected<void, std::string> Formatter::append_headers(const record::Headers& headers,
                                                           std::string& out) const {
  if (headers.empty()) out += "NO_HEADERS";
  bool is_first = true;
  for (const record::Header& header : headers) {
    if (!is_first) out += headers_separator_;
    is_first = false;
    out.append(header.key).append(":");
    if (auto done = append_bytes(headers_deserializer_, header.value, out); !done) return done;
  }
  return {};
}

std::expected<void, std::string> Formatter::append_bytes(Deserializer deserializer,
                                                         std::span<const std::byte> bytes,
                                                         std::string& out) const {
  if (bytes.data() != nullptr) return append_text(deserializer, bytes, out);
  out += null_literal_;
  return {};
}

}  // namespace kt::cli::consume
