#include "libcli/term/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "libcli/term/colour.h"

namespace kt::term {
namespace {

std::string printed(const Failure& failure, bool colour = false) {
  std::ostringstream out;
  print_failure(out, failure, Paint(colour));
  return out.str();
}

TEST(Failure, SaysWhatWhyAndWhatNext) {
  EXPECT_EQ(printed({.message = "topic \"my-failsafe-topc\" does not exist",
                     .code = ErrorCode::unknown_topic_or_partition,
                     .did_you_mean = {"my-failsafe-topic"},
                     .try_this = "kt topics list"}),
            "error: topic \"my-failsafe-topc\" does not exist (UNKNOWN_TOPIC_OR_PARTITION, 3)\n"
            "  did you mean: my-failsafe-topic\n"
            "  try: kt topics list\n");
  EXPECT_EQ(printed({.message = "no broker answered"}), "error: no broker answered\n");
  EXPECT_EQ(printed({.message = "x"}, true), "\x1b[1;31merror:\x1b[0m x\n");
}

TEST(Document, IsWholeAlsoWhenPartsFailed) {
  std::ostringstream out;
  print_document(out, "topics.list", nlohmann::ordered_json::array({{{"name", "orders"}}}),
                 {{.message = "refunds is gone",
                   .code = ErrorCode::leader_not_available,
                   .try_this = "kt topics list"}});
  EXPECT_EQ(
      out.str(),
      R"({"kt":{"command":"topics.list","schema":1},"items":[{"name":"orders"}],"errors":[{"message":)"
      R"("refunds is gone","name":"LEADER_NOT_AVAILABLE","code":5,"retriable":true,"try":"kt topics list"}]})"
      "\n");
}

TEST(Document, ShowsBrokenTextAsBroken) {
  std::ostringstream out;
  print_document(out, "x", nlohmann::ordered_json::array({"\xff"}), {});
  EXPECT_EQ(out.str(), "{\"kt\":{\"command\":\"x\",\"schema\":1},\"items\":[\"\ufffd\"],\"errors\":[]}\n");
}

TEST(Colour, IsDecidedInOrder) {
  using enum ColourWish;
  EXPECT_TRUE(use_colour(automatic, {}, true));
  EXPECT_FALSE(use_colour(automatic, {}, false));
  EXPECT_FALSE(use_colour(automatic, {.no_color = "1"}, true));
  EXPECT_TRUE(use_colour(automatic, {.no_color = ""}, true));
  EXPECT_FALSE(use_colour(automatic, {.term = "dumb"}, true));
  EXPECT_TRUE(use_colour(automatic, {.clicolor_force = "1", .term = "dumb"}, false));
  EXPECT_FALSE(use_colour(automatic, {.clicolor_force = "0"}, false));
  EXPECT_FALSE(use_colour(automatic, {.no_color = "1", .clicolor_force = "1"}, true));
  EXPECT_TRUE(use_colour(always, {.no_color = "1"}, false));
  EXPECT_FALSE(use_colour(never, {.clicolor_force = "1"}, true));
  EXPECT_EQ(parse_colour_wish("always"), always);
  EXPECT_EQ(parse_colour_wish("sometimes"), std::nullopt);
}

}  // namespace
}  // namespace kt::term
