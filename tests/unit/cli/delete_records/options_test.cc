// The sentences were printed by kafka-delete-records.sh of Kafka 4.1.1.
#include "libcli/commands/delete_records/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::delete_records {
namespace {

using testing::ElementsAre;

TEST(DeleteRecords, ReadsOffsets) {
  const auto deletions = parse_offset_file(
      R"({"version":1,"partitions":[{"topic":"a","partition":0,"offset":100},{"topic":"a","partition":1,"offset":-1}]})");
  ASSERT_TRUE(deletions);
  EXPECT_THAT(*deletions, ElementsAre(Deletion{"a", 0, 100}, Deletion{"a", 1, -1}));
  EXPECT_TRUE(parse_offset_file(R"({"partitions":[]})"));
}

TEST(DeleteRecords, RefusesOtherJson) {
  const auto refused = [](std::string_view json) { return parse_offset_file(json).error(); };
  EXPECT_EQ(refused("{"), "The input string is not a valid JSON");
  EXPECT_EQ(refused("[]"), "Expected JSON object, received []");
  EXPECT_EQ(refused(R"({"version":2,"partitions":[]})"), "Not supported version field value 2");
  EXPECT_EQ(refused(R"({"version":1})"), "Missing partitions field");
  EXPECT_EQ(refused(R"({"partitions":{}})"), "Expected JSON array, received {}");
  EXPECT_EQ(refused(R"({"partitions":[{"topic":"a"}]})"), "No such field exists: `partition`");
  EXPECT_EQ(refused(R"({"partitions":[{"topic":"a","partition":"x","offset":1}]})"),
            "Expected `Integer` value, received \"x\"");
  EXPECT_EQ(refused(R"({"partitions":[{"topic":5,"partition":0,"offset":1}]})"),
            "Expected `String` value, received 5");
  EXPECT_EQ(refused(R"({"partitions":[{"topic":"a","partition":0,"offset":1},)"
                    R"({"topic":"a","partition":0,"offset":2}]})"),
            "Offset json file contains duplicate topic partitions: a-0");
}

TEST(DeleteRecords, NeedsAClusterAndAFile) {
  World world;
  const auto parsed = [&world](std::vector<std::string> words) {
    return parse_words(syntax, parse, world, Mode::script, words);
  };
  EXPECT_EQ(parsed({"--bootstrap-server", "h:1"}).error(),
            (UsageError{"Missing required argument \"[offset-json-file]\"", Show::usage}));
  EXPECT_EQ(parsed({"--bootstrap-server", "h:1", "--offset-json-file", "/none"}).error(),
            (UsageError{"Unable to read file /none", Show::message}));
  std::string folder = testing::TempDir() + "/kt-delete-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(
      world.disk.replace(folder + "/o", R"({"partitions":[{"topic":"a","partition":0,"offset":1}]})"));
  EXPECT_THAT(parsed({"--bootstrap-server", "h:1", "--offset-json-file", folder + "/o"})->deletions,
              ElementsAre(Deletion{"a", 0, 1}));
  ASSERT_TRUE(world.disk.remove(folder));
}

}  // namespace
}  // namespace kt::cli::delete_records
