#include "libbroker/base/java_hash.h"

#include <gtest/gtest.h>

namespace kt {
namespace {

TEST(JavaHash, IsJavas) {
  EXPECT_EQ(java_string_hash(""), 0);
  EXPECT_EQ(java_string_hash("foo"), 101574);
  EXPECT_EQ(java_string_hash("my-group"), -1906497762);
  EXPECT_EQ(java_string_hash("polygenelubricants"), INT32_MIN);
  EXPECT_EQ(java_string_hash("\xC3\xA9"), 0xE9);                         // é
  EXPECT_EQ(java_string_hash("\xF0\x9F\x98\x80"), 0xD83D * 31 + 0xDE00);  // a pair of surrogates
}

}  // namespace
}  // namespace kt
