#include "libbroker/net/asio_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "libbroker/net/thread_pool.h"
#include "tests/unit/net/loop_thread.h"

namespace kt::net {
namespace {

TEST(AsioLoopTest, PostsRunInOrderOnTheLoop) {
  LoopThread thread;
  const auto loop_thread = thread.run([] { return std::this_thread::get_id(); });
  EXPECT_NE(loop_thread, std::this_thread::get_id());
  std::vector<int> ran;
  for (int i = 0; i < 1000; ++i) {
    thread.loop().post([&ran, i] { ran.push_back(i); });
  }
  const auto seen = thread.run([&] { return ran; });
  ASSERT_EQ(seen.size(), 1000u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST(AsioLoopTest, PostsFromManyThreadsAllRun) {
  LoopThread thread;
  int ran = 0;
  std::vector<std::thread> posters;
  for (int i = 0; i < 4; ++i) {
    posters.emplace_back([&] {
      for (int j = 0; j < 5000; ++j) thread.loop().post([&ran] { ++ran; });
    });
  }
  for (std::thread& poster : posters) poster.join();
  EXPECT_EQ(thread.run([&] { return ran; }), 20'000);
}

TEST(AsioLoopTest, TimersRunByDeadlineAndNeverEarly) {
  SystemClock clock;
  AsioLoop loop(clock);
  std::string ran;
  const int64_t start_ns = clock.monotonic_ns();
  int64_t late_ns = 0;
  loop.after(20, [&] {
    ran += 'c';
    late_ns = clock.monotonic_ns() - start_ns;
    loop.stop();
  });
  loop.after(10, [&] { ran += 'b'; });
  const auto forgotten = loop.after(5, [&] { ran += 'x'; });
  loop.after(0, [&] { ran += 'a'; });
  loop.cancel(forgotten);
  loop.run();
  EXPECT_EQ(ran, "abc");
  EXPECT_GE(late_ns, 20'000'000);
}

TEST(AsioLoopTest, AnEarlierTimerOvertakesAnArmedOne) {
  SystemClock clock;
  AsioLoop loop(clock);
  bool ran = false;
  loop.after(1'000'000, [] {});
  loop.post([&] {
    loop.after(1, [&] {
      ran = true;
      loop.stop();
    });
  });
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(AsioLoopTest, WhatIsLeftDiesWithTheLoop) {
  SystemClock clock;
  const auto token = std::make_shared<int>(1);
  {
    AsioLoop loop(clock);
    loop.post([token] {});
    loop.after(1000, [token] {});
    loop.post([token = std::shared_ptr<int>(new int, [&loop, token](int* p) {
                 loop.post([token] {});  // as a dying stream may
                 loop.cancel(1);
                 delete p;
               })] {});
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(AsioLoopTest, RunsAgainAfterAStop) {
  SystemClock clock;
  AsioLoop loop(clock);
  int runs = 0;
  for (int i = 0; i < 3; ++i) {
    loop.post([&] { ++runs, loop.stop(); });
    loop.run();
  }
  EXPECT_EQ(runs, 3);
}

TEST(ThreadPoolTest, FinishesWhatItAccepted) {
  std::atomic<int> done = 0;
  {
    ThreadPool pool(3);
    for (int i = 0; i < 1000; ++i) pool.run([&] { ++done; });
  }
  EXPECT_EQ(done, 1000);
}

}  // namespace
}  // namespace kt::net
