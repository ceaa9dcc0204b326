#include "libbroker/log/offset_map.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "libbroker/base/bytes.h"
#include "libbroker/base/rng.h"

namespace kt::log {
namespace {

TEST(OffsetMapTest, KeepsTheNewestOffsetOfEachKey) {
  SeededRng rng(1);
  OffsetMap map(rng, 1 << 20, 0.9);
  std::map<std::string, int64_t> expected;
  for (int64_t offset = 0; offset < 30'000; ++offset) {
    const std::string key(rng.below(20), static_cast<char>('a' + rng.below(26)));
    const std::string numbered = key + std::to_string(rng.below(1000));
    ASSERT_TRUE(map.put(as_bytes(numbered), offset));
    expected[numbered] = offset;
  }
  EXPECT_EQ(map.size(), expected.size());
  for (const auto& [key, offset] : expected) ASSERT_EQ(map.get(as_bytes(key)), offset);
  EXPECT_EQ(map.get(as_bytes("absent")), -1);
}

TEST(OffsetMapTest, RefusesNewKeysWhenFull) {
  SeededRng rng(1);
  OffsetMap map(rng, 10 * OffsetMap::entry_bytes, 0.9);
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(map.put(as_bytes(std::to_string(i)), i));
  EXPECT_FALSE(map.put(as_bytes("9"), 9));
  EXPECT_TRUE(map.put(as_bytes("3"), 99));
  EXPECT_EQ(map.get(as_bytes("3")), 99);
  EXPECT_EQ(map.get(as_bytes("9")), -1);
}

}  // namespace
}  // namespace kt::log
