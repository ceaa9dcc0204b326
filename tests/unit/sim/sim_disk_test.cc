#include "libbroker/sim/sim_disk.h"

#include <gtest/gtest.h>

#include <set>

#include "libbroker/base/bytes.h"

namespace kt::sim {
namespace {

constexpr uint64_t seeds = 1'000;
constexpr CrashFaults all_lost{never, never, never, never}, all_kept{always, never, never, never};

std::unique_ptr<File> open(Disk& disk, const std::string& path, Disk::Mode mode = Disk::Mode::create) {
  auto file = disk.open(path, mode);
  EXPECT_TRUE(file) << file.error().message;
  return std::move(*file);
}

void put(Disk& disk, const std::string& path, std::string_view text) {
  ASSERT_TRUE(open(disk, path)->write_at(0, as_bytes(text)));
}

std::string names(Disk& disk, const std::string& directory) {
  const auto entries = disk.list(directory);
  std::string text;
  for (const DirEntry& entry : *entries) text += entry.name + (entry.is_directory ? "/ " : " ");
  return text;
}

class SimDiskTest : public testing::Test {
 protected:
  SeededRng rng_{7};
  SimDisk disk_{rng_};
};

TEST_F(SimDiskTest, ReadsWhatWasGathered) {
  auto file = open(disk_, "a");
  const std::span<const std::byte> parts[] = {as_bytes("one"), as_bytes(""), as_bytes("two")};
  ASSERT_TRUE(file->write_at(2, parts));
  std::string text(16, '?');
  const auto read = file->read_at(2, std::as_writable_bytes(std::span(text)));
  ASSERT_TRUE(read);
  EXPECT_EQ(text.substr(0, *read), "onetwo");
  EXPECT_EQ(*file->size(), 8u);
  EXPECT_FALSE(*file->read_resident(2, std::as_writable_bytes(std::span(text))));
  EXPECT_TRUE(*file->read_resident(2, std::as_writable_bytes(std::span(text).first(6))));
}

TEST_F(SimDiskTest, WordsErrorsAsTheSystemDoes) {
  EXPECT_EQ(disk_.open("d/absent", Disk::Mode::read).error().message,
            "cannot open d/absent: No such file or directory");
  put(disk_, "/file", "x");
  EXPECT_EQ(disk_.list("file").error().message, "cannot list file: Not a directory");
  EXPECT_EQ(open(disk_, "file", Disk::Mode::read)->write_at(0, as_bytes("y")).error().message,
            "cannot write file: Bad file descriptor");
}

TEST_F(SimDiskTest, RenameReplacesAndRemoveTakesWholeTrees) {
  ASSERT_TRUE(disk_.make_directory("data/t-0"));
  put(disk_, "data/t-0/a", "old");
  put(disk_, "data/t-0/b", "new");
  ASSERT_TRUE(disk_.rename("data/t-0/b", "data/t-0/a"));
  EXPECT_EQ(*disk_.read_all("data/t-0/a"), "new");
  ASSERT_TRUE(disk_.rename("data/t-0", "data/t-0-delete"));
  EXPECT_EQ(disk_.files(), std::vector<std::string>{"/data/t-0-delete/a"});
  ASSERT_TRUE(disk_.remove("data"));
  EXPECT_FALSE(*disk_.exists("data"));
  EXPECT_EQ(disk_.space("/")->usable_bytes, disk_.space("/")->total_bytes);
}

TEST_F(SimDiskTest, TellsWhatIsOnTheMedium) {
  ASSERT_TRUE(disk_.make_directory("d"));
  auto file = open(disk_, "d/a");
  ASSERT_TRUE(file->write_at(0, as_bytes("old")));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(disk_.on_medium("d/a"), std::nullopt);  // its names are not
  ASSERT_TRUE(disk_.sync_directory("d"));
  EXPECT_EQ(disk_.on_medium("d/a"), std::nullopt);
  ASSERT_TRUE(disk_.sync_directory("/"));
  ASSERT_TRUE(file->write_at(0, as_bytes("new")));
  EXPECT_EQ(disk_.on_medium("d/a"), "old");
  ASSERT_TRUE(disk_.replace("d/a", "newer"));
  EXPECT_EQ(disk_.on_medium("d/a"), "newer");
}

TEST_F(SimDiskTest, SecondLockIsRefusedUntilTheFirstDies) {
  auto first = disk_.lock(".lock");
  ASSERT_TRUE(first);
  EXPECT_FALSE(disk_.lock(".lock"));
  first->reset();
  EXPECT_TRUE(disk_.lock(".lock"));
}

TEST_F(SimDiskTest, NamesAreDurableOnlyAfterTheDirectoryIsSynced) {
  disk_.set_crash_faults(all_lost);
  ASSERT_TRUE(disk_.make_directory("d"));
  ASSERT_TRUE(disk_.sync_directory("/"));
  put(disk_, "d/kept", "1");
  ASSERT_TRUE(disk_.sync_directory("d"));
  put(disk_, "d/lost", "2");
  ASSERT_TRUE(disk_.remove("d/kept"));
  disk_.crash();
  EXPECT_EQ(names(disk_, "d"), "kept ");
  EXPECT_EQ(*disk_.read_all("d/kept"), "") << "the name was synced, the data was not";
}

TEST_F(SimDiskTest, SyncedFileWithoutANameIsLost) {
  disk_.set_crash_faults(all_lost);
  put(disk_, "a", "x");
  ASSERT_TRUE(open(disk_, "a")->sync());
  disk_.crash();
  EXPECT_EQ(names(disk_, "/"), "");
}

TEST_F(SimDiskTest, MoveBetweenDirectoriesIsOneChange) {
  disk_.set_crash_faults(all_lost);
  ASSERT_TRUE(disk_.make_directory("a"));
  ASSERT_TRUE(disk_.make_directory("b"));
  ASSERT_TRUE(disk_.sync_directory("/"));
  put(disk_, "a/x", "1");
  ASSERT_TRUE(disk_.rename("a/x", "b/x"));
  ASSERT_TRUE(disk_.sync_directory("b"));
  disk_.crash();
  EXPECT_EQ(names(disk_, "a") + names(disk_, "b"), "x ");
}

TEST_F(SimDiskTest, KernelWritesBackByItself) {
  disk_.set_crash_faults(all_lost);
  put(disk_, "a", "x");
  disk_.write_back();
  disk_.crash();
  EXPECT_EQ(*disk_.read_all("a"), "x");
}

TEST_F(SimDiskTest, FilesOpenedBeforeACrashAreDead) {
  auto file = open(disk_, "a");
  auto lock = disk_.lock("b");
  disk_.crash();
  EXPECT_FALSE(file->write_at(0, as_bytes("x")));
  EXPECT_FALSE(file->sync());
  EXPECT_TRUE(disk_.lock("b"));
}

TEST_F(SimDiskTest, FullDiskWritesWhatFitsAndRecoversWhenSpaceIsFreed) {
  disk_.set_faults({.capacity_bytes = 10});
  put(disk_, "a", "12345678");
  auto file = open(disk_, "b");
  EXPECT_EQ(file->write_at(0, as_bytes("abc")).error().message, "cannot write b: No space left on device");
  EXPECT_EQ(*disk_.read_all("b"), "ab");
  EXPECT_TRUE(file->write_at(0, as_bytes("AB"))) << "overwriting needs no space";
  ASSERT_TRUE(disk_.remove("a"));
  EXPECT_TRUE(file->write_at(2, as_bytes("c")));
}

TEST_F(SimDiskTest, PlannedFailureStrikesOnce) {
  auto file = open(disk_, "a");
  disk_.fail_nth(SimDisk::Call::sync, 2);
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(file->sync().error().message, "cannot flush a: Input/output error");
  EXPECT_TRUE(file->sync());
}

TEST_F(SimDiskTest, PowerGoesInTheMiddleOfTheFilesThatWereNamed) {
  disk_.power_off_after(1, {}, "quorum-state");
  put(disk_, "0.log", "of another name");
  auto state = open(disk_, "quorum-state");
  EXPECT_TRUE(disk_.has_power());
  EXPECT_FALSE(state->write_at(0, as_bytes("lost")));
  EXPECT_FALSE(disk_.has_power());
}

TEST_F(SimDiskTest, RotIsSeenByReaders) {
  put(disk_, "a", "abc");
  disk_.write_back();
  ASSERT_TRUE(disk_.flip_bits("a", 1, std::byte{0x20}));
  EXPECT_EQ(*disk_.read_all("a"), "aBc");
  EXPECT_FALSE(disk_.flip_bits("a", 3, std::byte{1}));
}

/// Disk::replace() promises the old or the new contents: cut the power at every change of it.
TEST(SimDiskCrash, ReplaceLeavesTheOldOrTheNewFile) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    SeededRng rng(seed);
    SimDisk disk(rng);
    ASSERT_TRUE(disk.replace("/checkpoint", "the old"));
    disk.power_off_after(seed % 6);
    const bool is_done = disk.replace("/checkpoint", "the new, and longer").has_value();
    disk.crash();
    const std::string after = *disk.read_all("/checkpoint");
    EXPECT_TRUE(after == "the new, and longer" || (!is_done && after == "the old"))
        << after << ", seed " << seed;
    seen.insert(after);
  }
  EXPECT_EQ(seen.size(), 2u) << "both outcomes come up";
}

/// A toy write-ahead log: fixed frames with a check, appended, some of them synced.
class ToyLog {
 public:
  static constexpr size_t frame_bytes = 700;  // crosses sectors and pages

  static std::vector<std::byte> frame(uint64_t number) {
    std::vector<std::byte> bytes(frame_bytes);
    SeededRng noise(number);
    store_be(bytes.data(), number);
    for (size_t i = 8; i < frame_bytes; ++i) bytes[i] = static_cast<std::byte>(noise.next());
    return bytes;
  }
  /// The frames before the first that is not whole.
  static uint64_t recover(Disk& disk) {
    const std::string bytes = disk.read_all("wal").value_or("");
    uint64_t count = 0;
    while ((count + 1) * frame_bytes <= bytes.size()) {
      const auto wanted = frame(count);
      if (std::memcmp(bytes.data() + count * frame_bytes, wanted.data(), frame_bytes) != 0) break;
      ++count;
    }
    return count;
  }
};

struct ToyOutcome {
  uint64_t synced = 0, written = 0, recovered = 0, file_bytes = 0;
};

ToyOutcome run_toy_log(uint64_t seed, const CrashFaults& faults, bool lies_about_sync) {
  SeededRng rng(seed);
  SimDisk disk(rng);
  disk.set_crash_faults(faults);
  ToyOutcome outcome;
  {
    auto file = open(disk, "wal");
    EXPECT_TRUE(disk.sync_directory("/"));
    const uint64_t frames = rng.below(40) + 1;
    for (; outcome.written < frames; ++outcome.written) {
      EXPECT_TRUE(file->write_at(outcome.written * ToyLog::frame_bytes, ToyLog::frame(outcome.written)));
      if (rng.below(8) != 0) continue;
      EXPECT_TRUE(lies_about_sync || file->sync());
      outcome.synced = outcome.written + 1;
    }
  }
  disk.crash();
  outcome.recovered = ToyLog::recover(disk);
  outcome.file_bytes = disk.read_all("wal")->size();
  return outcome;
}

TEST(SimDiskCrash, SyncedFramesSurviveAndUnsyncedMayNot) {
  uint64_t lost = 0, kept = 0, longer_than_data = 0;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const ToyOutcome outcome = run_toy_log(seed, {}, false);
    ASSERT_GE(outcome.recovered, outcome.synced) << "seed " << seed;
    ASSERT_LE(outcome.recovered, outcome.written) << "seed " << seed;
    lost += outcome.recovered < outcome.written;
    kept += outcome.recovered > outcome.synced;
    longer_than_data += outcome.file_bytes > outcome.recovered * ToyLog::frame_bytes;
  }
  EXPECT_GT(lost, seeds / 4);
  EXPECT_GT(kept, seeds / 10);
  EXPECT_GT(longer_than_data, seeds / 4);
}

TEST(SimDiskCrash, ALogThatDoesNotSyncIsCaught) {
  uint64_t caught = 0;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const ToyOutcome outcome = run_toy_log(seed, {}, true);
    caught += outcome.recovered < outcome.synced;
  }
  EXPECT_GT(caught, seeds / 2);
}

TEST(SimDiskCrash, ExtremesAreExact) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const ToyOutcome none = run_toy_log(seed, all_lost, false), all = run_toy_log(seed, all_kept, false);
    EXPECT_EQ(all.recovered, all.written) << seed;
    EXPECT_GE(none.recovered, none.synced) << seed;
  }
}

/// Nothing is wrong with the disk of a process that dies before its flush: its pages are the kernel's, still
/// dirty, and the next process's flush writes them.
TEST(SimDiskCrash, TheFlushOfADyingProcessIsNotAFailedOne) {
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    SeededRng rng(seed);
    SimDisk disk(rng);
    disk.set_crash_faults(all_lost);
    auto file = open(disk, "a");
    ASSERT_TRUE(disk.sync_directory("/"));
    ASSERT_TRUE(file->write_at(0, as_bytes("written")));
    disk.power_off_after(0);
    EXPECT_FALSE(file->sync());
    disk.detach();
    disk.attach();
    ASSERT_EQ(*disk.read_all("a"), "written");
    ASSERT_TRUE(open(disk, "a", Disk::Mode::read_write)->sync());
    disk.crash();
    ASSERT_EQ(*disk.read_all("a"), "written") << "seed " << seed;
  }
}

TEST(SimDiskCrash, SameSeedSameDisk) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const ToyOutcome once = run_toy_log(seed, {}, false), again = run_toy_log(seed, {}, false);
    EXPECT_EQ(once.recovered, again.recovered);
    EXPECT_EQ(once.file_bytes, again.file_bytes);
  }
}

}  // namespace
}  // namespace kt::sim
