#include "libcli/config/date_format.h"

#include <gtest/gtest.h>

namespace kt::config {
namespace {

std::string formatted(std::string_view pattern, int64_t ms, int32_t east_s = 0) {
  const auto format = DateFormat::parse(pattern);
  return format ? format->format(ms, east_s) : "error: " + format.error();
}

TEST(DateFormat, PrintsAsJavaDoes) {
  EXPECT_EQ(formatted("yyyy-MM-dd HH:mm:ss:SSS", 1735689600007), "2025-01-01 00:00:00:007");
  EXPECT_EQ(formatted("yyyy-MM-dd HH:mm:ss:SSS", 1735689600007, 5400), "2025-01-01 01:30:00:007");
  EXPECT_EQ(formatted("yy/M/d H:m", 1735689600000), "25/1/1 0:0");
  EXPECT_EQ(formatted("yyyy-MM-dd'T'HH:mm''", 0), "1970-01-01T00:00'");
  EXPECT_EQ(formatted("HH:mm:ss", -1000), "23:59:59");
  EXPECT_EQ(formatted("", 0), "");
}

TEST(DateFormat, RefusesInJavasWords) {
  EXPECT_EQ(formatted("yyyyb", 0), "error: Illegal pattern character 'b'");
  EXPECT_EQ(formatted("'x", 0), "error: Unterminated quote");
}

}  // namespace
}  // namespace kt::config
