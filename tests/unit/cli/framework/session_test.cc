#include "libcli/commands/framework/session.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/world.h"

namespace kt::cli {
namespace {

std::string refusal_of(config::Properties properties) {
  World world;
  const auto session = Session::open({.addresses = "localhost:9092", .properties = std::move(properties)},
                                     world.environment, "test");
  return session ? "" : session.error().message;
}

TEST(Session, WhatAsksForTlsOrSaslIsRefused) {
  EXPECT_EQ(refusal_of({}), "");
  EXPECT_EQ(refusal_of({{"security.protocol", "PLAINTEXT"}}), "");
  EXPECT_EQ(refusal_of({{"security.protocol", "plaintext"}, {"ssl.truststore.location", "x"}}), "");
  const std::string plain = ": this build of kt connects in plain text alone; leave it out";
  EXPECT_EQ(refusal_of({{"security.protocol", "SSL"}}),
            "security.protocol=SSL" + plain + " and name a PLAINTEXT listener of the cluster");
  EXPECT_EQ(refusal_of({{"sasl.mechanism", "PLAIN"}}),
            "sasl.mechanism" + plain + ", or say security.protocol=PLAINTEXT where that is meant");
  EXPECT_EQ(refusal_of({{"ssl.keystore.location", "x"}}),
            "ssl.keystore.location" + plain + ", or say security.protocol=PLAINTEXT where that is meant");
  EXPECT_EQ(refusal_of({{"sslfactory", "x"}, {"client.id", "y"}}), "");
}

}  // namespace
}  // namespace kt::cli
