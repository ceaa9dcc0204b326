#include "libcli/commands/framework/producer_settings.h"

#include <gtest/gtest.h>

namespace kt::cli {
namespace {

client::ProducerOptions options_of(const config::Properties& properties) {
  auto options = producer_options(properties, 1);
  EXPECT_TRUE(options) << options.error().message;
  return options.value_or(client::ProducerOptions{});
}
std::string refusal_of(const config::Properties& properties) {
  const auto options = producer_options(properties, 1);
  EXPECT_FALSE(options);
  if (options) return "";
  EXPECT_EQ(options.error().code, ErrorCode::invalid_config);
  return options.error().message;
}

TEST(ProducerSettings, DeliveryTakesAtLeastLingerAndOneRequest) {
  EXPECT_EQ(options_of({}).sending.delivery_timeout_ms, 120'000);
  EXPECT_EQ(options_of({{"linger.ms", "200000"}, {"request.timeout.ms", "1500"}}).sending.delivery_timeout_ms,
            201'500);
  EXPECT_EQ(options_of({{"delivery.timeout.ms", "31000"}, {"linger.ms", "1000"}}).sending.delivery_timeout_ms,
            31'000);
  EXPECT_EQ(refusal_of({{"delivery.timeout.ms", "120000"}, {"linger.ms", "200000"}}),
            "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms");
}

TEST(ProducerSettings, IdempotenceThatWasAskedForIsNotSilentlyOff) {
  EXPECT_TRUE(options_of({}).sending.is_idempotent);
  const std::string acks =
      "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee "
      "idempotence.";
  for (const char* number : {"0", "1"}) {
    EXPECT_FALSE(options_of({{"acks", number}}).sending.is_idempotent);
    EXPECT_FALSE(options_of({{"acks", number}, {"enable.idempotence", "false"}}).sending.is_idempotent);
    EXPECT_EQ(refusal_of({{"acks", number}, {"enable.idempotence", "true"}}), acks);
  }
  EXPECT_TRUE(options_of({{"acks", "all"}, {"enable.idempotence", "true"}}).sending.is_idempotent);
}

TEST(ProducerSettings, IdempotenceNeedsRetriesAndFewInFlight) {
  EXPECT_FALSE(options_of({{"retries", "0"}}).sending.is_idempotent);
  EXPECT_EQ(refusal_of({{"retries", "0"}, {"enable.idempotence", "true"}}),
            "Must set retries to non-zero when using the idempotent producer.");
  EXPECT_FALSE(options_of({{"max.in.flight.requests.per.connection", "6"}}).sending.is_idempotent);
  EXPECT_EQ(refusal_of({{"max.in.flight.requests.per.connection", "6"}, {"enable.idempotence", "true"}}),
            "Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.");
}

}  // namespace
}  // namespace kt::cli
