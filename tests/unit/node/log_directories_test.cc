#include "libbroker/node/log_directories.h"

#include <gtest/gtest.h>

#include "libbroker/base/clock.h"
#include "libbroker/base/rng.h"
#include "libbroker/sim/sim_disk.h"

namespace kt::node {
namespace {

class LogDirectoriesTest : public testing::Test {
 protected:
  /// Empty when they open.
  std::string refusal() {
    LogDirectories directories(disk_, clock_, rng_);
    const auto opened = directories.open(config_, true);
    return opened ? "" : opened.error().message;
  }

  SeededRng rng_{1};
  sim::SimDisk disk_{rng_};
  ManualClock clock_;
  metadata::BrokerConfig config_ = {.node_id = 1, .log_dirs = {"/a", "/b"}, .metadata_log_dir = "/a"};
};

TEST_F(LogDirectoriesTest, MetadataThatLiesElsewhereIsNotBegunAnew) {
  ASSERT_EQ(refusal(), "");
  ASSERT_TRUE(disk_.make_directory("/a/__cluster_metadata-0"));
  ASSERT_EQ(refusal(), "");
  config_.log_dirs = {"/b", "/a"};
  config_.metadata_log_dir = "/b";
  EXPECT_EQ(refusal(),
            "Found unexpected metadata location in data directory `/a/__cluster_metadata-0` (the configured "
            "metadata directory is /b). Was the order of log.dirs changed? Then set metadata.log.dir=/a");
}

TEST_F(LogDirectoriesTest, ADiskThatIsNotMountedIsNotTakenForANewOne) {
  config_.log_dirs = {"/a"};
  ASSERT_EQ(refusal(), "");
  config_.log_dirs = {"/a", "/b"};
  EXPECT_EQ(refusal(), "") << "the first start may have been broken off";
  ASSERT_TRUE(disk_.make_directory("/a/orders-0"));
  EXPECT_EQ(refusal(), "");
  config_.log_dirs = {"/a", "/b", "/c"};
  EXPECT_TRUE(refusal().starts_with(
      "No meta.properties found in /c, though /a has one: is its disk mounted? If it is a new one, format it "
      "first: kt storage format --ignore-formatted -t "))
      << refusal();
  EXPECT_FALSE(*disk_.exists("/c/meta.properties"));
}

TEST_F(LogDirectoriesTest, ACopyIsNotADirectoryOfItsOwn) {
  ASSERT_EQ(refusal(), "");
  ASSERT_TRUE(disk_.replace("/b/meta.properties", *disk_.read_all("/a/meta.properties")));
  EXPECT_TRUE(refusal().ends_with(
      ": /a and /b both have it in meta.properties. If one is a copy of the other, take it out of log.dirs"))
      << refusal();
}

TEST_F(LogDirectoriesTest, AStopIsAsCleanAsTheLeastCleanOfThem) {
  const auto previous_epoch = [&](const std::string& lost = "") {
    LogDirectories directories(disk_, clock_, rng_);
    EXPECT_TRUE(directories.open(config_, true));
    const int64_t epoch = directories.previous_broker_epoch();
    if (!lost.empty()) directories.take_offline(lost);
    directories.all_opened();
    EXPECT_TRUE(directories.mark_clean(7));
    return epoch;
  };
  EXPECT_EQ(previous_epoch(), -1);
  EXPECT_EQ(previous_epoch("/b"), 7);
  EXPECT_EQ(previous_epoch(), -1);
  EXPECT_EQ(previous_epoch(), 7);
}

}  // namespace
}  // namespace kt::node
