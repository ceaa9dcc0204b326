// What is expected was printed by kafka-storage.sh of Kafka 4.1.2.
#include "libcli/commands/storage/features.h"

#include <gtest/gtest.h>

#include <sstream>

#include "libbroker/metadata/records.h"
#include "libcli/commands/storage/storage.h"
#include "tests/unit/cli/world.h"

namespace kt::cli::storage {
namespace {

const Command* const only[] = {&command};

int call(World& world, std::vector<std::string> words) {
  return world.run(only, "kafka-storage.sh", std::move(words));
}

TEST(StorageFeatures, ReleasesFinalizeLevels) {
  World world;
  EXPECT_EQ(call(world, {"version-mapping", "--release-version", "4.0"}), 0);
  EXPECT_EQ(world.out,
            "metadata.version=25 (4.0)\nkraft.version=1\ntransaction.version=2\ngroup.version=1\n"
            "eligible.leader.replicas.version=0\nshare.version=0\nstreams.version=0\n");
  EXPECT_EQ(call(world, {"version-mapping", "-r", "4.0-IV1"}), 0);
  EXPECT_EQ(world.out,
            "metadata.version=23 (4.0-IV1)\nkraft.version=1\ntransaction.version=0\ngroup.version=1\n"
            "eligible.leader.replicas.version=0\nshare.version=0\nstreams.version=0\n");
  EXPECT_EQ(call(world, {"version-mapping", "-r", "9.9"}), 1);
  EXPECT_EQ(world.err, "Unknown release version '9.9'. Supported versions are: 3.3-IV3 to 4.0-IV3\n");
}

TEST(StorageFeatures, LevelsAskForOthers) {
  World world;
  EXPECT_EQ(call(world, {"feature-dependencies", "-f", "metadata.version=17", "--feature",
                         "eligible.leader.replicas.version=1", "-f", "group.version=1"}),
            0);
  EXPECT_EQ(
      world.out,
      "metadata.version=17 (3.7-IV2) has no dependencies.\neligible.leader.replicas.version=1 requires:\n"
      "    metadata.version=23 (4.0-IV1)\ngroup.version=1 has no dependencies.\n");
  EXPECT_EQ(call(world, {"feature-dependencies", "-f", "no.such=1"}), 1);
  EXPECT_EQ(world.err, "Unknown feature: no.such\n");
  EXPECT_EQ(call(world, {"feature-dependencies", "-f", "group.version=9"}), 1);
  EXPECT_EQ(world.err, "Feature level 9 is not supported for feature group.version\n");
  EXPECT_EQ(call(world, {"feature-dependencies", "-f", "metadata.version=99"}), 1);
  EXPECT_EQ(world.err, "Unknown metadata.version 99\n");
}

std::string refused(Options options) {
  const auto applied = apply_features(options);
  return applied ? "" : applied.error().message;
}

TEST(StorageFeatures, OnlyWhatThisBuildServesIsFinalized) {
  Options options{.metadata_version = metadata::metadata_version_latest};
  options.features = {{"metadata.version", 21}, {"group.version", 0}};
  ASSERT_TRUE(apply_features(options));
  EXPECT_EQ(options.metadata_version, 21);
  options.features = {{"group.version", 1}};
  EXPECT_EQ(refused(options), "This build of kt serves group.version at level 0 only");
  options.features = {{"group.version", 9}};
  EXPECT_EQ(refused(options), "No feature:group.version with feature level 9");
  options.features = {{"no.such", 1}};
  EXPECT_EQ(refused(options),
            "Unsupported feature: no.such. Supported features are: eligible.leader.replicas.version, "
            "group.version, kraft.version, share.version, streams.version, transaction.version");
  options.features = {{"metadata.version", 21}};
  options.release = "4.0";
  EXPECT_EQ(refused(options),
            "Use --release-version instead of --feature metadata.version=X to avoid ambiguity.");
  options.release.clear();
  options.features = {{"kraft.version", 1}};
  EXPECT_EQ(refused(options), "This build of kt serves kraft.version at level 0 only");
  options.standalone = true;
  EXPECT_EQ(refused(options), "");
}

TEST(StorageFeatures, EligibleLeadersAreOnUnlessAReleaseSaysOtherwise) {
  const auto finalized = [](Options options) {
    EXPECT_TRUE(apply_features(options));
    return options.finalized.size();
  };
  Options options{.metadata_version = metadata::metadata_version_latest};
  EXPECT_EQ(finalized(options), 1U);
  options.features = {{"eligible.leader.replicas.version", 0}};
  EXPECT_EQ(finalized(options), 0U);
  options.release = "4.0";
  options.features.clear();
  EXPECT_EQ(finalized(options), 0U);
  options.features = {{"eligible.leader.replicas.version", 1}};
  EXPECT_EQ(finalized(options), 1U);
  options.metadata_version = 21;
  EXPECT_EQ(refused(options),
            "eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version "
            "level 23");
  options.features.clear();
  options.release.clear();
  EXPECT_EQ(finalized(options), 0U);
}

TEST(StorageFeatures, ALevelIsAShortNumber) {
  EXPECT_EQ(parse_feature_level("group.version").error().message,
            "Can't parse feature=level string group.version: equals sign not found.");
  EXPECT_EQ(parse_feature_level("group.version=x").error().message,
            "Can't parse feature=level string group.version=x: unable to parse x as a short.");
  EXPECT_FALSE(parse_feature_level("group.version=70000"));
  EXPECT_EQ(parse_feature_level("group.version=1")->level, 1);
}

}  // namespace
}  // namespace kt::cli::storage
