#include "libbroker/net/timer_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "libbroker/base/rng.h"

namespace kt::net {
namespace {

TEST(TimerQueueTest, RunsByDeadlineThenByAge) {
  TimerQueue timers;
  std::string ran;
  timers.add(20, [&] { ran += 'c'; });
  timers.add(10, [&] { ran += 'a'; });
  timers.add(10, [&] { ran += 'b'; });
  EXPECT_EQ(timers.next_deadline(), 10);
  EXPECT_FALSE(timers.take_due(9));
  while (Task task = timers.take_due(20)) task();
  EXPECT_EQ(ran, "abc");
  EXPECT_EQ(timers.next_deadline(), std::nullopt);
}

TEST(TimerQueueTest, AnIdNeverMatchesALaterUseOfItsSlot) {
  TimerQueue timers;
  const auto first = timers.add(1, [] {});
  ASSERT_TRUE(timers.take_due(1));
  const auto second = timers.add(2, [] {});
  timers.cancel(first);
  timers.cancel(0);
  EXPECT_EQ(timers.size(), 1u);
  timers.cancel(second);
  timers.cancel(second);
  EXPECT_EQ(timers.size(), 0u);
}

TEST(TimerQueueTest, ATaskMayCancelAsItDies) {
  TimerQueue timers;
  const auto other = timers.add(5, [] {});
  auto canceller = std::shared_ptr<void>(nullptr, [&](void*) { timers.cancel(other); });
  const auto id = timers.add(3, [canceller = std::move(canceller)] {});
  timers.cancel(id);
  EXPECT_EQ(timers.size(), 0u);
}

TEST(TimerQueueTest, AgreesWithAMap) {
  SeededRng rng(7);
  TimerQueue timers;
  std::map<std::pair<int64_t, int>, Timers::Id> model;
  int ran = -1;
  int64_t now = 0;
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t choice = rng.below(10);
    if (choice < 5) {
      const int64_t deadline = now + static_cast<int64_t>(rng.below(100));
      model[{deadline, i}] = timers.add(deadline, [&ran, i] { ran = i; });
    } else if (choice < 7 && !model.empty()) {
      auto victim = model.begin();
      std::advance(victim, rng.below(model.size()));
      timers.cancel(victim->second);
      model.erase(victim);
    } else {
      now += static_cast<int64_t>(rng.below(8));
      while (Task task = timers.take_due(now)) {
        task();
        ASSERT_EQ(ran, model.begin()->first.second);
        ASSERT_LE(model.begin()->first.first, now);
        model.erase(model.begin());
      }
      ASSERT_TRUE(model.empty() || model.begin()->first.first > now);
    }
    ASSERT_EQ(timers.size(), model.size());
  }
}

}  // namespace
}  // namespace kt::net
