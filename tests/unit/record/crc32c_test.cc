#include "libbroker/record/crc32c.h"

#include <gtest/gtest.h>

#include <vector>

#include "libbroker/base/bytes.h"
#include "libbroker/base/rng.h"

namespace kt::record {
namespace {

std::vector<std::byte> random_bytes(SeededRng& rng, size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng.next());
  return bytes;
}

TEST(Crc32c, KnowsThePublishedVectors) {
  std::vector<std::byte> ascending, descending;  // RFC 3720 B.4
  for (int i = 0; i < 32; ++i) {
    ascending.push_back(static_cast<std::byte>(i));
    descending.push_back(static_cast<std::byte>(31 - i));
  }
  for (const Crc32cImplementation& crc : crc32c_implementations()) {
    SCOPED_TRACE(crc.name);
    EXPECT_EQ(crc.compute({}, 0), 0u);
    EXPECT_EQ(crc.compute(as_bytes("123456789"), 0), 0xE3069283u);
    EXPECT_EQ(crc.compute(std::vector<std::byte>(32), 0), 0x8A9136AAu);
    EXPECT_EQ(crc.compute(std::vector<std::byte>(32, std::byte{0xff}), 0), 0x62A8AB43u);
    EXPECT_EQ(crc.compute(ascending, 0), 0x46DD794Eu);
    EXPECT_EQ(crc.compute(descending, 0), 0x113FDB5Cu);
  }
}

TEST(Crc32c, TheLastImplementationIsThePortableOne) {
  EXPECT_STREQ(crc32c_implementations().back().name, "slice-by-8");
}

// Every length up to a few of the widest steps, at every alignment of a cache line's start.
TEST(Crc32c, AllImplementationsAgree) {
  SeededRng rng(1);
  const std::vector<std::byte> bytes = random_bytes(rng, 5000);
  const auto reference = crc32c_implementations().back();
  for (size_t size = 0; size <= 2048; ++size) {
    const size_t offset = rng.below(64);
    const auto previous = static_cast<uint32_t>(rng.next());
    const auto part = std::span(bytes).subspan(offset, size);
    for (const Crc32cImplementation& crc : crc32c_implementations())
      ASSERT_EQ(crc.compute(part, previous), reference.compute(part, previous)) << crc.name << " of " << size;
  }
}

TEST(Crc32c, PiecesGiveTheSameAsTheWhole) {
  SeededRng rng(2);
  const std::vector<std::byte> bytes = random_bytes(rng, 3000);
  for (const Crc32cImplementation& crc : crc32c_implementations()) {
    const uint32_t whole = crc.compute(bytes, 0);
    for (int i = 0; i < 200; ++i) {
      const size_t cut = rng.below(bytes.size() + 1);
      const uint32_t head = crc.compute(std::span(bytes).first(cut), 0);
      ASSERT_EQ(crc.compute(std::span(bytes).subspan(cut), head), whole) << crc.name << " cut at " << cut;
    }
  }
}

TEST(Crc32c, SeesEverySingleBitFlip) {
  SeededRng rng(3);
  std::vector<std::byte> bytes = random_bytes(rng, 700);
  const uint32_t before = crc32c(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1 << bit % 8);
    bytes[bit / 8] ^= mask;
    ASSERT_NE(crc32c(bytes), before);
    bytes[bit / 8] ^= mask;
  }
}

}  // namespace
}  // namespace kt::record
