#include "libcli/commands/produce/line_reader.h"

#include <gtest/gtest.h>

#include <sstream>

namespace kt::cli::produce {
namespace {

/// The records of `text`, or the first error as the only value.
std::vector<InputRecord> records(const std::string& text, const config::Properties& properties = {}) {
  std::istringstream in(text);
  LineReader reader(in, *LineFormat::of(properties));
  std::vector<InputRecord> found;
  for (;;) {
    auto record = reader.next();
    if (!record) return {{.value = "error: " + record.error()}};
    if (!*record) return found;
    found.push_back(**record);
  }
}

std::string error(const std::string& text, const config::Properties& properties) {
  const auto found = records(text, properties);
  return found.size() == 1 ? found[0].value.value_or("") : "";
}

TEST(LineReader, ALineIsAValue) {
  EXPECT_EQ(records("one\n\ntwo"),
            (std::vector<InputRecord>{{.value = "one"}, {.value = ""}, {.value = "two"}}));
  EXPECT_EQ(records(""), std::vector<InputRecord>{});
  EXPECT_EQ(records("a\r\nb\rc\n"),
            (std::vector<InputRecord>{{.value = "a"}, {.value = "b"}, {.value = "c"}}));
  EXPECT_EQ(records("a\r\n\r\n"), (std::vector<InputRecord>{{.value = "a"}, {.value = ""}}));
}

TEST(LineReader, AKeyMayStandInFront) {
  EXPECT_EQ(records("k\tv\tw\n", {{"parse.key", "true"}}),
            (std::vector<InputRecord>{{.key = "k", .value = "v\tw"}}));
  EXPECT_EQ(records("k=>v", {{"parse.key", " TRUE "}, {"key.separator", "=>"}}),
            (std::vector<InputRecord>{{.key = "k", .value = "v"}}));
  EXPECT_EQ(error("a\tb\nx\tabc\nabc", {{"parse.key", "true"}, {"key.separator", "\t"}}),
            "error: No key separator found on line number 3: 'abc'");
  EXPECT_EQ(records("abc", {{"parse.key", "true"}, {"ignore.error", "true"}}),
            (std::vector<InputRecord>{{.value = "abc"}}));
}

TEST(LineReader, HeadersMayStandBeforeTheKey) {
  const config::Properties both = {{"parse.key", "true"}, {"parse.headers", "true"}};
  EXPECT_EQ(records("h1:v1,h2:v:2\tk\tv\n", both),
            (std::vector<InputRecord>{{.headers = {{"h1", "v1"}, {"h2", "v:2"}}, .key = "k", .value = "v"}}));
  EXPECT_EQ(records("h:v,\tx", {{"parse.headers", "true"}}),
            (std::vector<InputRecord>{{.headers = {{"h", "v"}}, .value = "x"}}));
  EXPECT_EQ(records("a:1;;b:2\tx", {{"parse.headers", "true"}, {"headers.separator", ";+"}}),
            (std::vector<InputRecord>{{.headers = {{"a", "1"}, {"b", "2"}}, .value = "x"}}));
  EXPECT_EQ(error("abc", {{"parse.headers", "true"}}),
            "error: No headers delimiter found on line number 1: 'abc'");
  EXPECT_EQ(error("x\tv", {{"parse.headers", "true"}}),
            "error: No header key separator found in pair 'x' on line number 1");
  EXPECT_EQ(records("x\tv", {{"parse.headers", "true"}, {"ignore.error", "true"}}),
            (std::vector<InputRecord>{{.headers = {{"x", std::nullopt}}, .value = "v"}}));
}

TEST(LineReader, TheNullMarkerIsNull) {
  const config::Properties all = {{"parse.key", "true"}, {"parse.headers", "true"}, {"null.marker", "NULL"}};
  EXPECT_EQ(records("h:NULL\tNULL\tNULL", all),
            (std::vector<InputRecord>{
                {.headers = {{"h", std::nullopt}}, .key = std::nullopt, .value = std::nullopt}}));
  EXPECT_EQ(records("NULL\tk\tv", all), (std::vector<InputRecord>{{.key = "k", .value = "v"}}));
  EXPECT_EQ(error("NULL:v\tk\tv", all),
            "error: Header keys should not be equal to the null marker 'NULL' as they can't be null");
}

TEST(LineFormat, SeparatorsMustDiffer) {
  const auto refused = [](const config::Properties& properties) {
    const auto format = LineFormat::of(properties);
    return format ? std::string() : format.error();
  };
  EXPECT_EQ(refused({{"headers.delimiter", ","}}),
            "headers.delimiter and headers.separator may not be equal");
  EXPECT_EQ(refused({{"headers.delimiter", ":"}}),
            "headers.delimiter and headers.key.separator may not be equal");
  EXPECT_EQ(refused({{"headers.separator", ":"}}),
            "headers.separator and headers.key.separator may not be equal");
  EXPECT_EQ(refused({{"null.marker", "\t"}}), "null.marker and key.separator may not be equal");
  EXPECT_EQ(refused({{"null.marker", ","}}), "null.marker and headers.separator may not be equal");
  EXPECT_EQ(refused({{"null.marker", ":"}}), "null.marker and headers.key.separator may not be equal");
  EXPECT_EQ(refused({{"headers.separator", "("}}), "headers.separator is not a regular expression: (");
  EXPECT_EQ(refused({}), "");
}

}  // namespace
}  // namespace kt::cli::produce
