#include "libbroker/group/classic_group.h"

#include <gtest/gtest.h>

namespace kt::group {
namespace {

std::vector<Member::Protocol> named(const std::vector<std::string>& names) {
  std::vector<Member::Protocol> protocols;
  for (const std::string& name : names) protocols.push_back({name, Slice::empty()});
  return protocols;
}

/// A group of the type "consumer".
struct Protocols : testing::Test {
  void add(const std::string& id, const std::vector<std::string>& names) {
    Member member;
    member.id = id;
    member.protocols = named(names);
    group.add(std::move(member), "consumer");
  }
  bool supports(const std::vector<std::string>& names) { return group.supports("consumer", named(names)); }
  ClassicGroup group{"g"};
};

TEST_F(Protocols, OneThatAllMembersHaveIsEnough) {
  EXPECT_TRUE(supports({"any"})) << "nobody is here yet";
  add("a", {"range", "sticky"});
  add("b", {"sticky", "mine"});
  EXPECT_TRUE(supports({"new", "sticky"}));
  EXPECT_FALSE(supports({"new", "range", "mine"}));
  EXPECT_FALSE(supports({}));
  EXPECT_FALSE(group.supports("connect", named({"sticky"})));
}

TEST_F(Protocols, MostVotesAmongThoseOfAllMembersDecide) {
  add("a", {"mine", "range", "sticky"});
  add("b", {"sticky", "range"});
  add("c", {"sticky", "range"});
  EXPECT_EQ(group.select_protocol(), "sticky");
  group.remove("b");
  group.remove("c");
  EXPECT_EQ(group.select_protocol(), "mine");
}

TEST_F(Protocols, AreThoseThatMembersHaveNow) {
  add("a", {"range"});
  add("b", {"range", "sticky"});
  EXPECT_FALSE(supports({"sticky"}));
  group.set_protocols(*group.find("a"), named({"sticky"}));
  EXPECT_TRUE(supports({"sticky"}));
  EXPECT_FALSE(supports({"range"}));
  group.remove("a");
  EXPECT_TRUE(supports({"range"}));
}

TEST_F(Protocols, ANameThatIsGivenTwiceCountsOnce) {
  add("a", {"twice", "twice", "range"});
  EXPECT_TRUE(supports({"twice"}));
  add("b", {"range"});
  EXPECT_FALSE(supports({"twice"})) << "b does not have it";
  EXPECT_EQ(group.select_protocol(), "range");
}

// Looking for each of one list in the other would take billions of comparisons.
TEST_F(Protocols, ManyAreMatched) {
  constexpr int count = 50'000;
  std::vector<std::string> some, others;
  for (int i = 0; i < count; ++i) {
    some.push_back("some-" + std::to_string(i));
    others.push_back("others-" + std::to_string(i));
  }
  some.push_back("common");
  add("a", some);
  EXPECT_FALSE(supports(others));
  others.push_back("common");
  EXPECT_TRUE(supports(others));
  add("b", others);
  EXPECT_EQ(group.select_protocol(), "common");
}

TEST(Pending, IdsExpireInTheirOrder) {
  PendingIds ids;
  EXPECT_EQ(ids.deadline_ms(), never_ms);
  ids.add("late", 30);
  ids.add("early", 10);
  ids.add("gone", 20);
  EXPECT_EQ(ids.deadline_ms(), 10);
  EXPECT_TRUE(ids.erase("gone"));
  EXPECT_FALSE(ids.erase("gone"));
  ids.expire(9);
  EXPECT_TRUE(ids.contains("early"));
  ids.expire(10);
  EXPECT_FALSE(ids.contains("early"));
  EXPECT_EQ(ids.deadline_ms(), 30);
  ids.expire(30);
  EXPECT_TRUE(ids.empty());
}

}  // namespace
}  // namespace kt::group
