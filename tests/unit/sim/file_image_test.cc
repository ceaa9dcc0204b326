#include "libbroker/sim/file_image.h"

#include <gtest/gtest.h>

#include <string>

#include "libbroker/base/bytes.h"

namespace kt::sim {
namespace {

constexpr uint64_t page = FileImage::page_bytes;

std::string filled(char c, size_t count) { return std::string(count, c); }

TEST(FileImage, AllKeptIsTheLastVersionWhateverTheOrderOfChanges) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SeededRng rng(seed);
    FileImage image;
    for (int i = 0; i < 20; ++i) {
      const uint64_t what = rng.below(8), at = rng.below(3 * page);
      if (what == 0) image.resize(at);
      if (what == 1) image.flush();
      if (what >= 2) image.write(at, as_bytes(filled(static_cast<char>('a' + i), rng.below(2 * page))));
    }
    const std::string before(as_text(image.bytes()));
    image.crash(rng, {always, never, never, never});
    EXPECT_EQ(as_text(image.bytes()), before) << "seed " << seed;
  }
}

TEST(FileImage, FlushedBytesSurviveLaterChangesThatAreNot) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SeededRng rng(seed);
    FileImage image;
    image.write(0, as_bytes(filled('a', page + 100)));
    image.flush();
    image.write(page + 100,
                as_bytes(filled('b', page)));  // shares a page, even a sector, with what was flushed
    image.crash(rng, {});
    EXPECT_EQ(as_text(image.bytes()).substr(0, page + 100), filled('a', page + 100)) << "seed " << seed;
  }
}

TEST(FileImage, AnOverwrittenPageMayBeInAnyVersion) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SeededRng rng(seed);
    FileImage image;
    image.write(0, as_bytes("1"));
    image.flush();
    image.write(0, as_bytes("2"));
    image.write(0, as_bytes("3"));
    image.crash(rng, {});
    seen.emplace(as_text(image.bytes()));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"1", "2", "3"}));
}

TEST(FileImage, LengthMayRunAheadOfTheData) {
  bool zeros_seen = false;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SeededRng rng(seed);
    FileImage image;
    image.write(0, as_bytes(filled('x', 2 * page)));
    image.crash(rng, {.torn = never, .garbage = never});
    const std::string_view text = as_text(image.bytes());
    EXPECT_EQ(text.find_first_not_of(std::string_view("x\0", 2)), text.npos);
    zeros_seen |= text.size() == 2 * page && text.find('\0') != text.npos;
  }
  EXPECT_TRUE(zeros_seen);
}

TEST(FileImage, WhatADurableTruncationCutOffStaysAway) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SeededRng rng(seed);
    FileImage image;
    image.write(0, as_bytes(filled('o', 3 * page)));
    image.flush();
    image.resize(100);
    image.flush();
    image.write(100, as_bytes(filled('n', 2 * page)));
    image.crash(rng, {});
    const std::string_view text = as_text(image.bytes());
    EXPECT_EQ(text.substr(0, 100), filled('o', 100)) << "seed " << seed;
    EXPECT_EQ(text.substr(100).find(filled('o', 16)), text.npos) << "seed " << seed;
  }
}

TEST(FileImage, LosingAnUnflushedTruncationBringsTheOldLengthBack) {
  SeededRng rng(1);
  FileImage image;
  image.write(0, as_bytes(filled('o', 2 * page)));
  image.flush();
  image.resize(10);
  image.crash(rng, {never, never, never, never});
  EXPECT_EQ(as_text(image.bytes()), filled('o', 2 * page));
}

TEST(FileImage, AFailedFlushMarksPagesCleanSoThatTheNextOneLies) {
  bool lost_after_success = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededRng rng(seed);
    FileImage image;
    image.write(0, as_bytes(filled('x', 2 * page)));
    image.fail_flush(rng);
    EXPECT_EQ(as_text(image.bytes()), filled('x', 2 * page)) << "readers still see it";
    image.flush();
    image.crash(rng, {});
    EXPECT_EQ(image.size(), 2 * page);
    lost_after_success |= as_text(image.bytes()) != filled('x', 2 * page);
  }
  EXPECT_TRUE(lost_after_success);
}

TEST(FileImage, WritingToAWronglyCleanPageWritesAllOfItBack) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededRng rng(seed);
    FileImage image;
    image.write(0, as_bytes(filled('x', page)));
    image.fail_flush(rng);
    image.write(5, as_bytes("y"));
    image.flush();
    image.crash(rng, {});
    EXPECT_EQ(as_text(image.bytes()), "xxxxxy" + filled('x', page - 6)) << "seed " << seed;
  }
}

TEST(FileImage, RotHidesBehindADirtyPage) {
  FileImage image;
  image.write(0, as_bytes("aa"));
  image.flush();
  image.write(1, as_bytes("b"));
  image.flip_bits(0, std::byte{1});
  EXPECT_EQ(as_text(image.bytes()), "ab");
  EXPECT_EQ(as_text(image.durable_bytes()), "`a");
}

}  // namespace
}  // namespace kt::sim
