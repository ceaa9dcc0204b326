#include "libcli/lab/expectation.h"

#include <gtest/gtest.h>

namespace kt::lab {
namespace {

using enum Vigil::Verdict;

Result<Sight> seen(bool holds) { return Sight{holds, ""}; }
Result<Sight> blind() { return fail(ErrorCode::network_exception, "nobody there"); }

TEST(Bound, ComparesAsWritten) {
  EXPECT_TRUE(parse_bound("3")->holds(3));
  EXPECT_TRUE(parse_bound("=3")->holds(3));
  EXPECT_FALSE(parse_bound("!=3")->holds(3));
  EXPECT_TRUE(parse_bound(">=2")->holds(2));
  EXPECT_FALSE(parse_bound(">2")->holds(2));
  EXPECT_TRUE(parse_bound("<50")->holds(49));
  EXPECT_TRUE(parse_bound("<=-1")->holds(-1));
  for (const char* bad : {"", ">", "three", "3x", ">= 2", "99999999999999999999"})
    EXPECT_FALSE(parse_bound(bad)) << bad;
}

TEST(Vigil, WithoutPatienceOneLookDecides) {
  EXPECT_EQ(Vigil({}, 0).step(seen(true), 0), holds);
  EXPECT_EQ(Vigil({}, 0).step(seen(false), 0), fails);
  EXPECT_EQ(Vigil({}, 0).step(blind(), Vigil::blind_ms_max), undecided);
  Vigil vigil({}, 0);
  EXPECT_EQ(vigil.step(blind(), 10), look_again);
  EXPECT_EQ(vigil.step(seen(false), 20), fails);
  EXPECT_EQ(Vigil({.never = true}, 0).step(seen(false), 0), holds);
  EXPECT_EQ(Vigil({.never = true}, 0).step(seen(true), 0), fails);
}

TEST(Vigil, WithinLooksUntilItHolds) {
  Vigil vigil({.within_ms = 100}, 0);
  EXPECT_EQ(vigil.step(seen(false), 0), look_again);
  EXPECT_EQ(vigil.step(blind(), 50), look_again);
  EXPECT_EQ(vigil.step(seen(true), 99), holds);
}

TEST(Vigil, WithinRunsOut) {
  Vigil vigil({.within_ms = 100}, 0);
  EXPECT_EQ(vigil.step(seen(false), 99), look_again);
  EXPECT_EQ(vigil.step(seen(false), 100), timed_out);
  EXPECT_EQ(Vigil({.within_ms = 100}, 0).step(blind(), 100), undecided);
}

TEST(Vigil, ForMustStaySo) {
  Vigil good({.for_ms = 100}, 0);
  EXPECT_EQ(good.step(seen(true), 0), look_again);
  EXPECT_EQ(good.step(seen(true), 100), holds);
  Vigil bad({.for_ms = 100}, 0);
  EXPECT_EQ(bad.step(seen(true), 0), look_again);
  EXPECT_EQ(bad.step(seen(false), 50), fails);
}

TEST(Vigil, NeverForIsNeverInThatTime) {
  Vigil vigil({.for_ms = 100, .never = true}, 0);
  EXPECT_EQ(vigil.step(seen(false), 0), look_again);
  EXPECT_EQ(vigil.step(seen(true), 40), fails);
}

TEST(Vigil, WithinAndForIsComeAndStay) {
  Vigil vigil({.within_ms = 100, .for_ms = 50}, 0);
  EXPECT_EQ(vigil.step(seen(false), 10), look_again);
  EXPECT_EQ(vigil.step(seen(true), 90), look_again);
  EXPECT_EQ(vigil.step(seen(true), 139), look_again);
  EXPECT_EQ(vigil.step(seen(true), 140), holds);
}

TEST(Difference, IsOfWordsNotOfBlanks) {
  EXPECT_EQ(first_difference("Topic: t\tId: *\n  a  b\n", "Topic:  t Id: x7\na b"), std::nullopt);
  EXPECT_EQ(first_difference("a b\nc\n", "a b\nd\n"), 2u);
  EXPECT_EQ(first_difference("a\n", "a\nb\n"), 2u);
  EXPECT_EQ(first_difference("a\nb\n", "a\n"), 2u);
  EXPECT_EQ(first_difference("a *", "a"), 1u);
}

}  // namespace
}  // namespace kt::lab
