#include "libbroker/sim/broker/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "libbroker/base/logger.h"
#include "tests/support/cases.h"
#include "tests/support/source_dir.h"

// The node of `kt server` on simulated machines: killed, cut off and started again under load, by seeds.

namespace kt::sim {
namespace {

/// KT_SIM_SEEDS: how many seeds are run in all; KT_SIM_FIRST_SEED: from which on.
uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void expect_kept(const RunOptions& options) {
  const RunResult result = run(options);
  for (const std::string& violation : result.violations)
    ADD_FAILURE() << "seed " << options.seed << " " << name_of(result.profile) << ": " << violation;
}

/// Parts that may run at the same time.
constexpr uint64_t parts = 12, seeds_usual = 300;

class Seeds : public testing::TestWithParam<uint64_t> {};

TEST_P(Seeds, KeepWhatIsPromised) {
  set_log(LogLevel::off, false);  // crashes are loud
  const uint64_t first = from_environment("KT_SIM_FIRST_SEED", 1);
  const uint64_t seeds = from_environment("KT_SIM_SEEDS", seeds_usual);
  for (uint64_t seed = first + GetParam(); seed < first + seeds; seed += parts) {
    expect_kept({.seed = seed});
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Seeds, testing::Range<uint64_t>(0, parts));

/// One that found a bug once, as regressions.txt has it.
struct Regression {
  uint64_t seed = 0;
  std::string profile;
  uint32_t nodes = 0;
};

std::vector<Regression> regressions() {
  std::ifstream file(test::source_dir() / "tests/unit/sim/broker/regressions.txt");
  std::vector<Regression> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    Regression& one = all.emplace_back();
    std::istringstream(line) >> one.seed >> one.profile >> one.nodes;
  }
  return all;
}

class Regressions : public testing::TestWithParam<uint64_t> {};
constexpr uint64_t regression_parts = 4;

TEST_P(Regressions, KeepWhatIsPromised) {
  set_log(LogLevel::off, false);
  const auto all = regressions();
  ASSERT_FALSE(all.empty());
  for (uint64_t i = GetParam(); i < all.size(); i += regression_parts * test::one_in(3)) {
    const auto profile = parse_profile(all[i].profile);
    ASSERT_TRUE(profile) << all[i].profile;
    expect_kept({.seed = all[i].seed, .profile = profile, .nodes = all[i].nodes});
  }
}

INSTANTIATE_TEST_SUITE_P(All, Regressions, testing::Range<uint64_t>(0, regression_parts));

TEST(BrokerRun, TheSameSeedIsTheSameRun) {
  set_log(LogLevel::off, false);
  for (uint64_t seed = 1; seed < 4; ++seed) {
    uint64_t told = 0;
    const RunOptions watched{.seed = seed, .tell = [&](int64_t, const std::string&) { ++told; }};
    EXPECT_EQ(run({.seed = seed}).trace_hash, run(watched).trace_hash) << seed;
    EXPECT_GT(told, 0u);
  }
}

/// A seed is worth its time.
TEST(BrokerRun, ASeedIsAMinuteOfWorkAndTrouble) {
  set_log(LogLevel::off, false);
  std::vector<uint64_t> acknowledged, faults;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const RunResult result = run({.seed = seed, .profile = Profile::kill, .nodes = 3});
    EXPECT_GE(result.simulated_ms, 55'000) << seed;
    acknowledged.push_back(result.acknowledged);
    faults.push_back(result.faults);
  }
  for (std::vector<uint64_t>* figures : {&acknowledged, &faults}) std::ranges::sort(*figures);
  EXPECT_GE(acknowledged[2], 500u);
  EXPECT_GE(faults[2], 5u);
}

}  // namespace
}  // namespace kt::sim
