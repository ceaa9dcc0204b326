// The sentences were printed by kafka-dump-log.sh of Kafka 4.1.1.
#include "libcli/commands/dump_log/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/parsing.h"

namespace kt::cli::dump_log {
namespace {

using testing::ElementsAre;

std::expected<Options, UsageError> parsed(std::vector<std::string> words, Mode mode = Mode::script) {
  World world;
  return parse_words(syntax, parse, world, mode, words);
}
std::expected<Options, UsageError> of(std::vector<std::string> words) {
  words.insert(words.begin(), {"--files", "a.log"});
  return parsed(words);
}

TEST(DumpLog, NeedsFiles) {
  EXPECT_EQ(parsed({"--print-data-log"}).error(),
            (UsageError{"Missing required argument \"[files]\"", Show::usage}));
  EXPECT_EQ(parsed({"--files"}).error(),
            (UsageError{"Option files requires an argument", Show::parser_error}));
  EXPECT_THAT(parsed({"--files", "a.log,b.index,"})->files, ElementsAre("a.log", "b.index"));
  EXPECT_THAT(parsed({"a.log"}, Mode::kt)->files, ElementsAre("a.log"));
}

TEST(DumpLog, DecodersPrintData) {
  EXPECT_FALSE(of({})->print_data || of({})->deep);
  EXPECT_TRUE(of({"--deep-iteration"})->deep);
  EXPECT_FALSE(of({"--deep-iteration"})->print_data);
  for (const char* option : {"--print-data-log", "--offsets-decoder", "--key-decoder-class"}) {
    EXPECT_TRUE(of({option})->print_data && of({option})->deep) << option;
  }
  EXPECT_EQ(of({"--cluster-metadata-decoder"})->contents, Contents::cluster_metadata);
  EXPECT_EQ(of({"--share-group-state-decoder", "--offsets-decoder"})->contents, Contents::offsets);
  EXPECT_EQ(of({"--value-decoder-class", "kafka.serializer.LongDecoder"})->value_decoder,
            Decoder::long_integer);
  EXPECT_EQ(of({"--key-decoder-class", "org.apache.kafka.tools.api.IntegerDecoder"})->key_decoder,
            Decoder::integer);
  EXPECT_EQ(of({"--value-decoder-class", "foo"}).error(),
            (UsageError{"java.lang.ClassNotFoundException: foo", Show::message}));
}

TEST(DumpLog, Limits) {
  EXPECT_EQ(of({})->bytes_max, 2147483647);
  EXPECT_EQ(of({})->message_bytes_max, 5242880);
  EXPECT_EQ(of({"--max-bytes", "100", "--max-message-size", "200"})->bytes_max, 100);
  EXPECT_EQ(of({"--max-bytes", "x"}).error().message, "Cannot parse argument 'x' of option max-bytes");
  EXPECT_TRUE(of({"--verify-index-only"})->verify_index_only);
  EXPECT_TRUE(of({"--index-sanity-check", "--skip-record-metadata"})->index_sanity_check);
}

}  // namespace
}  // namespace kt::cli::dump_log
