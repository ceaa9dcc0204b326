// Every message at every version: a default one survives, and no cut of it does.
#include <gtest/gtest.h>

#include "libbroker/wire/all_messages.h"
#include "libbroker/wire/api_keys.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"
#include "libbroker/wire/json.h"

namespace kt::wire {
namespace {

struct RoundTrip {
  template <class M>
  void operator()() const {
    for (int16_t version = M::min_version; version <= M::max_version; ++version) {
      SCOPED_TRACE(std::string(M::type_name) + " v" + std::to_string(version));
      const auto bytes = encode_bytes(M{}, version);
      const M decoded = decode<M>(Slice::view(bytes), version);
      EXPECT_EQ(encode_bytes(decoded, version), bytes);
      EXPECT_EQ(to_json(decoded, version), to_json(M{}, version));
      for (size_t cut = 0; cut < bytes.size(); ++cut) {
        EXPECT_THROW(decode<M>(Slice::view(std::span(bytes).first(cut)), version), DecodeError) << cut;
      }
    }
  }
};

TEST(EveryMessage, RoundTripsAndRefusesEveryCut) { visit_messages(RoundTrip{}); }

struct TableAgrees {
  template <class M>
  void operator()() const {
    if constexpr (requires { M::api_key; }) {
      if (!std::string_view(M::type_name).ends_with("Request")) return;
      const Api* api = find_api(M::api_key);
      ASSERT_NE(api, nullptr) << M::type_name;
      EXPECT_EQ(std::string(api->name) + "Request", M::type_name);
      EXPECT_EQ(api->first_flexible, M::first_flexible) << M::type_name;
      EXPECT_LE(M::min_version, api->min_version) << M::type_name;
      EXPECT_GE(M::max_version, api->max_version) << M::type_name;
    }
  }
};

TEST(ApiTable, AgreesWithTheMessages) { visit_messages(TableAgrees{}); }

}  // namespace
}  // namespace kt::wire
