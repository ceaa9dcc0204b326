#include "libcli/lab/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kt::lab {
namespace {

using testing::ElementsAre;

const Spec spec{.name = "lab", .nodes = lay_out(3, 1, 9092)};

TEST(Faults, EndByThemselvesOrAreHealed) {
  Faults faults(std::nullopt);
  EXPECT_EQ(faults.add({}, std::nullopt, 0), 1);
  EXPECT_EQ(faults.add({}, 100, 50), 2);
  EXPECT_EQ(faults.deadline_ms(), 150);
  EXPECT_FALSE(faults.expire(149));
  const int64_t version = faults.version();
  EXPECT_TRUE(faults.expire(150));
  EXPECT_GT(faults.version(), version);
  EXPECT_FALSE(faults.heal(2));
  EXPECT_TRUE(faults.heal(1));
  EXPECT_TRUE(faults.heal(std::nullopt));
  EXPECT_EQ(faults.add({}, std::nullopt, 200), 3);
}

TEST(Faults, AClockThatIsSetGoesOnFromWhereItWas) {
  Faults faults(std::nullopt);
  faults.change_clock({.how = ClockChange::How::advance, .by_ms = 1000}, 10'000);
  EXPECT_EQ(faults.clock().at(10'500), 11'500);
  faults.change_clock({.how = ClockChange::How::freeze}, 11'000);
  EXPECT_EQ(faults.clock().at(20'000), 12'000);
  faults.change_clock({.how = ClockChange::How::advance, .by_ms = 5}, 20'000);
  EXPECT_EQ(faults.clock().at(30'000), 12'005);
  faults.change_clock({.how = ClockChange::How::run, .rate = 10}, 30'000);
  EXPECT_EQ(faults.clock().at(30'010), 12'105);
}

TEST(Faults, NodesHaveSeedsOfTheirOwnAndAnotherOneAtEachStart) {
  const Faults faults(5);
  const auto seed = [&](size_t node, int32_t starts) {
    return *faults.orders_for(spec, spec.nodes[node], starts).seed;
  };
  EXPECT_EQ(seed(0, 1), seed(0, 1));
  EXPECT_NE(seed(0, 1), seed(1, 1));
  EXPECT_NE(seed(0, 1), seed(0, 2));
  EXPECT_FALSE(Faults(std::nullopt).orders_for(spec, spec.nodes[0], 1).seed);
}

TEST(ParseLink, NamesBothSidesOrOne) {
  const auto link = parse_link("0|1,clients", spec);
  ASSERT_TRUE(link);
  EXPECT_THAT(link->a, ElementsAre(0));
  EXPECT_THAT(link->b, ElementsAre(fault::clients, 1));
  EXPECT_THAT(parse_link("2:controller", spec)->b, ElementsAre(100));
  EXPECT_THAT(parse_link("broker-1", spec)->b, ElementsAre(0, 2, 100));
  EXPECT_EQ(parse_link("7:1", spec).error().message,
            "7 is no node of the lab: a number, controller or clients");
  EXPECT_FALSE(parse_link("0:", spec));
}

TEST(ParseBytes, HasUnits) {
  EXPECT_EQ(parse_bytes("1MB/s"), 1'000'000);
  EXPECT_EQ(parse_bytes("64KiB"), 65'536);
  EXPECT_EQ(parse_bytes("500"), 500);
  for (const char* text : {"", "0", "-1", "1X", "x", "9999999999999999GB"})
    EXPECT_FALSE(parse_bytes(text)) << text;
}

TEST(ParseDelay, MayHaveJitter) {
  EXPECT_EQ(parse_delay("200ms")->ms, 200);
  EXPECT_EQ(parse_delay("200ms±50ms")->jitter_ms, 50);
  EXPECT_EQ(parse_delay("1s+-50ms")->jitter_ms, 50);
  for (const char* text : {"", "x", "50ms+-60ms", "50ms+-x"}) EXPECT_FALSE(parse_delay(text)) << text;
}

TEST(ParseApis, GoByNameOrKey) {
  EXPECT_THAT(*parse_apis({"Produce", "1"}), ElementsAre(0, 1));
  EXPECT_EQ(parse_apis({"Guess"}).error().message,
            "Guess is no API of Kafka's: Produce, Fetch, Metadata, ...");
}

}  // namespace
}  // namespace kt::lab
