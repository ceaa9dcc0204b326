#include "libcli/lab/places.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "libbroker/base/disk.h"

namespace kt::lab {
namespace {

namespace fs = std::filesystem;

class PlacesTest : public testing::Test {
 protected:
  PlacesTest() {
    std::string folder = testing::TempDir() + "/kt-places-XXXXXX";
    root_ = ::mkdtemp(folder.data());
  }
  ~PlacesTest() override { fs::remove_all(root_); }

  net::OwnedDescriptor open_file(const std::string& name) const {
    return net::OwnedDescriptor(::open((root_ + "/" + name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  }

  std::string root_;
  PosixDisk disk_;
};

TEST_F(PlacesTest, WhoLooksWhetherALabRunsIsNotInTheWayOfOneThatBegins) {
  const auto looks = open_file("lock");
  EXPECT_FALSE(LifeLock::is_taken(looks.get()));
  const auto begins = open_file("lock");
  EXPECT_TRUE(LifeLock::take(begins.get()));
  EXPECT_TRUE(LifeLock::is_taken(looks.get()));
  EXPECT_FALSE(LifeLock::take(open_file("lock").get()));
}

TEST_F(PlacesTest, ALabRunsForAsLongAsItsSupervisorHasTheLock) {
  fs::create_directory(root_ + "/run");
  const Place place{root_};
  EXPECT_FALSE(place.is_running());
  {
    const auto supervisor = open_file("run/lock");
    EXPECT_FALSE(place.is_running());
    ASSERT_TRUE(LifeLock::take(supervisor.get()));
    EXPECT_TRUE(place.is_running());
  }
  EXPECT_FALSE(place.is_running());
}

TEST_F(PlacesTest, OneAtATimeChangesALab) {
  Labs labs(disk_, root_);
  const auto first = labs.lock("one", 0);
  ASSERT_TRUE(first);
  EXPECT_TRUE(labs.lock("two", 0));
  const auto second = labs.lock("one", 0);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "another kt lab is changing lab one: try again when it is done");
  EXPECT_TRUE(labs.names().empty());  // a lock is no lab
}

TEST_F(PlacesTest, WhoWaitedForALabThatIsWipedHasItForItselfAllTheSame) {
  Labs labs(disk_, root_);
  auto first = labs.lock("one", 0);
  ASSERT_TRUE(first);
  Result<net::OwnedDescriptor> second = fail(ErrorCode::none);
  std::thread waits([&] { second = labs.lock("one", 10'000); });
  ASSERT_TRUE(labs.wipe("one"));
  *first = net::OwnedDescriptor();
  waits.join();
  EXPECT_TRUE(second);
  EXPECT_FALSE(labs.lock("one", 0));
}

TEST_F(PlacesTest, ALabThatRunsIsNotWiped) {
  Labs labs(disk_, root_);
  fs::create_directories(root_ + "/one/run");
  const auto supervisor = open_file("one/run/lock");
  ASSERT_TRUE(LifeLock::take(supervisor.get()));
  EXPECT_FALSE(labs.wipe("one"));
  EXPECT_TRUE(fs::exists(root_ + "/one/run/lock"));
}

}  // namespace
}  // namespace kt::lab
