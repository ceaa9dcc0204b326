#include "libcli/commands/broker_api_versions/broker_api_versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kt::cli::broker_api_versions {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(BrokerApiVersionsText, SaysWhatCanBeUsed) {
  const std::string text = text_of({{0, {0, 99}}, {1, {500, 501}}, {2, {-3, -2}}, {200, {7, 7}}});
  EXPECT_THAT(text, testing::StartsWith("(\n\tProduce(0): 0 to 99 [usable: "));
  EXPECT_THAT(text, HasSubstr("\tFetch(1): 500 to 501 [unusable: node too new],\n"));
  EXPECT_THAT(text, HasSubstr("\tListOffsets(2): -3 to -2 [unusable: node too old],\n"));
  EXPECT_THAT(text, testing::EndsWith("\tUNKNOWN(200): 7\n)"));
}

TEST(BrokerApiVersionsText, NamesWhatClientsMissOnly) {
  EXPECT_THAT(text_of({}), AllOf(HasSubstr("\tMetadata(3): UNSUPPORTED,\n"), Not(HasSubstr("BrokerRegistration("))));
}

}  // namespace
}  // namespace kt::cli::broker_api_versions
