#include "libcli/commands/producer_perf_test/stats.h"

#include <gtest/gtest.h>

#include <sstream>

#include "libcli/commands/producer_perf_test/payloads.h"

namespace kt::cli::producer_perf_test {
namespace {

TEST(Stats, PrintsKafkasLines) {
  std::ostringstream out;
  Stats stats(4, 5'000, Stats::Of::whole_run, 1'000);
  stats.record(10, 1'048'576, 1'100, out);
  stats.record(20, 1'048'576, 1'200, out);
  EXPECT_EQ(out.str(), "");
  stats.record(5, 1'048'576, 6'000, out);
  EXPECT_EQ(out.str(),
            "3 records sent, 0.6 records/sec (0.60 MB/sec), 11.7 ms avg latency, 20.0 ms max latency.\n");
  out.str("");
  stats.record(1, 1'048'576, 9'000, out);
  EXPECT_EQ(out.str(), "");
  stats.print_total(11'000, out);
  EXPECT_EQ(out.str(),
            "4 records sent, 0.4 records/sec (0.40 MB/sec), 9.00 ms avg latency, 20.00 ms max latency, 10 ms "
            "50th, 20 ms 95th, "
            "20 ms 99th, 20 ms 99.9th.\n");
}

TEST(Stats, NothingDeliveredIsNotANumber) {
  std::ostringstream out;
  Stats(4, 5'000, Stats::Of::whole_run, 1'000).print_total(2'000, out);
  EXPECT_EQ(out.str(),
            "0 records sent, 0.0 records/sec (0.00 MB/sec), NaN ms avg latency, 0.00 ms max latency, 0 ms "
            "50th, 0 ms 95th, 0 ms "
            "99th, 0 ms 99.9th.\n");
}

TEST(Stats, SteadyStateSaysSo) {
  std::ostringstream out;
  Stats stats(2, 100, Stats::Of::steady_state, 0);
  stats.record(1, 0, 100, out);
  stats.record(1, 0, 200, out);
  EXPECT_EQ(out.str(),
            "In steady state.\n"
            "1 records sent, 10.0 records/sec (0.00 MB/sec), 1.0 ms avg latency, 1.0 ms max latency.\n"
            "1 records sent, 10.0 records/sec (0.00 MB/sec), 1.0 ms avg latency, 1.0 ms max latency.\n");
  out.str("");
  stats.print_total(200, out);
  EXPECT_TRUE(out.str().starts_with("2 steady state records sent, 10.0 records/sec")) << out.str();
}

TEST(Split, IsJavasScanner) {
  using Parts = std::vector<std::string>;
  EXPECT_EQ(split("a\nb\n", "\n"), (Parts{"a", "b"}));
  EXPECT_EQ(split("a\n\nb", "\n"), (Parts{"a", "", "b"}));
  EXPECT_EQ(split("\na", "\n"), (Parts{"a"}));
  EXPECT_EQ(split("a, b,c", ",\\s*"), (Parts{"a", "b", "c"}));
  EXPECT_EQ(split("abc", "x*"), (Parts{"abc"}));
  EXPECT_EQ(split("\n", "\n"), (Parts{}));
  EXPECT_EQ(split("a", "(").error().message, "( is an invalid regex.");
}

}  // namespace
}  // namespace kt::cli::producer_perf_test
