#include "libcli/commands/framework/producer_settings.h"

#include <fmt/core.h>

#include <charconv>
#include <limits>

namespace kt::cli {
namespace {

/// Reads typed values out of the map and remembers the first that is none.
class Reader {
 public:
  explicit Reader(const config::Properties& properties) : properties_(properties) {}

  template <class N>
  void number(std::string_view key, N& into) {
    const auto text = config::find(properties_, key);
    if (!text) return;
    N value = 0;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text->data() + text->size()) {
      return refuse(key, *text, fmt::format("Not a number of type {}", sizeof(N) > 4 ? "LONG" : "INT"));
    }
    into = value;
  }
  void flag(std::string_view key, bool& into) {
    const auto text = config::find(properties_, key);
    if (!text) return;
    if (*text != "true" && *text != "false") return refuse(key, *text, "Expected value to be either true or false");
    into = *text == "true";
  }
  void acks(int16_t& into) {
    const auto text = config::find(properties_, "acks");
    if (!text) return;
    if (*text == "all" || *text == "-1") into = -1;
    else if (*text == "0" || *text == "1") into = static_cast<int16_t>(text->front() - '0');
    else refuse("acks", *text, "String must be one of: all, -1, 0, 1");
  }
  void codec(record::Codec& into) {
    const auto text = config::find(properties_, "compression.type");
    if (!text) return;
    using enum record::Codec;
    static const std::map<std::string, record::Codec, std::less<>> codecs = {
        {"none", none}, {"gzip", gzip}, {"snappy", snappy}, {"lz4", lz4}, {"zstd", zstd}};
    const auto found = codecs.find(*text);
    if (found == codecs.end()) return refuse("compression.type", *text, "String must be one of: none, gzip, snappy, lz4, zstd");
    into = found->second;
  }

  Result<void> outcome() const { return problem_.empty() ? Result<void>() : fail(ErrorCode::invalid_config, problem_); }

 private:
  void refuse(std::string_view key, std::string_view value, std::string_view why) {
    if (problem_.empty()) problem_ = fmt::format("Invalid value {} for configuration {}: {}", value, key, why);
  }
  const config::Properties& properties_;
  std::string problem_;
};

}  // namespace

Result<client::ProducerOptions> producer_options(const config::Properties& properties, uint64_t seed) {
  client::ProducerOptions options;
  options.seed = seed;
  auto& sending = options.sending;
  Reader reader(properties);
  reader.acks(sending.acks);
  reader.codec(sending.codec);
  reader.flag("enable.idempotence", sending.is_idempotent);
  reader.number("batch.size", sending.batch_size_bytes);
  reader.number("linger.ms", sending.linger_ms);
  reader.number("max.request.size", sending.request_bytes_max);
  reader.number("max.in.flight.requests.per.connection", sending.in_flight_max);
  reader.number("retries", sending.retries_max);
  reader.number("retry.backoff.ms", sending.retry_backoff_ms);
  reader.number("delivery.timeout.ms", sending.delivery_timeout_ms);
  int64_t buffer_bytes = static_cast<int64_t>(sending.buffer_bytes_max);
  reader.number("buffer.memory", buffer_bytes);
  sending.buffer_bytes_max = static_cast<size_t>(std::max<int64_t>(0, buffer_bytes));
  reader.number("request.timeout.ms", options.request_timeout_ms);
  reader.number("max.block.ms", options.max_block_ms);
  reader.number("metadata.max.age.ms", options.metadata_max_age_ms);
  reader.flag("partitioner.ignore.keys", options.ignores_keys);
  if (auto done = reader.outcome(); !done) return fail(done.error());
  return options;
}

}  // namespace kt::cli
