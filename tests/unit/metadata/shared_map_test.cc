#include "libbroker/metadata/shared_map.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "libbroker/base/rng.h"

namespace kt::metadata {
namespace {

using Map = SharedMap<int, std::string>;

void expect_same(const Map& map, const std::map<int, std::string>& model) {
  ASSERT_EQ(map.size(), model.size());
  ASSERT_TRUE(
      std::equal(map.begin(), map.end(), model.begin(), model.end(),
                 [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; }));
}

TEST(SharedMap, BehavesAsAMapOverManyVersions) {
  SeededRng rng(7);
  Map map;
  std::map<int, std::string> model;
  for (int version = 0; version < 200; ++version) {
    const Map before = map;
    const auto model_before = model;
    Map::Builder builder(map);
    for (uint64_t i = rng.below(100); i > 0; --i) {
      const int key = static_cast<int>(rng.below(1000));
      if (rng.below(3) == 0) {
        EXPECT_EQ(builder.erase(key), model.erase(key) == 1);
      } else {
        builder.set(key, std::to_string(version));
        model[key] = std::to_string(version);
      }
      const int probe = static_cast<int>(rng.below(1000));
      EXPECT_EQ(builder.find(probe) != nullptr, model.contains(probe));
      EXPECT_EQ(builder.size(), model.size());
    }
    map = std::move(builder).freeze();
    expect_same(map, model);
    expect_same(before, model_before);
    for (int key = -1; key < 1001; key += 13) {
      const auto expected = model.lower_bound(key);
      const auto found = map.lower_bound(key);
      ASSERT_EQ(found == map.end(), expected == model.end());
      EXPECT_TRUE(expected == model.end() || found->first == expected->first);
      EXPECT_EQ(map.contains(key), model.contains(key));
    }
  }
}

TEST(SharedMap, CanBecomeEmptyAgain) {
  Map::Builder fill;
  fill.set(1, "a");
  Map::Builder drain(std::move(fill).freeze());
  EXPECT_TRUE(drain.erase(1));
  EXPECT_FALSE(drain.erase(1));
  drain.set(2, "b");
  EXPECT_TRUE(drain.erase(2));
  const Map map = std::move(drain).freeze();
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map, Map{});
  EXPECT_EQ(map.begin(), map.end());
}

TEST(SharedMap, OneChangeCopiesOneBucket) {
  Map::Builder fill;
  for (int i = 0; i < 5000; ++i) fill.set(i, "x");
  const Map before = std::move(fill).freeze();
  EXPECT_GE(before.bucket_count(), 5000 / Map::bucket_entries_max);
  Map::Builder change(before);
  change.set(2500, "y");
  const Map after = std::move(change).freeze();
  EXPECT_EQ(shared_buckets(before, after), before.bucket_count() - 1);
  EXPECT_EQ(*before.find(2500), "x");
  EXPECT_EQ(*after.find(2500), "y");
}

}  // namespace
}  // namespace kt::metadata
