#include "libcli/commands/framework/producer_settings.h"

#include <algorithm>

#include "libcli/commands/framework/property_reader.h"

namespace kt::cli {
namespace {

void read_acks(PropertyReader& reader, int16_t& into) {
  const auto text = reader.text("acks");
  if (!text) return;
  if (*text == "all" || *text == "-1")
    into = -1;
  else if (*text == "0" || *text == "1")
    into = static_cast<int16_t>(text->front() - '0');
  else
    reader.refuse("acks", *text, "String must be one of: all, -1, 0, 1");
}
void read_codec(PropertyReader& reader, record::Codec& into) {
  const auto text = reader.text("compression.type");
  if (!text) return;
  using enum record::Codec;
  static const std::map<std::string, record::Codec, std::less<>> codecs = {
      {"none", none}, {"gzip", gzip}, {"snappy", snappy}, {"lz4", lz4}, {"zstd", zstd}};
  const auto found = codecs.find(*text);
  if (found == codecs.end())
    return reader.refuse("compression.type", *text, "String must be one of: none, gzip, snappy, lz4, zstd");
  into = found->second;
}

/// Raised to linger.ms + request.timeout.ms, unless somebody set it [KafkaProducer.configureDeliveryTimeout].
Result<void> fit_delivery_timeout(const PropertyReader& reader, client::ProducerOptions& options) {
  int64_t& timeout_ms = options.sending.delivery_timeout_ms;
  const int64_t needed_ms =
      std::min<int64_t>(options.sending.linger_ms + options.request_timeout_ms, INT32_MAX);
  if (timeout_ms >= needed_ms) return {};
  if (reader.text("delivery.timeout.ms"))
    return fail(ErrorCode::invalid_config,
                "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms");
  timeout_ms = needed_ms;
  return {};
}

/// Idempotence that is only the default gives way to what it cannot go with; one that was asked for does not
/// [ProducerConfig.postProcessAndValidateIdempotenceConfigs].
Result<void> fit_idempotence(const PropertyReader& reader, producing::Options& sending) {
  if (!sending.is_idempotent) return {};
  constexpr int32_t in_flight_max = 5;
  std::string_view why;
  if (sending.retries_max == 0)
    why = "Must set retries to non-zero when using the idempotent producer.";
  else if (sending.acks != -1)
    why =
        "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee "
        "idempotence.";
  else if (sending.in_flight_max > in_flight_max)
    why = "Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.";
  if (why.empty()) return {};
  if (reader.text("enable.idempotence")) return fail(ErrorCode::invalid_config, std::string(why));
  sending.is_idempotent = false;
  return {};
}

}  // namespace

Result<client::ProducerOptions> producer_options(const config::Properties& properties, uint64_t seed) {
  client::ProducerOptions options;
  options.seed = seed;
  auto& sending = options.sending;
  PropertyReader reader(properties);
  read_acks(reader, sending.acks);
  read_codec(reader, sending.codec);
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
  if (auto fits = fit_delivery_timeout(reader, options); !fits) return fail(fits.error());
  if (auto fits = fit_idempotence(reader, sending); !fits) return fail(fits.error());
  return options;
}

}  // namespace kt::cli
