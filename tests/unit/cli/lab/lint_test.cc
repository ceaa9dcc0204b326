#include "libcli/lab/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kt::lab {
namespace {

using testing::ElementsAre;

std::vector<std::string> complaints_of(std::string_view body) {
  std::vector<std::string> texts;
  const std::string header = "# title: x\n# from:  004 12\n# needs: fast\n# time:  5s\n";
  for (const Complaint& complaint : lint_exercise(header + std::string(body)))
    texts.push_back(std::to_string(complaint.line) + ": " + complaint.text);
  return texts;
}

TEST(LintExercise, HasNothingAgainstAGoodOne) {
  EXPECT_THAT(complaints_of("step \"A\"\nexpect brokers 0 --within 5s\nexpect isr --never --for 200ms\n"),
              ElementsAre());
}

TEST(LintExercise, NamesTheLine) {
  EXPECT_THAT(complaints_of("step A\nexpect brokers 0 --within soon\nfor i in 1 2; do sleep 1; done\n"),
              ElementsAre("6: --within soon is no time such as 5s",
                          "7: sleep waits for nothing: expect ... --within, or within"));
  EXPECT_THAT(complaints_of("expect brokers 0\n"), ElementsAre("5: expect before the first step"));
  EXPECT_THAT(complaints_of("step A\n"), ElementsAre("0: it expects nothing"));
}

TEST(LintProperties, WarnsOfGroupsThatOneBrokerTakesAlong) {
  EXPECT_EQ(lint_properties("a=b\noffsets.topic.replication.factor = 1\n").at(0).line, 2u);
  EXPECT_TRUE(lint_properties("offsets.topic.replication.factor=3\n").empty());
}

}  // namespace
}  // namespace kt::lab
