#include "libcli/lab/exercise.h"

#include <gtest/gtest.h>

namespace kt::lab {
namespace {

constexpr const char* good =
    "#!/usr/bin/env -S kt lab run\n# title:  A thing: seen\n# needs:  brokers=5 fast\n# time:   8s\n\nstep "
    "x\n# needs: z\n";

TEST(Exercise, SaysWhatItNeedsAtTheTop) {
  const auto exercise = parse_exercise(good);
  ASSERT_TRUE(exercise) << exercise.error().message;
  EXPECT_EQ(exercise->title, "A thing: seen");
  EXPECT_EQ(exercise->brokers, 5);
  EXPECT_TRUE(exercise->is_fast);
  EXPECT_EQ(exercise->time_ms, 8000);
}

TEST(Exercise, WhatIsMissingOrNotUnderstoodIsNamed) {
  const auto refusal = [](const char* text) { return parse_exercise(text).error().message; };
  EXPECT_EQ(refusal(""), "its header says no title");
  EXPECT_EQ(refusal("# title: x\n\n# needs: fast\n"), "its header says no needs");
  EXPECT_EQ(refusal("# title: x\n# needs: fast\n"), "its header says no time");
  EXPECT_EQ(refusal("# title: x\n# needs: brokers=0\n# time: 1s\n"),
            "needs: brokers=0 is not understood, only brokers=N, controllers=N, seed=N, fast and a "
            "broker's properties");
  EXPECT_EQ(refusal("# title: x\n# needs: brokers=3x\n# time: 1s\n"),
            "needs: brokers=3x is not understood, only brokers=N, controllers=N, seed=N, fast and a "
            "broker's properties");
  EXPECT_EQ(refusal("# title: x\n# needs: slow\n# time: 1s\n"),
            "needs: slow is not understood, only brokers=N, controllers=N, seed=N, fast and a "
            "broker's properties");
  EXPECT_EQ(refusal("# title: x\n# needs:\n# time: soon\n"), "time: soon is no time such as 8s");
}

TEST(Report, IsTap) {
  EXPECT_EQ(tap_line(3, {"01-x", "step: end", true, {}}), "ok 3 - 01-x: step: end\n");
  EXPECT_EQ(tap_line(4, {"01-x", "t", false, {"expected: a", "actual: b"}}),
            "not ok 4 - 01-x: t\n# expected: a\n# actual: b\n");
}

TEST(Report, IsJUnit) {
  EXPECT_EQ(junit_document(
                {{"a", "one", true, {}}, {"a", "<two>", false, {"x & \"y\""}}, {"b", "three", true, {}}}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
            "  <testsuite name=\"a\" tests=\"2\" failures=\"1\">\n"
            "    <testcase classname=\"a\" name=\"one\"/>\n"
            "    <testcase classname=\"a\" name=\"&lt;two&gt;\"><failure>x &amp; "
            "&quot;y&quot;\n</failure></testcase>\n"
            "  </testsuite>\n"
            "  <testsuite name=\"b\" tests=\"1\" failures=\"0\">\n"
            "    <testcase classname=\"b\" name=\"three\"/>\n"
            "  </testsuite>\n</testsuites>\n");
}

TEST(Exercise, NeedsControllersASeedAndProperties) {
  const auto exercise =
      parse_exercise("# title: x\n# needs: controllers=3 seed=9 log.retention.ms=5 fast\n# time: 1s\n");
  ASSERT_TRUE(exercise) << exercise.error().message;
  EXPECT_EQ(exercise->brokers, 3);
  EXPECT_EQ(exercise->controllers, 3);
  EXPECT_EQ(exercise->seed, 9);
  EXPECT_EQ(exercise->properties.at("log.retention.ms"), "5");
  EXPECT_FALSE(parse_exercise("# title: x\n# needs: seeds=9\n# time: 1s\n"));
}

TEST(Point, ComesBackFromItsLine) {
  const Point point{"e", "a \"text\"", false, {"one", "two"}};
  const auto back = parse_point(point_json(point));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->exercise, "e");
  EXPECT_EQ(back->text, point.text);
  EXPECT_FALSE(back->holds);
  EXPECT_EQ(back->diagnostics, point.diagnostics);
  EXPECT_FALSE(parse_point("ok 1 - x"));
  EXPECT_FALSE(parse_point("{}"));
}

}  // namespace
}  // namespace kt::lab
