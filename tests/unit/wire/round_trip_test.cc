// Every message at every version: a default one survives, and no cut of it does.
#include <gtest/gtest.h>

#include "libbroker/wire/api_keys.h"
#include "libbroker/wire/codec.h"
#include "tests/support/messages.h"

namespace kt::wire {
namespace {

TEST(EveryMessage, RoundTripsAndRefusesEveryCut) {
  for (const test::MessageType& type : test::message_types()) {
    for (int16_t version = type.min_version; version <= type.max_version; ++version) {
      SCOPED_TRACE(type.at(version));
      const auto standard = type.make();
      const auto bytes = type.encode(*standard, version);
      const auto decoded = type.decode(Slice::view(bytes), version);
      EXPECT_EQ(type.encode(*decoded, version), bytes);
      EXPECT_EQ(type.to_json(*decoded, version), type.to_json(*standard, version));
      for (size_t cut = 0; cut < bytes.size(); ++cut) {
        EXPECT_THROW(type.decode(Slice::view(std::span(bytes).first(cut)), version), DecodeError) << cut;
      }
    }
  }
}

TEST(ApiTable, AgreesWithTheMessages) {
  for (const test::MessageType& type : test::message_types()) {
    if (!type.is_request()) continue;
    const Api* api = find_api(type.api_key);
    ASSERT_NE(api, nullptr) << type.name;
    EXPECT_EQ(std::string(api->name) + "Request", type.name);
    EXPECT_EQ(api->first_flexible, type.first_flexible) << type.name;
    EXPECT_LE(type.min_version, api->min_version) << type.name;
    EXPECT_GE(type.max_version, api->max_version) << type.name;
  }
}

}  // namespace
}  // namespace kt::wire
