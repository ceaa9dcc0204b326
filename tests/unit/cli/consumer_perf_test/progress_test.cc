#include "libcli/commands/consumer_perf_test/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace kt::cli::consumer_perf_test {
namespace {

const config::DateFormat dates = *config::DateFormat::parse("'t'");

TEST(Progress, SumsUpInOneLine) {
  std::ostringstream out;
  print_summary({.start_ms = 0, .end_ms = 2'500, .joining_ms = 310, .total = {1'000'000, 100'000'000}}, dates,
                out);
  EXPECT_EQ(out.str(), "t, t, 95.3674, 38.1470, 1000000, 400000.0000, 310, 2190, 43.5468, 456621.0046\n");
}

TEST(Progress, TellsOfAnInterval) {
  std::ostringstream out;
  print_interval({.start_ms = 1'000,
                  .end_ms = 6'000,
                  .joining_ms = 1'000,
                  .before = {10, 1'048'576},
                  .total = {30, 5'242'880}},
                 dates, out);
  EXPECT_EQ(out.str(), "t, 0, 5.0000, 0.8000, 30, 4.0000, 1000, 4000, 1.0000, 5.0000\n");
}

TEST(Progress, NoTimeToFetchIsNoRate) {
  std::ostringstream out;
  print_interval({.start_ms = 0, .end_ms = 1'000, .joining_ms = 1'200, .total = {1, 1'048'576}}, dates, out);
  EXPECT_EQ(out.str(), "t, 0, 1.0000, 1.0000, 1, 1.0000, 1200, -200, 0.0000, 0.0000\n");
  out.str("");
  print_summary({.start_ms = 5, .end_ms = 5}, dates, out);
  EXPECT_EQ(out.str(), "t, t, 0.0000, NaN, 0, NaN, 0, 0, NaN, NaN\n");
}

}  // namespace
}  // namespace kt::cli::consumer_perf_test
