#include "libbroker/net/frame_reader.h"

#include <gtest/gtest.h>

#include <atomic>

#include "libbroker/base/bytes.h"
#include "libbroker/base/rng.h"
#include "tests/unit/net/fakes.h"
#include "tests/unit/net/loop_thread.h"

namespace kt::net {
namespace {

class FrameReaderTest : public testing::Test {
 protected:
  /// Feeds bytes in reads of at most `step`.
  void feed(FrameReader& reader, std::string_view bytes, size_t step = SIZE_MAX) {
    while (!bytes.empty()) {
      const std::span<std::byte> into = reader.buffer();
      const size_t count = std::min({into.size(), bytes.size(), step});
      std::memcpy(into.data(), bytes.data(), count);
      bytes.remove_prefix(count);
      reader.on_read(count, frames_);
    }
  }
  std::vector<std::string> texts() {
    std::vector<std::string> all;
    while (!frames_.empty()) all.emplace_back(frames_.pop().text());
    return all;
  }

  std::vector<std::byte> landing_ = std::vector<std::byte>(FrameReader::landing_bytes);
  MemoryBudget budget_{1 << 30};
  Fifo<Slice> frames_;
};

std::string noise(size_t size, uint64_t seed) {
  SeededRng rng(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.next());
  return bytes;
}

TEST_F(FrameReaderTest, CutAtEveryByte) {
  const std::string stream = framed("first") + framed("") + framed("x") + framed("the fourth");
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    FrameReader reader(landing_, budget_, 100);
    feed(reader, stream.substr(0, cut));
    feed(reader, stream.substr(cut));
    EXPECT_EQ(texts(), (std::vector<std::string>{"first", "", "x", "the fourth"})) << "cut at " << cut;
    EXPECT_FALSE(reader.is_inside_frame());
  }
}

TEST_F(FrameReaderTest, FramesOfEverySizeInReadsOfEverySize) {
  std::vector<std::string> bodies;
  for (const size_t size : {0, 1, 4091, 4092, 4096, 32767, 32768, 65531, 65532, 65536, 70000, 200000}) {
    for (int i = 0; i < 3; ++i) bodies.push_back(noise(size, size + i));
  }
  std::string stream;
  for (const std::string& body : bodies) stream += framed(body);
  for (const size_t step : {size_t{3}, size_t{1000}, size_t{4096}, size_t{65536}, SIZE_MAX}) {
    FrameReader reader(landing_, budget_, 1 << 20);
    feed(reader, stream, step);
    EXPECT_EQ(texts(), bodies) << "step " << step;
  }
}

TEST_F(FrameReaderTest, ALargeFrameIsReadIntoItsPlace) {
  FrameReader reader(landing_, budget_, 1 << 20);
  const std::string body = noise(500'000, 1);
  feed(reader, framed(body).substr(0, 100));
  const std::span<std::byte> into = reader.buffer();
  EXPECT_EQ(into.size(), body.size() - 96);
  EXPECT_NE(into.data(), landing_.data());
  feed(reader, std::string_view(body).substr(96));
  EXPECT_EQ(texts(), std::vector{body});
}

TEST_F(FrameReaderTest, OversizedAndNegativeSizesAreRefused) {
  using namespace std::string_view_literals;
  for (const std::string_view prefix : {"\0\0\0\x65"sv, "\xff\xff\xff\xff"sv, "\x7f\xff\xff\xff"sv,
                                        "\x80\0\0\0"sv, "GET "sv, "\x16\x03\x01\x02"sv}) {
    FrameReader reader(landing_, budget_, 100);
    EXPECT_THROW(feed(reader, prefix), BadFrame);
  }
  FrameReader reader(landing_, budget_, 100);
  feed(reader, framed(std::string(100, 'x')));
  EXPECT_EQ(texts().size(), 1u);
}

TEST_F(FrameReaderTest, BudgetCountsFramesAsLongAsTheyLive) {
  FrameReader reader(landing_, budget_, 1 << 20);
  feed(reader, framed(noise(100'000, 1)) + framed("small"));
  Slice large = frames_.pop();
  EXPECT_GE(budget_.used_bytes(), 100'005u);
  EXPECT_LE(budget_.used_bytes(), 100'005u + 256);
  Slice part = large.sub(10, 10);
  large = {};
  EXPECT_GE(budget_.used_bytes(), 100'000u);
  part = {};
  EXPECT_LE(budget_.used_bytes(), 5u + 128);
  frames_.clear();
  EXPECT_EQ(budget_.used_bytes(), 0u);
}

TEST_F(FrameReaderTest, AFrameIsPatchedInPlace) {
  FrameReader reader(landing_, budget_, 1 << 20);
  feed(reader, framed("0123456789") + framed("next"));
  const Slice frame = frames_.pop();
  const Slice part = frame.sub(2, 4);
  std::memcpy(writable_bytes(part).data(), "abcd", 4);
  EXPECT_EQ(frame.text(), "01abcd6789");
  EXPECT_EQ(frames_.pop().text(), "next");
}

TEST(MemoryBudgetTest, WakesWaitersOnceThereIsRoom) {
  FakeLoop loop;
  MemoryBudget budget(10);
  int woken = 0;
  budget.when_available(loop, [&] { ++woken; });
  loop.run_posted();
  EXPECT_EQ(woken, 1);
  budget.charge(12);
  budget.when_available(loop, [&] { ++woken; });
  budget.release(2);
  loop.run_posted();
  EXPECT_EQ(woken, 1);
  budget.release(1);
  budget.release(1);
  loop.run_posted();
  EXPECT_EQ(woken, 2);
}

TEST(MemoryBudgetTest, NoWakeUpIsLost) {
  LoopThread thread;
  MemoryBudget budget(1000);
  constexpr int rounds = 20'000;
  std::atomic<int> woken = 0;
  std::thread spender([&] {
    for (int i = 0; i < rounds; ++i) {
      budget.charge(1000);
      budget.release(1000);
    }
  });
  for (int i = 0; i < rounds; ++i) budget.when_available(thread.loop(), [&] { ++woken; });
  spender.join();
  EXPECT_TRUE(eventually(thread, [&] { return woken == rounds; }));
  EXPECT_EQ(budget.used_bytes(), 0u);
}

std::string size_of_frame(uint32_t size) {
  std::string bytes(4, '\0');
  store_be(reinterpret_cast<std::byte*>(bytes.data()), size);
  return bytes;
}

// 200 peers that each said "100 MiB follow", and sent nothing, kept every other peer from being read.
TEST_F(FrameReaderTest, WhatIsOnlySaidCostsLittle) {
  constexpr uint32_t frame_bytes = 100 << 20;
  {
    FrameReader reader(landing_, budget_, frame_bytes);
    feed(reader, size_of_frame(frame_bytes));
    EXPECT_EQ(budget_.used_bytes(), FrameReader::claim_bytes_max);
    feed(reader, noise(1 << 20, 1));
    EXPECT_EQ(budget_.used_bytes(), (1 << 20) + FrameReader::claim_bytes_max);
  }
  EXPECT_EQ(budget_.used_bytes(), 0u);
}

TEST_F(FrameReaderTest, AWholeFrameIsChargedInFullForAsLongAsItLives) {
  FrameReader reader(landing_, budget_, 1 << 20);
  const std::string body = noise(900'000, 1);
  feed(reader, framed(body));
  EXPECT_EQ(budget_.used_bytes(), body.size());
  EXPECT_EQ(texts(), std::vector{body});
  EXPECT_EQ(budget_.used_bytes(), 0u);
}

TEST_F(FrameReaderTest, FramesThatGrewToTwiceTheLimitEnd) {
  constexpr size_t limit = 4 << 20, frame_bytes = 64 << 20;
  MemoryBudget budget(limit);
  FrameReader reader(landing_, budget, frame_bytes);
  feed(reader, size_of_frame(frame_bytes));
  size_t fed = 0;
  const std::string part = noise(64 << 10, 1);
  EXPECT_THROW(for (; fed < frame_bytes; fed += part.size()) feed(reader, part), std::bad_alloc);
  EXPECT_GE(fed, limit);
  EXPECT_LE(budget.used_bytes(), 2 * limit + FrameReader::claim_bytes_max);
}

}  // namespace
}  // namespace kt::net
