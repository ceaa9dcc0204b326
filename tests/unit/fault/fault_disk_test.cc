#include "libbroker/fault/fault_disk.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace kt::fault {
namespace {

class FaultDiskTest : public testing::Test {
 protected:
  void order(std::vector<Fault> faults) {
    board_.set({.version = 2, .node = 1, .ports = {}, .faults = std::move(faults), .clock = {}, .seed = {}});
  }
  Result<void> write(std::string_view text) {
    auto file = disk_.open(path_, Disk::Mode::create);
    return (*file)->write_at(0, std::as_bytes(std::span(text)));
  }
  void TearDown() override { std::filesystem::remove(path_); }

  const std::string path_ = testing::TempDir() + "fault_disk_test";
  PosixDisk real_;
  Board board_{Orders{.version = 1, .node = 1, .ports = {}, .faults = {}, .clock = {}, .seed = {}}};
  FaultDisk disk_{board_, real_};
};

TEST_F(FaultDiskTest, IsFullAfterSoManyBytesAndEmptyAgainWhenHealed) {
  EXPECT_TRUE(write("abc"));
  order({{.id = 1, .kind = Fault::Kind::disk_full, .a = {1}, .count = 5}});
  EXPECT_TRUE(write("abc"));
  const auto refused = write("abc");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kafka_storage_error);
  EXPECT_EQ(refused.error().message, "cannot write " + path_ + ": No space left on device");
  EXPECT_TRUE(write("ab"));
  order({});
  EXPECT_TRUE(write("abcdef"));
}

TEST_F(FaultDiskTest, FailsOnTheNodeThatIsNamedAlone) {
  order({{.id = 1, .kind = Fault::Kind::disk_error, .a = {2}}});
  EXPECT_TRUE(write("abc"));
  order({{.id = 2, .kind = Fault::Kind::disk_error, .a = {1}}});
  EXPECT_EQ(write("abc").error().message, "cannot write " + path_ + ": Input/output error");
}

}  // namespace
}  // namespace kt::fault
