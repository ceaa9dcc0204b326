#include "libcli/commands/argv/suggest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kt::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EditDistance, CountsASwapOfNeighboursAsOne) {
  EXPECT_EQ(edit_distance("topic", "topic"), 0u);
  EXPECT_EQ(edit_distance("topci", "topic"), 1u);
  EXPECT_EQ(edit_distance("tpic", "topic"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Suggestions, AreNearOrNone) {
  const std::vector<std::string_view> names = {"topics",  "produce", "consume",
                                               "configs", "groups",  "get-offsets"};
  EXPECT_THAT(suggestions("topcis", names), ElementsAre("topics"));
  EXPECT_THAT(suggestions("Topics", names), ElementsAre("topics"));
  EXPECT_THAT(suggestions("con", names), ElementsAre("configs", "consume"));
  EXPECT_THAT(suggestions("comsune", names), ElementsAre("consume"));
  EXPECT_THAT(suggestions("x", names), IsEmpty());
  EXPECT_THAT(suggestions("frobnicate", names), IsEmpty());
}

TEST(Suggestions, AreAtMostThreeNearestFirst) {
  EXPECT_THAT(suggestions("groupx", {"group-aa", "groups", "group", "groupy", "grouq"}),
              ElementsAre("group", "groups", "groupy"));
}

}  // namespace
}  // namespace kt::cli
