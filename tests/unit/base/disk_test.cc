#include "libbroker/base/disk.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <vector>

namespace kt {
namespace {

class PosixDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/kt-disk-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { ASSERT_TRUE(disk_.remove(folder_)); }

  PosixDisk disk_;
  std::string folder_;
};

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST_F(PosixDiskTest, ReadsWhatWasGathered) {
  auto file = disk_.open(folder_ + "/a", Disk::Mode::create);
  ASSERT_TRUE(file);
  const std::span<const std::byte> parts[] = {bytes_of("one"), bytes_of(""), bytes_of("two")};
  ASSERT_TRUE((*file)->write_at(2, parts));
  std::string text(16, '?');
  const auto read = (*file)->read_at(2, std::as_writable_bytes(std::span(text)));
  ASSERT_TRUE(read);
  EXPECT_EQ(text.substr(0, *read), "onetwo");
  EXPECT_EQ(*(*file)->size(), 8u);
}

// More bytes, and more parts, than one system call is given.
TEST_F(PosixDiskTest, WritesManyAndLongParts) {
  const auto file = disk_.open(folder_ + "/a", Disk::Mode::create);
  ASSERT_TRUE(file);
  std::vector<std::string> texts;
  for (size_t i = 0; i < 300; ++i) texts.push_back(std::string(i % 7 == 0 ? i * 1000 : i, static_cast<char>('a' + i % 26)));
  std::string expected;
  std::vector<std::span<const std::byte>> parts;
  for (const std::string& text : texts) {
    expected += text;
    parts.push_back(bytes_of(text));
  }
  ASSERT_TRUE((*file)->write_at(5, parts));
  std::string text(expected.size() + 1, '?');
  const auto read = (*file)->read_at(5, std::as_writable_bytes(std::span(text)));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, expected.size());
  text.resize(*read);
  EXPECT_TRUE(text == expected);
}

TEST_F(PosixDiskTest, ReplaceLeavesNoTemporary) {
  ASSERT_TRUE(disk_.replace(folder_ + "/checkpoint", "first, and longer"));
  ASSERT_TRUE(disk_.replace(folder_ + "/checkpoint", "second"));
  EXPECT_EQ(*disk_.read_all(folder_ + "/checkpoint"), "second");
  EXPECT_EQ(disk_.list(folder_)->size(), 1u);
}

TEST_F(PosixDiskTest, ErrorsNameTheFileAndTheReason) {
  const auto file = disk_.open(folder_ + "/absent", Disk::Mode::read);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kafka_storage_error);
  EXPECT_EQ(file.error().message, "cannot open " + folder_ + "/absent: No such file or directory");
}

TEST_F(PosixDiskTest, SecondLockIsRefused) {
  const auto first = disk_.lock(folder_ + "/.lock");
  ASSERT_TRUE(first);
  EXPECT_FALSE(disk_.lock(folder_ + "/.lock"));
}

}  // namespace
}  // namespace kt
