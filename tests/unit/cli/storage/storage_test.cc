// The sentences were printed by kafka-storage.sh of Kafka 4.1.2.
#include "libcli/commands/storage/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "libbroker/log/meta_files.h"
#include "libbroker/node/format_files.h"
#include "tests/unit/cli/world.h"

namespace kt::cli::storage {
namespace {

using testing::HasSubstr;

const Command* const only[] = {&command};
constexpr const char* cluster = "Qk1sZXNzT2ZNYW55SWRz0A";

class StorageTool : public testing::Test {
 protected:
  StorageTool() {
    std::string name = (std::filesystem::temp_directory_path() / "kt-storage-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~StorageTool() override { std::filesystem::remove_all(root_); }

  std::string path(const std::string& name) const { return root_ + "/" + name; }
  void write_config(const std::string& more = "controller.quorum.bootstrap.servers=h:9093\n") {
    std::ofstream(path("s.properties")) << "process.roles=broker,controller\nnode.id=7\ncontroller.listener.names=CONTROLLER\n"
                                        << "listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n"
                                        << "log.dirs=" << path("d2") << "," << path("d1") << "\nmetadata.log.dir=" << path("d2") << "\n"
                                        << more;
  }
  int call(const std::string& verb, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {verb, "-c", path("s.properties")};
    words.insert(words.end(), more.begin(), more.end());
    return world_.run(only, "kafka-storage.sh", words);
  }
  int format(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"-t", cluster});
    return call("format", more);
  }

  std::string root_;
  World world_;
};

TEST_F(StorageTool, FormatsForADynamicQuorumOfOne) {
  write_config();
  ASSERT_EQ(format({"--standalone", "-r", "3.9"}), 0) << world_.err;
  EXPECT_EQ(world_.out, "Formatting data directory " + path("d1") + " with metadata.version 3.9-IV0.\n" +
                            "Formatting dynamic metadata voter directory " + path("d2") + " with metadata.version 3.9-IV0.\n");
  const auto properties = log::read_meta_properties(world_.disk, path("d2"));
  ASSERT_TRUE(properties && *properties);
  EXPECT_EQ((*properties)->cluster_id, cluster);
  EXPECT_EQ((*properties)->node_id, 7);
  const auto records = node::read_bootstrap_checkpoint(world_.disk, path("d1"));
  ASSERT_TRUE(records && *records);
  ASSERT_EQ((*records)->size(), 1u);
  EXPECT_EQ(std::get<wire::FeatureLevelRecord>((*records)->front()).feature_level, 21);
  const auto voters = world_.disk.read_all(path("d2") + "/__cluster_metadata-0/" + node::voters_checkpoint_file);
  ASSERT_TRUE(voters);
  EXPECT_THAT(*voters, HasSubstr("CONTROLLER"));
  EXPECT_FALSE(*world_.disk.exists(path("d1") + "/__cluster_metadata-0"));
}

TEST_F(StorageTool, FormatsOnce) {
  write_config();
  ASSERT_EQ(format({"--standalone"}), 0);
  EXPECT_EQ(format({"--standalone"}), 1);
  EXPECT_EQ(world_.err, "Log directory " + path("d1") +
                            " is already formatted. Use --ignore-formatted to ignore this directory and format the others.\n");
  EXPECT_EQ(format({"--standalone", "-g"}), 0);
  EXPECT_EQ(world_.out, "All of the log directories are already formatted.\n");
  EXPECT_EQ(call("format", {"-t", "another", "--standalone"}), 1);
  EXPECT_EQ(world_.err, "Invalid cluster.id in: " + path("d1") + "/meta.properties. Expected another, but read " + cluster + "\n");
}

TEST_F(StorageTool, AsksWhoTheVotersAre) {
  write_config();
  EXPECT_EQ(format(), 1);
  EXPECT_EQ(world_.err,
            "Because controller.quorum.voters is not set on this controller, you must specify one of the following: "
            "--standalone, --initial-controllers, or --no-initial-controllers.\n");
  EXPECT_FALSE(*world_.disk.exists(path("d1")));
  EXPECT_EQ(format({"-N"}), 0);
  EXPECT_THAT(world_.out, HasSubstr("Formatting metadata directory " + path("d2") + " with"));
}

TEST_F(StorageTool, TakesTheVotersItIsGiven) {
  write_config();
  EXPECT_EQ(format({"-I", "7@h:9093:JEXY6aqzQY-32P5TStzaFg,8@[::1]:9093:MvDxzVmcRsaTz33bUuRU6A"}), 0) << world_.err;
  EXPECT_EQ((*log::read_meta_properties(world_.disk, path("d2")))->directory_id->text(), "JEXY6aqzQY-32P5TStzaFg");
}

TEST_F(StorageTool, RefusesADynamicQuorumBesideAStaticOne) {
  write_config("controller.quorum.voters=7@127.0.0.1:9093\n");
  EXPECT_EQ(format({"--standalone"}), 1);
  EXPECT_THAT(world_.err, HasSubstr("You cannot specify controller.quorum.voters and format the node with"));
  EXPECT_EQ(format(), 0);
}

TEST_F(StorageTool, TellsWhatIsThere) {
  write_config();
  EXPECT_EQ(call("info"), 1);
  EXPECT_EQ(world_.out, "Found problems:\n  " + path("d1") + " does not exist\n  " + path("d2") + " does not exist\n\n");
  ASSERT_EQ(format({"--standalone"}), 0);
  std::filesystem::remove(path("d1") + "/meta.properties");
  const std::string id = (*log::read_meta_properties(world_.disk, path("d2")))->directory_id->text();
  EXPECT_EQ(call("info"), 1);
  EXPECT_EQ(world_.out, "Found log directories:\n  " + path("d1") + "\n  " + path("d2") + "\n\nFound metadata: {cluster.id=" +
                            cluster + ", directory.id=" + id + ", node.id=7, version=1}\n\nFound problem:\n  " + path("d1") +
                            " is not formatted.\n\n");
  EXPECT_EQ(format({"-g", "--standalone"}), 0);
  EXPECT_EQ(call("info"), 0);
}

TEST_F(StorageTool, KnowsReleases) {
  EXPECT_EQ(metadata_version_of("4.0-IV3"), 25);
  EXPECT_EQ(metadata_version_of("3.7"), 19);
  EXPECT_EQ(metadata_version_of("3.5.1"), 11);
  EXPECT_EQ(metadata_version_of("3.5-IV0"), 9);
  EXPECT_EQ(metadata_version_of("4.9"), std::nullopt);
  EXPECT_EQ(release_name(7), "3.3-IV3");
}

TEST_F(StorageTool, VotersMustBeWhole) {
  const auto refusal = [](const char* text) { return parse_initial_controllers(text).error().message; };
  EXPECT_EQ(refusal("1h"), "No @ found in dynamic voter string.");
  EXPECT_EQ(refusal("x@h:1:JEXY6aqzQY-32P5TStzaFg"), "Failed to parse node id in dynamic voter string.");
  EXPECT_EQ(refusal("1@h"), "No colon following hostname could be found.");
  EXPECT_EQ(refusal("1@h:1"), "No colon following port could be found.");
  EXPECT_EQ(refusal("1@h:1:x"), "Failed to parse directory ID in dynamic voter string.");
  EXPECT_EQ(refusal("1@[::1:1:x"), "Hostname began with left bracket, but no right bracket was found.");
}

}  // namespace
}  // namespace kt::cli::storage
