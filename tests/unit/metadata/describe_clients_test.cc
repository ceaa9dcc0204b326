#include "libbroker/metadata/describe_clients.h"

#include <gtest/gtest.h>

#include "libbroker/metadata/image_builder.h"

namespace kt::metadata {
namespace {

using QuotasRequest = wire::DescribeClientQuotasRequest;
using Component = QuotasRequest::ComponentData;
using Name = std::optional<std::string>;

constexpr int8_t exact = 0, default_entity = 1, any = 2;
constexpr int8_t sha_256 = 1, sha_512 = 2;

wire::ClientQuotaRecord quota(std::vector<std::pair<std::string, Name>> entity, std::string key,
                              double value) {
  wire::ClientQuotaRecord record{.key = std::move(key), .value = value};
  for (auto& [type, name] : entity) record.entity.push_back({std::move(type), std::move(name)});
  return record;
}

wire::UserScramCredentialRecord credential(std::string user, int8_t mechanism, int32_t iterations) {
  return {.name = std::move(user), .mechanism = mechanism, .iterations = iterations};
}

Image image() {
  ImageBuilder builder(Image{});
  builder.apply(quota({{"user", "alice"}}, "producer_byte_rate", 1000));
  builder.apply(quota({{"user", "alice"}, {"client-id", "app"}}, "consumer_byte_rate", 10));
  builder.apply(quota({{"user", std::nullopt}}, "request_percentage", 50));
  builder.apply(quota({{"ip", "10.0.0.1"}}, "connection_creation_rate", 5));
  builder.apply(credential("alice", sha_256, 4096));
  builder.apply(credential("alice", sha_512, 8192));
  builder.apply(credential("bob", sha_256, 4096));
  return std::move(builder).freeze({});
}

Component component(std::string type, int8_t match_type, Name match = std::nullopt) {
  return {std::move(type), match_type, std::move(match)};
}

/// "alice+app:consumer_byte_rate=10 ", an entry after the other, '*' for the default.
std::string described(std::vector<Component> components, bool strict = true) {
  const auto response = describe_client_quotas(image(), {std::move(components), strict});
  if (response.error_code != ErrorCode::none) return *response.error_message;
  EXPECT_EQ(response.error_message, "");  // as Kafka: not null
  std::string text;
  for (const auto& entry : *response.entries) {
    std::string names;
    for (const auto& part : entry.entity)
      names += (names.empty() ? "" : "+") + part.entity_name.value_or("*");
    text += names + ":";
    for (const auto& value : entry.values)
      text += value.key + "=" + std::to_string(static_cast<int>(value.value)) + " ";
  }
  return text;
}

TEST(DescribeClientQuotas, ByNameByTypeAndTheDefault) {
  EXPECT_EQ(described({component("user", exact, "alice")}), "alice:producer_byte_rate=1000 ");
  EXPECT_EQ(described({component("user", default_entity)}), "*:request_percentage=50 ");
  EXPECT_EQ(described({component("user", any)}), "*:request_percentage=50 alice:producer_byte_rate=1000 ");
  EXPECT_EQ(described({component("ip", exact, "10.0.0.1")}), "10.0.0.1:connection_creation_rate=5 ");
  EXPECT_EQ(described({component("ip", exact, "10.0.0.2")}), "");
}

TEST(DescribeClientQuotas, StrictMeansNothingElse) {
  EXPECT_EQ(described({component("user", exact, "alice"), component("client-id", any)}),
            "app+alice:consumer_byte_rate=10 ");
  EXPECT_EQ(described({component("client-id", any)}), "");
  EXPECT_EQ(described({component("client-id", any)}, false), "app+alice:consumer_byte_rate=10 ");
}

TEST(DescribeClientQuotas, RefusesWhatMeansNothing) {
  EXPECT_EQ(described({component("", any)}), "Invalid empty entity type.");
  EXPECT_EQ(described({component("user", any), component("user", any)}),
            "Entity type user cannot appear more than once in the filter.");
  EXPECT_EQ(described({component("planet", any)}), "Unsupported entity type planet");
  EXPECT_EQ(described({component("user", exact)}),
            "Request specified MATCH_TYPE_EXACT, but set match string to null.");
  EXPECT_EQ(described({component("user", default_entity, "a")}),
            "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.");
  EXPECT_EQ(described({component("user", any, "a")}),
            "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.");
  EXPECT_EQ(described({component("user", 7)}), "Unknown match type 7");
  EXPECT_EQ(
      described({component("ip", any), component("user", any)}),
      "Invalid entity filter component combination. IP filter component should not be used with user or "
      "clientId filter component.");
}

TEST(DescribeScramCredentials, IterationsByUserAndMechanism) {
  const auto all = describe_scram_credentials(image(), {});
  EXPECT_EQ(all.error_message, "");  // as Kafka: not null
  ASSERT_EQ(all.results.size(), 2u);
  EXPECT_EQ(all.results[0].user, "alice");
  ASSERT_EQ(all.results[0].credential_infos.size(), 2u);
  EXPECT_EQ(all.results[0].credential_infos[1].mechanism, sha_512);
  EXPECT_EQ(all.results[0].credential_infos[1].iterations, 8192);
  EXPECT_EQ(all.results[1].user, "bob");
}

TEST(DescribeScramCredentials, TheUnknownAndTheDoubled) {
  wire::DescribeUserScramCredentialsRequest request;
  request.users = {{{"bob"}, {"carol"}, {"bob"}}};
  const auto response = describe_scram_credentials(image(), request);
  ASSERT_EQ(response.results.size(), 2u);
  EXPECT_EQ(response.results[0].error_code, ErrorCode::duplicate_resource);
  EXPECT_EQ(response.results[0].error_message,
            "Cannot describe SCRAM credentials for the same user twice in a single request: bob");
  EXPECT_EQ(response.results[1].error_code, ErrorCode::resource_not_found);
  EXPECT_EQ(response.results[1].error_message,
            "Attempt to describe a user credential that does not exist: carol");
}

}  // namespace
}  // namespace kt::metadata
