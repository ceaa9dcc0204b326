// Batches made by Apache Kafka's builders (tests/interop/java/RecordGolden.java), read and described in its
// words.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "libbroker/record/batch.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/compression.h"
#include "libbroker/record/crc32c.h"
#include "tests/support/source_dir.h"
#include "tests/unit/record/bytes_of.h"

namespace kt::record {
namespace {

struct Golden {
  std::string name;
  std::vector<std::byte> bytes;
  std::string description;  // the lines after the bytes
};

std::vector<Golden> goldens() {
  std::vector<Golden> found;
  for (const auto& entry :
       std::filesystem::directory_iterator(test::source_dir() / "tests/unit/record/golden")) {
    std::ifstream file(entry.path());
    Golden golden{.name = entry.path().stem()};
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("hex ")) {
        golden.bytes = from_hex(line.substr(4));
      } else if (!line.starts_with('#')) {
        golden.description += line + '\n';
      }
    }
    found.push_back(std::move(golden));
  }
  return found;
}

std::string hex(std::span<const std::byte> bytes) {
  constexpr size_t whole_bytes_max = 64;
  if (bytes.data() == nullptr) return "null";
  if (bytes.size() > whole_bytes_max) return fmt::format("#{}:{:x}", bytes.size(), crc32c(bytes));
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<int>(byte));
  return text;
}

std::string describe(const BatchView& batch) {
  constexpr std::array codecs{"none", "gzip", "snappy", "lz4", "zstd"};
  return fmt::format(
      "batch base_offset={} last_offset={} leader_epoch={} codec={} timestamp_type={} max_timestamp={} "
      "delete_horizon={} producer_id={} producer_epoch={} base_sequence={} last_sequence={} transactional={} "
      "control={} count={}\n",
      batch.base_offset(), batch.last_offset(), batch.partition_leader_epoch(),
      codecs.at(static_cast<size_t>(batch.codec())),
      batch.timestamp_type() == TimestampType::create_time ? "CreateTime" : "LogAppendTime",
      batch.max_timestamp(), batch.delete_horizon_ms().value_or(-1), batch.producer_id(),
      batch.producer_epoch(), batch.base_sequence(), batch.last_sequence(), batch.is_transactional(),
      batch.is_control(), batch.record_count());
}

std::string describe(const BatchView& batch, const RecordView& record) {
  std::string text = fmt::format("record offset={} timestamp={} key={} value={}", batch.offset_of(record),
                                 batch.timestamp_of(record), hex(record.key), hex(record.value));
  for (const Header& header : record.headers) {
    text += fmt::format(" header={}:{}", hex(as_bytes(header.key)), hex(header.value));
  }
  return text + '\n';
}

TEST(Golden, IsReadAsKafkaReadsIt) {
  Decompressor decompressor;
  std::vector<std::byte> scratch;
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    const auto batch = BatchView::parse(golden.bytes);
    ASSERT_TRUE(batch.has_value());
    EXPECT_EQ(batch->size_bytes(), golden.bytes.size());
    EXPECT_TRUE(batch->verify_crc());
    std::string description = describe(*batch);
    const auto plain = plain_records(*batch, decompressor, scratch, 1 << 20);
    ASSERT_TRUE(plain.has_value()) << plain.error().message;
    RecordReader reader(*plain, batch->record_count());
    for (RecordView record; reader.next(record);) description += describe(*batch, record);
    EXPECT_EQ(reader.fault(), nullptr);
    EXPECT_EQ(description, golden.description);
  }
}

// What kt writes without compression is what Kafka's builder writes, byte for byte. Of a batch with the
// broker's time the deltas differ, which no reader looks at.
TEST(Golden, IsRebuiltTheSame) {
  size_t rebuilt = 0;
  for (const Golden& golden : goldens()) {
    const BatchView batch = BatchView::parse(golden.bytes).value();
    if (batch.codec() != Codec::none || batch.timestamp_type() == TimestampType::log_append_time) continue;
    SCOPED_TRACE(golden.name);
    BatchBuilder builder(options_like(batch));
    RecordReader reader = batch.records();
    for (RecordView record; reader.next(record);) {
      std::vector<Header> headers;
      for (const Header& header : record.headers) headers.push_back(header);
      const int64_t timestamp = batch.base_timestamp() + record.timestamp_delta;
      builder.append_at(batch.offset_of(record), {timestamp, record.key, record.value, headers});
    }
    EXPECT_EQ(hex(builder.build()), hex(golden.bytes));
    ++rebuilt;
  }
  EXPECT_GE(rebuilt, 15u);
}

}  // namespace
}  // namespace kt::record
