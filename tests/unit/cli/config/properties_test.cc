#include "libcli/config/properties.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "libbroker/base/disk.h"

namespace kt::config {
namespace {

Properties parsed(std::string_view text) {
  const Result<Properties> properties = parse_properties(text);
  EXPECT_TRUE(properties) << properties.error().message;
  return properties.value_or(Properties{});
}

struct Example {
  const char* name;
  std::string_view text;
  Properties expected;
};
void PrintTo(const Example& example, std::ostream* out) { *out << example.name; }

class JavaProperties : public testing::TestWithParam<Example> {};

TEST_P(JavaProperties, AreReadAsJavaReadsThem) { EXPECT_EQ(parsed(GetParam().text), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    , JavaProperties,
    testing::Values(
        Example{"Separators",
                "a=1\nb:2\nc 3\nd\t4\ne = 5\nf : 6\n",
                {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}, {"e", "5"}, {"f", "6"}}},
        Example{"OnlyOneSeparatorIsDropped", "a==1\nb = : 2\n", {{"a", "=1"}, {"b", ": 2"}}},
        Example{"BlanksAroundTheValue", "a = 1 \n  b=2\n", {{"a", "1 "}, {"b", "2"}}},
        Example{"Comments", "# a=1\n! b=2\n   # c=3\nd=4 # kept\n", {{"d", "4 # kept"}}},
        Example{"NoValue", "a\nb=\nc:\n", {{"a", ""}, {"b", ""}, {"c", ""}}},
        Example{"NoKey", "=1\n", {{"", "1"}}},
        Example{"LineEnds", "a=1\r\nb=2\rc=3", {{"a", "1"}, {"b", "2"}, {"c", "3"}}},
        Example{"Continued", "a=1,\\\n   2,\\\r\n\t3\n", {{"a", "1,2,3"}}},
        Example{"AnEvenNumberOfBackslashesDoesNotContinue", "a=1\\\\\nb=2\n", {{"a", "1\\"}, {"b", "2"}}},
        Example{"AContinuedLineIsNoComment", "a=1\\\n#2\n", {{"a", "1#2"}}},
        Example{"ABlankLineEndsAContinuation", "a=1\\\n\nb=2\n", {{"a", "1"}, {"b", "2"}}},
        Example{"AfterALoneBackslashACommentIsOne", "\\\n#a=1\nb=2\n", {{"b", "2"}}},
        Example{"BackslashAtTheEnd", "a=1\\", {{"a", "1"}}}, Example{"OnlyABackslash", "\\", {{"", ""}}},
        Example{"Escapes", "a=\\t\\n\\r\\f\\\\\\q\\u0041\n", {{"a", "\t\n\r\f\\qA"}}},
        Example{"EscapedSeparatorsInTheKey", "a\\=b\\:c\\ d=1\n", {{"a=b:c d", "1"}}},
        Example{"UnicodeEscapes", "a=\\u00e9\\u20AC\\ud83d\\ude00\n", {{"a", "\u00e9\u20ac\U0001f600"}}},
        Example{"ALoneSurrogate", "a=\\ud83dx\\ude00\n", {{"a", "?x?"}}},
        Example{"BytesAreLatin1", "a=\xe9\n", {{"a", "\u00e9"}}},
        Example{"LaterKeyWins", "a=1\na=2\n", {{"a", "2"}}}, Example{"Nothing", "", {}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Properties, RefuseABrokenUnicodeEscapeInJavasWords) {
  for (const char* text : {"a=\\u12", "a=\\u12g4", "\\u=1"}) {
    const Result<Properties> properties = parse_properties(text);
    ASSERT_FALSE(properties) << text;
    EXPECT_EQ(properties.error(), (Error{ErrorCode::invalid_config, "Malformed \\uxxxx encoding."}));
  }
}

TEST(Properties, OfACommandLineAreTakenAsTheyStand) {
  EXPECT_EQ(split_key_value("key.separator=\\t"),
            (std::pair<std::string, std::string>("key.separator", "\\t")));
  const std::string given[] = {"a=b=c", "d", "e=", "a=2"};
  EXPECT_EQ(parse_key_values(given), (Properties{{"a", "2"}, {"d", ""}, {"e", ""}}));
}

TEST(Properties, TheUpperLayerWinsKeyByKey) {
  EXPECT_EQ(merge({{"a", "1"}, {"b", "1"}}, {{"b", "2"}}), (Properties{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(find({{"a", "1"}}, "a"), "1");
  EXPECT_EQ(find({{"a", "1"}}, "b"), std::nullopt);
}

TEST(Properties, AreTrueOrNot) {
  for (const char* text : {"true", "TRUE", " True\t"}) EXPECT_TRUE(is_true(text)) << text;
  for (const char* text : {"", "yes", "1", "tru", "truex"}) EXPECT_FALSE(is_true(text)) << text;
  bool flag = false;
  std::string text = "before";
  read({{"a", "true"}}, "a", flag);
  read({{"a", "true"}}, "b", text);
  EXPECT_TRUE(flag);
  EXPECT_EQ(text, "before");
}

TEST(Properties, OfAMissingFileNameTheFile) {
  std::string folder = testing::TempDir() + "/kt-properties-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  PosixDisk disk;
  EXPECT_EQ(load_properties(disk, folder + "/no.properties").error().message, folder + "/no.properties");
  ASSERT_TRUE(disk.replace(folder + "/client.properties", "acks=all\n"));
  EXPECT_EQ(*load_properties(disk, folder + "/client.properties"), (Properties{{"acks", "all"}}));
  ASSERT_TRUE(disk.remove(folder));
}

}  // namespace
}  // namespace kt::config
