#include "libbroker/base/log_format.h"

#include <gtest/gtest.h>

namespace kt {
namespace {

TEST(LogFormat, TextIsAsKafkas) {
  EXPECT_EQ(log_payload(LogFormat::text, LogLevel::info, "kt.Node", "started"), "INFO started (kt.Node)");
}

TEST(LogFormat, JsonHasAMemberForEachPart) {
  EXPECT_EQ(log_payload(LogFormat::json, LogLevel::warn, "kt.Node", "a \"b\""),
            R"("level":"WARN","component":"kt.Node","message":"a \"b\"")");
}

TEST(LogFormat, AnEventIsOneLineWhateverIsInIt) {
  const std::string hostile = "id\n[2026-11-26] ERROR forged\r\x1b[31m\xff\xc3\xa9\xed\xa0\x80";
  EXPECT_EQ(log_payload(LogFormat::text, LogLevel::info, "c", hostile),
            "INFO id\\x0a[2026-11-26] ERROR forged\\x0d\\x1b[31m\\xff\xc3\xa9\\xed\\xa0\\x80 (c)");
  EXPECT_EQ(log_payload(LogFormat::json, LogLevel::info, "c", "\n\xff"),
            R"("level":"INFO","component":"c","message":"\\x0a\\xff")");
}

TEST(LogFormat, RowsAreLinesAsTextAndOneMessageInJson) {
  const std::string rows[] = {"broker.id = 0", "log.dirs = a\nforged"};
  EXPECT_EQ(log_payload(LogFormat::text, LogLevel::info, "c", "values: ", rows),
            "INFO values: \n\tbroker.id = 0\n\tlog.dirs = a\\x0aforged\n (c)");
  EXPECT_EQ(
      log_payload(LogFormat::json, LogLevel::info, "c", "values: ", rows),
      R"("level":"INFO","component":"c","message":"values: \n\tbroker.id = 0\n\tlog.dirs = a\\x0aforged\n")");
}

}  // namespace
}  // namespace kt
