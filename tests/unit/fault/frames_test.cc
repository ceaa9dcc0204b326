#include "libbroker/fault/frames.h"

#include <gtest/gtest.h>

#include "tests/unit/fault/bytes_of_frames.h"

namespace kt::fault {
namespace {

/// What the cutter says of a text that comes in parts of `step` bytes.
std::vector<FrameHead> heads_of(FrameCutter::Carries carries, const std::string& text, size_t step) {
  FrameCutter cutter(carries);
  std::vector<FrameHead> heads;
  for (size_t at = 0; at < text.size(); at += step) {
    auto part = std::as_bytes(std::span(text).subspan(at, std::min(step, text.size() - at)));
    while (!part.empty()) {
      auto cut = cutter.next(part);
      EXPECT_GT(cut.bytes, 0u);
      if (cut.head) heads.push_back(*cut.head);
      part = part.subspan(cut.bytes);
    }
  }
  return heads;
}

TEST(FrameCutter, FindsRequestsHoweverTheyCome) {
  const std::string text = request(1, 7, "me", "body") + request(3, 8, "", "") + request(18, 9, "other", "x");
  for (const size_t step : {size_t{1}, size_t{2}, size_t{5}, size_t{13}, size_t{1000}}) {
    const auto heads = heads_of(FrameCutter::Carries::requests, text, step);
    ASSERT_EQ(heads.size(), 3u) << step;
    EXPECT_EQ(heads[0].api, 1);
    EXPECT_EQ(heads[0].correlation_id, 7);
    EXPECT_EQ(heads[0].client, "me");
    EXPECT_EQ(heads[1].client, "");
    EXPECT_EQ(heads[2].api, 18);
    EXPECT_EQ(heads[2].client, "other");
  }
}

TEST(FrameCutter, FindsAnswersByTheirCorrelation) {
  const auto heads = heads_of(FrameCutter::Carries::answers, answer(5, "abc") + answer(6, ""), 3);
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_EQ(heads[0].correlation_id, 5);
  EXPECT_EQ(heads[0].api, -1);
  EXPECT_EQ(heads[1].correlation_id, 6);
}

TEST(FrameCutter, TakesFramesThatAreTooShortForAHeadAndWhatIsNoFrame) {
  EXPECT_EQ(
      heads_of(FrameCutter::Carries::requests, framed("") + framed("ab") + request(1, 2, "c", ""), 4).size(),
      3u);
  EXPECT_EQ(heads_of(FrameCutter::Carries::requests, "\xff\xff\xff\xff" + std::string(100, 'x'), 7).size(),
            1u);
}

}  // namespace
}  // namespace kt::fault
