#include "libcli/commands/consume/formatter.h"

#include <gtest/gtest.h>

#include <vector>

#include "libbroker/base/bytes.h"
#include "libbroker/record/batch_builder.h"

namespace kt::cli::consume {
namespace {

/// What is printed of a record that went through a batch.
std::string printed(const config::Properties& properties, const record::NewRecord& new_record,
                    std::optional<int64_t> timestamp_ms = 1735689600000) {
  record::BatchBuilder builder;
  builder.append(new_record);
  const std::vector<std::byte> built = builder.build();
  record::RecordReader reader = record::BatchView::parse(built)->records();
  record::RecordView view;
  EXPECT_TRUE(reader.next(view));
  std::string out;
  const auto done = Formatter(properties)
                        .append({.partition = 3,
                                 .offset = 42,
                                 .timestamp_ms = timestamp_ms.value_or(-1),
                                 .leader_epoch = 7,
                                 .record = view},
                                out);
  return done ? out : "error: " + done.error();
}

const record::Header headers[] = {{"trace", as_bytes("ab12")}, {"src", {}}};
const record::NewRecord alice{.key = as_bytes("alice"), .value = as_bytes("{\"id\":1}"), .headers = headers};
const record::NewRecord bare{.value = as_bytes("hello")};

TEST(Formatter, PrintsTheValueAlone) {
  EXPECT_EQ(printed({}, alice), "{\"id\":1}\n");
  EXPECT_EQ(printed({}, {}), "null\n");
  EXPECT_EQ(printed({{"null.literal", "-"}}, {}), "-\n");
}

TEST(Formatter, PrintsColumnsInKafkasOrder) {
  const config::Properties all = {{"print.timestamp", "true"}, {"print.partition", "true"},
                                  {"print.offset", "true"},    {"print.delivery", "true"},
                                  {"print.epoch", "true"},     {"print.headers", "true"},
                                  {"print.key", "true"}};
  EXPECT_EQ(
      printed(all, alice),
      "CreateTime:1735689600000\tPartition:3\tOffset:42\tDelivery:NOT_PRESENT\tEpoch:7\ttrace:ab12,src:null\t"
      "alice\t{\"id\":1}\n");
  EXPECT_EQ(printed(all, bare, std::nullopt),
            "NO_TIMESTAMP\tPartition:3\tOffset:42\tDelivery:NOT_PRESENT\tEpoch:7\tNO_HEADERS\tnull\thello\n");
}

TEST(Formatter, SeparatesAllColumnsAlike) {
  EXPECT_EQ(
      printed(
          {{"print.key", "true"}, {"print.offset", "true"}, {"key.separator", "|"}, {"line.separator", ";"}},
          alice),
      "Offset:42|alice|{\"id\":1};");
  EXPECT_EQ(printed({{"print.headers", "true"}, {"print.value", "false"}, {"headers.separator", " "}}, alice),
            "trace:ab12 src:null\n");
}

TEST(Formatter, PrintsNothingWhenNothingIsChosen) {
  EXPECT_EQ(printed({{"print.value", "false"}}, alice), "");
}

TEST(Formatter, ReadsValuesAsTold) {
  const std::byte seven[] = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{7}};
  EXPECT_EQ(printed({{"value.deserializer", "org.apache.kafka.common.serialization.IntegerDeserializer"}},
                    {.value = seven}),
            "7\n");
  EXPECT_EQ(printed({{"value.deserializer", "LongDeserializer"}}, {.value = seven}),
            "error: Size of data received by LongDeserializer is not 8");
  EXPECT_EQ(printed({{"value.deserializer", "LongDeserializer"}}, {}), "null\n");
  EXPECT_EQ(printed({{"headers.deserializer", "BytesDeserializer"},
                     {"print.headers", "true"},
                     {"print.value", "false"}},
                    {.headers = std::span(headers).first(1)}),
            "trace:ab12\n");
}

std::string text_of(Deserializer deserializer, std::vector<uint8_t> raw) {
  std::string out;
  const auto done = append_text(deserializer, std::as_bytes(std::span(raw)), out);
  return done ? out : "error: " + done.error();
}

TEST(Deserializer, PrintsAsJavaDoes) {
  EXPECT_EQ(text_of(Deserializer::short_integer, {0xff, 0xfe}), "-2");
  EXPECT_EQ(text_of(Deserializer::long_integer, {0x80, 0, 0, 0, 0, 0, 0, 0}), "-9223372036854775808");
  EXPECT_EQ(text_of(Deserializer::float_number, {0x3f, 0xc0, 0, 0}), "1.5");
  EXPECT_EQ(text_of(Deserializer::boolean, {1}), "true");
  EXPECT_EQ(text_of(Deserializer::boolean, {2}), "error: Unexpected byte received by BooleanDeserializer: 2");
  EXPECT_EQ(text_of(Deserializer::boolean, {}),
            "error: Size of data received by BooleanDeserializer is not 1");
  EXPECT_EQ(text_of(Deserializer::bytes, {'a', 0, '\\', 0xff}), "a\\x00\\x5C\\xFF");
  EXPECT_EQ(text_of(Deserializer::byte_buffer, {1, 2, 3}), "java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]");
  EXPECT_EQ(text_of(Deserializer::nothing, {1}), "error: Data should be null for a VoidDeserializer.");
  const std::string uuid = "01234567-89AB-cdef-FEDC-ba9876543210";
  EXPECT_EQ(text_of(Deserializer::uuid, {uuid.begin(), uuid.end()}), "01234567-89ab-cdef-fedc-ba9876543210");
  EXPECT_EQ(text_of(Deserializer::uuid, {'x'}), "error: Error parsing data into UUID");
  EXPECT_EQ(text_of(Deserializer::integer, {1}),
            "error: Size of data received by IntegerDeserializer is not 4");
  EXPECT_EQ(text_of(Deserializer::double_number, {1}),
            "error: Size of data received by Deserializer is not 8");
}

TEST(JavaText, OfNumbers) {
  EXPECT_EQ(java_text(1.0), "1.0");
  EXPECT_EQ(java_text(0.0), "0.0");
  EXPECT_EQ(java_text(-0.0), "-0.0");
  EXPECT_EQ(java_text(1e7), "1.0E7");
  EXPECT_EQ(java_text(9999999.0), "9999999.0");
  EXPECT_EQ(java_text(1234.5), "1234.5");
  EXPECT_EQ(java_text(0.001), "0.001");
  EXPECT_EQ(java_text(0.00012), "1.2E-4");
  EXPECT_EQ(java_text(1.7976931348623157e308), "1.7976931348623157E308");
  EXPECT_EQ(java_text(-3.25f), "-3.25");
  EXPECT_EQ(java_text(0.1f), "0.1");
  EXPECT_EQ(java_text(1e10f), "1.0E10");
}

TEST(Deserializer, IsFoundByItsClass) {
  EXPECT_EQ(find_deserializer("org.apache.kafka.common.serialization.UUIDDeserializer"), Deserializer::uuid);
  EXPECT_EQ(find_deserializer("StringDeserializer"), Deserializer::raw);
  EXPECT_EQ(find_deserializer("com.example.AvroDeserializer"), std::nullopt);
}

}  // namespace
}  // namespace kt::cli::consume
