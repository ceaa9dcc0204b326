#include "libcli/config/java_time.h"

#include <gtest/gtest.h>

namespace kt::config {
namespace {

TEST(DateTime, IsReadAsKafkasToolsReadIt) {
  EXPECT_EQ(parse_date_time("1970-01-01T00:00:00.000"), 0);
  EXPECT_EQ(parse_date_time("2025-01-01T00:00:00.007Z"), 1735689600007);
  EXPECT_EQ(parse_date_time("2025-01-01T01:30:00.000+01:30"), 1735689600000);
  EXPECT_EQ(parse_date_time("2024-12-31T21:00:00.000-03"), 1735689600000);
  EXPECT_EQ(parse_date_time("2024-02-29T00:00:00.000"), 1709164800000);
  EXPECT_EQ(parse_date_time("1969-12-31T23:59:59.999Z"), -1);
}

TEST(DateTime, IsRefusedInJavasWords) {
  const auto error = [](std::string_view text) { return parse_date_time(text).error(); };
  EXPECT_EQ(error("x"), "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format");
  EXPECT_EQ(error("2025-01-01T"),
            "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format");
  EXPECT_EQ(error("2025-01-01T00:00:00"), "Unparseable date: \"2025-01-01T00:00:00Z\"");
  EXPECT_EQ(error("2025-13-01T00:00:00.000"), "Unparseable date: \"2025-13-01T00:00:00.000Z\"");
  EXPECT_EQ(error("2025-02-29T00:00:00.000"), "Unparseable date: \"2025-02-29T00:00:00.000Z\"");
  EXPECT_EQ(error("2025-01-01T25:00:00.000Z"), "Unparseable date: \"2025-01-01T25:00:00.000Z\"");
}

TEST(Duration, IsReadAsJavaReadsIt) {
  EXPECT_EQ(parse_duration_ms("P1D"), 86'400'000);
  EXPECT_EQ(parse_duration_ms("PT1H2M3.5S"), 3'723'500);
  EXPECT_EQ(parse_duration_ms("p1dt1h"), 90'000'000);
  EXPECT_EQ(parse_duration_ms("-PT10M"), -600'000);
  EXPECT_EQ(parse_duration_ms("PT-10M30S"), -570'000);
  EXPECT_EQ(parse_duration_ms("PT0.001S"), 1);
  for (const char* text :
       {"", "P", "PT", "1D", "P1H", "PT1D", "P1DT", "PT1S1M", "PT1.5M", "P1Y", "PT9223372036854775807H"}) {
    EXPECT_EQ(parse_duration_ms(text).error(), "Text cannot be parsed to a Duration") << text;
  }
}

}  // namespace
}  // namespace kt::config
