#include "libcli/commands/dump_log/options.h"

#include <algorithm>
#include <optional>

#include "libcli/commands/argv/rules.h"

namespace kt::cli::dump_log {
namespace {

constexpr OptionSpec flag(std::string_view name, std::string_view help) {
  return {.name = name, .help = help};
}
constexpr OptionSpec decoder(std::string_view name, std::string_view help) {
  return {.name = name,
          .value = Value::text,
          .value_optional = true,
          .default_value = "org.apache.kafka.tools.api.StringDecoder",
          .group = Group::advanced,
          .help = help};
}
constexpr OptionSpec size(std::string_view name, std::string_view fallback, std::string_view help) {
  return {.name = name,
          .value = Value::integer,
          .value_name = "size",
          .default_value = fallback,
          .group = Group::advanced,
          .help = help};
}

constexpr OptionSpec specs[] = {
    {.name = "files",
     .value = Value::text,
     .value_name = "file1, file2, ...",
     .positional = true,
     .complete = Complete::file,
     .help = "The files to show, separated by commas: .log, .checkpoint, .index, .timeindex, .txnindex, "
             ".snapshot"},
    flag("print-data-log", "Show keys and values too"),
    flag("deep-iteration", "Show each record, not only each batch"),
    flag("skip-record-metadata", "Show only keys and values"),
    flag("offsets-decoder", "Read records as those of __consumer_offsets"),
    flag("transaction-log-decoder", "Read records as those of __transaction_state"),
    flag("cluster-metadata-decoder", "Read records as those of the metadata log"),
    flag("remote-log-metadata-decoder", "Read records as those of tiered storage"),
    flag("share-group-state-decoder", "Read records as those of __share_group_state"),
    decoder("key-decoder-class", "What keys are: String, Default, Integer or Long + Decoder"),
    decoder("value-decoder-class", "What values are, likewise"),
    size("max-bytes", "2147483647", "Stop after so many bytes of batches"),
    size("max-message-size", "5242880", "How large a batch may be where an index is checked"),
    {.name = "verify-index-only", .group = Group::advanced, .help = "Check indexes without showing them"},
    {.name = "index-sanity-check",
     .group = Group::advanced,
     .help = "Check indexes as a broker does when it starts"},
};

constexpr Example examples[] = {
    {"kt dump-log 00000000000000000000.log", "See the batches of a segment"},
    {"kt dump-log 00000000000000000000.log --print-data-log", "See its records, too"},
    {"kt dump-log 00000000000000000000.log --cluster-metadata-decoder", "Read the metadata log"},
};

struct NamedContents {
  std::string_view option;
  Contents contents;
};
constexpr NamedContents named_contents[] = {{"offsets-decoder", Contents::offsets},
                                            {"transaction-log-decoder", Contents::transactions},
                                            {"cluster-metadata-decoder", Contents::cluster_metadata},
                                            {"remote-log-metadata-decoder", Contents::remote_log_metadata},
                                            {"share-group-state-decoder", Contents::share_group_state}};

struct NamedDecoder {
  std::string_view name;
  Decoder decoder;
};
constexpr NamedDecoder named_decoders[] = {{"StringDecoder", Decoder::string},
                                           {"DefaultDecoder", Decoder::bytes},
                                           {"IntegerDecoder", Decoder::integer},
                                           {"LongDecoder", Decoder::long_integer}};

/// By its class, of whatever package.
std::expected<Decoder, UsageError> find_decoder(const std::string& class_name) {
  const std::string simple = class_name.substr(class_name.rfind('.') + 1);
  const auto found = std::ranges::find(named_decoders, simple, &NamedDecoder::name);
  if (found != std::end(named_decoders)) return found->decoder;
  return std::unexpected(UsageError{"java.lang.ClassNotFoundException: " + class_name, Show::message});
}

Contents contents_of(const Given& given) {
  const auto found =
      std::ranges::find_if(named_contents, [&given](const auto& n) { return given.has(n.option); });
  return found == std::end(named_contents) ? Contents::plain : found->contents;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

}  // namespace

constinit const Syntax syntax{.name = "dump-log",
                              .script = "kafka-dump-log",
                              .family = Family::jopt,
                              .summary = "Show what stands in the files of a log",
                              .purpose =
                                  "This tool helps to parse a log file and dump its contents to the console, "
                                  "useful for debugging a seemingly corrupt log segment.",
                              .grammar = {.options = specs},
                              .examples = examples};

std::expected<Options, UsageError> parse(const Call& call) {
  const Given& given = call.given;
  Rules rules(given);
  rules.require({"files"});
  if (rules.broken()) return std::unexpected(*rules.broken());
  const auto key_decoder = find_decoder(*given.text("key-decoder-class"));
  if (!key_decoder) return std::unexpected(key_decoder.error());
  const auto value_decoder = find_decoder(*given.text("value-decoder-class"));
  if (!value_decoder) return std::unexpected(value_decoder.error());
  Options options{.setting = call.setting,
                  .files = split(*given.text("files")),
                  .contents = contents_of(given),
                  .key_decoder = *key_decoder,
                  .value_decoder = *value_decoder};
  const bool has_decoder = given.has("key-decoder-class") || given.has("value-decoder-class");
  options.print_data = given.has("print-data-log") || has_decoder || options.contents != Contents::plain;
  options.deep = given.has("deep-iteration") || options.print_data;
  options.skip_record_metadata = given.has("skip-record-metadata");
  options.bytes_max = *given.integer("max-bytes");
  options.message_bytes_max = *given.integer("max-message-size");
  options.verify_index_only = given.has("verify-index-only");
  options.index_sanity_check = given.has("index-sanity-check");
  return options;
}

}  // namespace kt::cli::dump_log
