#include "libbroker/metrics/exposition.h"

#include <gtest/gtest.h>

#include <limits>

namespace kt::metrics {
namespace {

TEST(Exposition, AFamilyIsItsHelpItsTypeAndItsSamples) {
  Exposition out;
  out.family("kafka_x_total", "counter", "Things");
  out.sample({}, 3);
  out.sample({{"topic", "a"}, {"partition", "0"}}, 0.5);
  EXPECT_EQ(out.take(),
            "# HELP kafka_x_total Things\n"
            "# TYPE kafka_x_total counter\n"
            "kafka_x_total 3\n"
            "kafka_x_total{topic=\"a\",partition=\"0\"} 0.5\n");
}

TEST(Exposition, LabelsAreEscaped) {
  Exposition out;
  out.family("x", "gauge", "X");
  out.sample({{"group", "a\"b\\c\nd"}}, 1);
  EXPECT_TRUE(out.take().ends_with("x{group=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(Exposition, ValuesAreWhole) {
  Exposition out;
  out.gauge("big", "Big", 1e15);
  out.gauge("none", "None", std::numeric_limits<double>::quiet_NaN());
  const std::string text = out.take();
  EXPECT_NE(text.find("\nbig 1000000000000000\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nnone NaN\n"), std::string::npos);
}

TEST(Exposition, ASummaryHasASuffix) {
  Exposition out;
  out.family("t", "summary", "T");
  out.sample("_count", {{"request", "Fetch"}}, 2);
  EXPECT_TRUE(out.take().ends_with("t_count{request=\"Fetch\"} 2\n"));
}

}  // namespace
}  // namespace kt::metrics
