#include "libcli/commands/zookeeper/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "libbroker/base/disk.h"

namespace kt::cli::zookeeper {
namespace {

using testing::HasSubstr;

class ZooKeepersPlace : public testing::Test {
 protected:
  ZooKeepersPlace() {
    std::string folder = testing::TempDir() + "/kt-place-XXXXXX";
    directory = ::mkdtemp(folder.data());
  }
  ~ZooKeepersPlace() override { std::filesystem::remove_all(directory); }

  Result<Place> read(config::Properties properties) {
    return read_place(properties, "zookeeper.properties", disk);
  }
  std::string refusal(config::Properties properties) {
    const auto place = read(std::move(properties));
    return place ? "" : place.error().message;
  }

  PosixDisk disk;
  std::string directory;
};

TEST_F(ZooKeepersPlace, IsDataDirAndClientPort) {
  const auto place = read({{"dataDir", directory}, {"clientPort", " 2181 "}, {"maxClientCnxns", "0"}});
  ASSERT_TRUE(place);
  EXPECT_EQ(place->data_directory, directory);
  EXPECT_EQ(place->host, "");
  EXPECT_EQ(place->port, 2181);
  const config::Properties controller = controller_properties(*place);
  EXPECT_EQ(controller.at("node.id"), "1000000");
  EXPECT_EQ(controller.at("process.roles"), "controller");
  EXPECT_EQ(controller.at("listeners"), "ZOOKEEPER://:2181");
  EXPECT_EQ(controller.at("log.dirs"), directory);
}

TEST_F(ZooKeepersPlace, MayBeAtOneAddressAndHaveANumber) {
  ASSERT_TRUE(disk.replace(directory + "/myid", "3\n"));
  const auto place = read({{"dataDir", directory}, {"clientPort", "1"}, {"clientPortAddress", "::1"}});
  ASSERT_TRUE(place);
  EXPECT_EQ(controller_properties(*place).at("listeners"), "ZOOKEEPER://[::1]:1");
  EXPECT_EQ(controller_properties(*place).at("node.id"), "1000003");
  EXPECT_EQ(read({{"dataDir", directory}, {"clientPort", "1"}, {"clientPortAddress", "0.0.0.0"}})->host, "");
  ASSERT_TRUE(disk.replace(directory + "/myid", "three"));
  EXPECT_THAT(refusal({{"dataDir", directory}, {"clientPort", "1"}}), HasSubstr("myid holds no number"));
}

TEST_F(ZooKeepersPlace, IsRefusedInOneSentence) {
  EXPECT_EQ(refusal({{"clientPort", "1"}}), "dataDir is not set in zookeeper.properties");
  EXPECT_EQ(refusal({{"dataDir", "d"}}), "clientPort is not set in zookeeper.properties");
  EXPECT_EQ(refusal({{"dataDir", "d"}, {"clientPort", "70000"}}),
            "clientPort=70000 in zookeeper.properties is no port");
  EXPECT_THAT(refusal({{"dataDir", "d"}, {"clientPort", "1"}, {"server.1", "a:2888:3888"}}),
              HasSubstr("names server.1: a controller takes the place of one ZooKeeper, not of several"));
}

TEST_F(ZooKeepersPlace, AnswersFourLetterWords) {
  const Place place{.data_directory = "/tmp/zookeeper", .port = 2181, .id = 3};
  EXPECT_EQ(answer_to_word(place, "ruok"), "imok");
  EXPECT_EQ(answer_to_word(place, "isro"), "rw");
  EXPECT_EQ(answer_to_word(place, "conf"), "clientPort=2181\ndataDir=/tmp/zookeeper\nserverId=3\n");
  EXPECT_THAT(answer_to_word(place, "stat"), HasSubstr("Mode: standalone\n"));
  EXPECT_EQ(answer_to_word(place, "kill"), "");
}

}  // namespace
}  // namespace kt::cli::zookeeper
