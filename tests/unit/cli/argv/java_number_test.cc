// The texts were printed by Double.toString.
#include "libcli/commands/argv/java_number.h"

#include <gtest/gtest.h>

#include <limits>

namespace kt::cli {
namespace {

TEST(JavaDoubleText, IsPlainFromAThousandthToTenMillion) {
  EXPECT_EQ(java_double_text(0), "0.0");
  EXPECT_EQ(java_double_text(1000), "1000.0");
  EXPECT_EQ(java_double_text(-12.5), "-12.5");
  EXPECT_EQ(java_double_text(0.001), "0.001");
  EXPECT_EQ(java_double_text(9999999), "9999999.0");
}

TEST(JavaDoubleText, IsScientificBeyond) {
  EXPECT_EQ(java_double_text(1e7), "1.0E7");
  EXPECT_EQ(java_double_text(10485760), "1.048576E7");
  EXPECT_EQ(java_double_text(1e-4), "1.0E-4");
  EXPECT_EQ(java_double_text(-1.5e100), "-1.5E100");
}

TEST(JavaDoubleText, NamesWhatIsNoNumber) {
  EXPECT_EQ(java_double_text(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(java_double_text(-std::numeric_limits<double>::infinity()), "-Infinity");
}

}  // namespace
}  // namespace kt::cli
