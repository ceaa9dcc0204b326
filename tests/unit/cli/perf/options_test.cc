#include "libcli/commands/perf/options.h"

#include <gtest/gtest.h>

#include "libcli/commands/ready/options.h"
#include "libcli/config/span.h"
#include "tests/unit/cli/parsing.h"

namespace kt::cli {
namespace {

std::expected<perf::Options, UsageError> raw(std::vector<std::string> words) {
  World world;
  words.insert(words.begin(), "raw");
  return parse_words(perf::syntax, perf::parse, world, Mode::kt, words);
}
std::expected<ready::Options, UsageError> ready_options(std::vector<std::string> words) {
  World world;
  return parse_words(ready::syntax, ready::parse, world, Mode::kt, words);
}

TEST(PerfRaw, HasLimits) {
  EXPECT_EQ(raw({}).error().message, "argument --topic/-t is required");
  EXPECT_EQ(raw({"t", "--batch-bytes", "0"}).error().message, "--batch-bytes is 1 to 67108864");
  EXPECT_EQ(raw({"t", "--depth", "1025"}).error().message, "--depth is 1 to 1024");
  EXPECT_EQ(raw({"t", "--connections", "-1"}).error().message, "--connections is 1 to 4096");
  EXPECT_EQ(raw({"t", "--duration", "soon"}).error().message, "--duration is a time such as 30s, not soon");
  EXPECT_EQ(raw({"t", "--acks", "2"}).error().message,
            "argument --acks/-a: invalid choice: '2' (choose from {1,all})");
}

TEST(PerfRaw, RatesAndWarmUpsHaveLimitsToo) {
  EXPECT_EQ(raw({"t", "--rate", "0"}).error().message,
            "--rate is above 0 and at most 1000000 requests a second");
  EXPECT_EQ(raw({"t", "--warmup", "soon"}).error().message, "--warmup is a time such as 30s, not soon");
  const auto open_loop = raw({"t", "--load", "single", "--rate", "0.5", "--warmup", "2s"});
  ASSERT_TRUE(open_loop);
  EXPECT_EQ(open_loop->load, perf::Load::single);
  EXPECT_EQ(open_loop->rate, 0.5);
  EXPECT_EQ(open_loop->warmup_ms, 2'000);
  EXPECT_FALSE(raw({"t"})->rate);
}

TEST(PerfRaw, ReadsEverything) {
  const auto options =
      raw({"t", "-a", "1", "--batch-bytes", "16384", "--duration", "2m", "-n", "9", "-b", "h:1"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->topic, "t");
  EXPECT_EQ(options->acks, 1);
  EXPECT_EQ(options->batch_bytes, 16384);
  EXPECT_EQ(options->depth, 5);
  EXPECT_EQ(options->duration_ms, 120'000);
  EXPECT_EQ(options->batches_max, 9);
  EXPECT_EQ(options->connection.addresses, "h:1");
  EXPECT_EQ(raw({"t"})->acks, -1);
}

TEST(Ready, WaitsOrAsksOnce) {
  EXPECT_EQ(ready_options({})->wait_ms, 0);
  EXPECT_EQ(ready_options({"--wait"})->wait_ms, 30'000);
  EXPECT_EQ(ready_options({"--wait", "500ms", "--brokers", "3"})->wait_ms, 500);
  EXPECT_EQ(ready_options({"--wait=5"})->wait_ms, 5'000);
  EXPECT_EQ(ready_options({"--brokers", "3"})->brokers_min, 3);
  EXPECT_EQ(ready_options({"--wait", "soon"}).error().message, "--wait is a time such as 30s, not soon");
  EXPECT_EQ(ready_options({"--brokers", "0"}).error().message, "--brokers is 1 or more");
}

TEST(Span, HasUnits) {
  EXPECT_EQ(config::parse_span_ms("250ms"), 250);
  EXPECT_EQ(config::parse_span_ms("30"), 30'000);
  EXPECT_EQ(config::parse_span_ms("1d"), 86'400'000);
  for (const char* text : {"", "s", "-1s", "1w", "1.5s", "99999999999999999d"}) {
    EXPECT_EQ(config::parse_span_ms(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace kt::cli
