#include "libbroker/wire/json.h"

#include <gtest/gtest.h>

#include <limits>

#include "libbroker/wire/metadata_records.h"

namespace kt::wire {
namespace {

TEST(JavaDouble, PrintsAsJava) {
  EXPECT_EQ(java_double(0), "0.0");
  EXPECT_EQ(java_double(-0.0), "-0.0");
  EXPECT_EQ(java_double(0.25), "0.25");
  EXPECT_EQ(java_double(-12), "-12.0");
  EXPECT_EQ(java_double(0.001), "0.001");
  EXPECT_EQ(java_double(0.00099), "9.9E-4");
  EXPECT_EQ(java_double(9999999), "9999999.0");
  EXPECT_EQ(java_double(10000000), "1.0E7");
  EXPECT_EQ(java_double(-1.2345e300), "-1.2345E300");
  EXPECT_EQ(java_double(std::numeric_limits<double>::infinity()), "Infinity");
  EXPECT_EQ(java_double(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(java_double(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(JsonDump, QuotesNumbersThatAreNotFinite) {
  ClientQuotaRecord quota{.key = "producer_byte_rate", .value = -std::numeric_limits<double>::infinity()};
  EXPECT_EQ(to_json(quota, 0),
            R"({"entity":[],"key":"producer_byte_rate","value":"-Infinity","remove":false})");
}

TEST(JsonString, EscapesAsKafkasTools) {
  EXPECT_EQ(json_string("a\"b\\c/\n\t\x01\x7f\xc3\xa9"), "\"a\\\"b\\\\c/\\n\\t\\u0001\x7f\xc3\xa9\"");
}

}  // namespace
}  // namespace kt::wire
