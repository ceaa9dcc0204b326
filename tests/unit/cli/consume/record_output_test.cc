#include "libcli/commands/consume/record_output.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <streambuf>

namespace kt::cli::consume {
namespace {

/// Takes so many bytes and no more, as a pipe whose reader has gone.
class Narrow final : public std::streambuf {
 public:
  explicit Narrow(size_t bytes_max) : bytes_max_(bytes_max) {}
  const std::string& taken() const { return taken_; }
  int writes() const { return writes_; }
  bool fails_to_sync = false;

 private:
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    ++writes_;
    const size_t fits = std::min(static_cast<size_t>(size), bytes_max_ - taken_.size());
    taken_.append(text, fits);
    return static_cast<std::streamsize>(fits);
  }
  int sync() override { return fails_to_sync ? -1 : 0; }

  const size_t bytes_max_;
  std::string taken_;
  int writes_ = 0;
};

size_t write(RecordOutput& output, int records, std::string_view record) {
  for (int i = 0; i < records; ++i) {
    output.text() += record;
    output.end_record();
  }
  output.flush();
  return output.take_written();
}

TEST(RecordOutput, WritesManyRecordsAtATime) {
  Narrow pipe(1 << 30);
  std::ostream out(&pipe);
  RecordOutput output(out);
  EXPECT_EQ(write(output, 500, "record\n"), 500u);
  EXPECT_EQ(pipe.writes(), 1);
  EXPECT_EQ(write(output, 500, std::string(1'000, 'x')), 500u);
  EXPECT_LE(pipe.writes(), 10);
  EXPECT_EQ(pipe.taken().size(), 500u * 7 + 500 * 1'000);
}

TEST(RecordOutput, KnowsWhichRecordsGotOutWhenItFails) {
  for (const size_t bytes : {0, 6, 7, 13, 14, 20, 69}) {
    Narrow pipe(bytes);
    std::ostream out(&pipe);
    RecordOutput output(out);
    EXPECT_EQ(write(output, 10, "record\n"), bytes / 7) << bytes;
    EXPECT_FALSE(out);
    EXPECT_EQ(write(output, 10, "record\n"), 0u) << "it takes no more";
    EXPECT_EQ(pipe.taken().size(), bytes);
  }
}

TEST(RecordOutput, CountsThroughAllWritesOfAPoll) {
  Narrow pipe(200'500);
  std::ostream out(&pipe);
  RecordOutput output(out);
  EXPECT_EQ(write(output, 500, std::string(1'000, 'x')), 200u);
}

TEST(RecordOutput, WhatAStreamHeldBackCountsAsNotWritten) {
  Narrow pipe(1'000);
  pipe.fails_to_sync = true;
  std::ostream out(&pipe);
  RecordOutput output(out);
  EXPECT_EQ(write(output, 10, "record\n"), 0u);
  EXPECT_FALSE(out);
}

TEST(RecordOutput, RecordsWithoutTextAreWritten) {
  Narrow pipe(0);
  std::ostream out(&pipe);
  RecordOutput output(out);
  EXPECT_EQ(write(output, 10, ""), 10u);
  EXPECT_TRUE(out);
}

}  // namespace
}  // namespace kt::cli::consume
