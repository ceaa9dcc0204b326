#include "libbroker/base/uuid.h"

#include <gtest/gtest.h>

#include "libbroker/base/rng.h"

namespace kt {
namespace {

TEST(Uuid, PrintsAsKafkaDoes) {
  // Uuid.METADATA_TOPIC_ID and a value from Kafka's own UuidTest shapes.
  EXPECT_EQ((Uuid{0, 1}).text(), "AAAAAAAAAAAAAAAAAAAAAQ");
  EXPECT_EQ((Uuid{0, 0}).text(), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ((Uuid{~0ull, ~0ull}).text(), "_____________________w");
}

TEST(Uuid, TextRoundTrips) {
  SeededRng rng(7);
  for (int i = 0; i < 1000; ++i) {
    const Uuid id = Uuid::random(rng);
    EXPECT_NE(id.text()[0], '-');
    EXPECT_EQ(Uuid::parse(id.text()), id);
  }
}

TEST(Uuid, RefusesWhatIsNoUuid) {
  EXPECT_FALSE(Uuid::parse(""));
  EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAAA"));
  EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAA!A"));
}

TEST(Uuid, HexIsJavas) { EXPECT_EQ((Uuid{0x0123456789abcdef, 0xfedcba9876543210}).hex(), "01234567-89ab-cdef-fedc-ba9876543210"); }

}  // namespace
}  // namespace kt
