#include "libcli/term/java_decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace kt::term {
namespace {

// What String.format("%.Nf", value) gives.
TEST(JavaDecimal, RoundsTheDigitsThatAreShown) {
  EXPECT_EQ(java_decimal(0, 2), "0.00");
  EXPECT_EQ(java_decimal(1.005, 2), "1.01");  // C: 1.00, the double being a little less
  EXPECT_EQ(java_decimal(0.125, 2), "0.13");  // C: 0.12, to even
  EXPECT_EQ(java_decimal(-0.25, 1), "-0.3");
  EXPECT_EQ(java_decimal(2.5, 0), "3");
  EXPECT_EQ(java_decimal(99.996, 2), "100.00");
  EXPECT_EQ(java_decimal(9.95, 1), "10.0");
  EXPECT_EQ(java_decimal(1234567.0, 1), "1234567.0");
  EXPECT_EQ(java_decimal(1e20, 1), "100000000000000000000.0");
  EXPECT_EQ(java_decimal(1e-9, 4), "0.0000");
}

TEST(JavaDecimal, HasWordsForWhatIsNoNumber) {
  EXPECT_EQ(java_decimal(std::numeric_limits<double>::quiet_NaN(), 1), "NaN");
  EXPECT_EQ(java_decimal(std::numeric_limits<double>::infinity(), 1), "Infinity");
  EXPECT_EQ(java_decimal(-std::numeric_limits<double>::infinity(), 1), "-Infinity");
}

}  // namespace
}  // namespace kt::term
