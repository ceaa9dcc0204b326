#include "libcli/commands/delete_records/options.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "libbroker/base/disk.h"
#include "libcli/commands/argv/rules.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/term/text.h"

namespace kt::cli::delete_records {
namespace {

using Json = nlohmann::json;

constexpr OptionSpec specs[] = {
    {.name = "offset-json-file",
     .value = Value::text,
     .value_name = "Offset json file path",
     .positional = true,
     .complete = Complete::file,
     .help = "A file that says before which offset to delete: "
             "{\"partitions\":[{\"topic\":\"orders\",\"partition\":0,"
             "\"offset\":100}],\"version\":1}, -1 being all that is replicated"},
    bootstrap_server_option,
    command_config_option,
};

constexpr Example examples[] = {
    {"kt delete-records offsets.json", "Delete records up to the offsets in a file"},
    {"kafka-delete-records.sh --bootstrap-server localhost:9092 --offset-json-file offsets.json",
     "The same, under the script's name"},
};

/// Kafka's complaints about JSON are exceptions there and here; none leaves parse_offset_file.
struct Malformed {
  std::string what;
};

const Json& field(const Json& object, const char* name) {
  if (!object.is_object()) throw Malformed{"Expected JSON object, received " + object.dump()};
  const auto found = object.find(name);
  if (found == object.end()) throw Malformed{"No such field exists: `" + std::string(name) + "`"};
  return *found;
}

int64_t integer(const Json& value, const char* type, int64_t min, int64_t max) {
  if (value.is_number_integer()) {
    const auto number = value.get<int64_t>();
    if (number >= min && number <= max) return number;
  }
  throw Malformed{"Expected `" + std::string(type) + "` value, received " + value.dump()};
}

int32_t int32(const Json& value) {
  return static_cast<int32_t>(
      integer(value, "Integer", std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
}

int64_t int64(const Json& value) {
  return integer(value, "Long", std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
}

Deletion deletion(const Json& entry) {
  const Json& topic = field(entry, "topic");
  if (!topic.is_string()) throw Malformed{"Expected `String` value, received " + topic.dump()};
  return {topic.get<std::string>(), int32(field(entry, "partition")), int64(field(entry, "offset"))};
}

std::vector<Deletion> deletions(const Json& document) {
  if (!document.is_object()) throw Malformed{"Expected JSON object, received " + document.dump()};
  if (const auto version = document.find("version"); version != document.end() && int32(*version) != 1) {
    throw Malformed{"Not supported version field value " + version->dump()};
  }
  const auto partitions = document.find("partitions");
  if (partitions == document.end()) throw Malformed{"Missing partitions field"};
  if (!partitions->is_array()) throw Malformed{"Expected JSON array, received " + partitions->dump()};
  std::vector<Deletion> found;
  for (const Json& entry : *partitions) found.push_back(deletion(entry));
  return found;
}

void refuse_duplicates(const std::vector<Deletion>& deletions) {
  std::set<std::string> seen, twice;
  for (const Deletion& d : deletions) {
    std::string name = d.topic + "-" + std::to_string(d.partition);
    if (!seen.insert(name).second) twice.insert(std::move(name));
  }
  if (twice.empty()) return;
  throw Malformed{"Offset json file contains duplicate topic partitions: " +
                  term::join({twice.begin(), twice.end()}, ",")};
}

}  // namespace

constinit const Syntax syntax{.name = "delete-records",
                              .script = "kafka-delete-records",
                              .family = Family::jopt,
                              .summary = "Delete the records of partitions before given offsets",
                              .purpose =
                                  "This tool helps to delete records of the given partitions down to the "
                                  "specified offset.",
                              .grammar = {.options = specs},
                              .examples = examples,
                              .outputs = "table json"};

std::expected<std::vector<Deletion>, std::string> parse_offset_file(std::string_view json) {
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded()) return std::unexpected("The input string is not a valid JSON");
  try {
    std::vector<Deletion> found = deletions(document);
    refuse_duplicates(found);
    return found;
  } catch (const Malformed& malformed) {
    return std::unexpected(malformed.what);
  }
}

std::expected<Options, UsageError> parse(const Call& call) {
  Rules rules(call.given);
  rules.require({"bootstrap-server", "offset-json-file"});
  if (rules.broken()) return std::unexpected(*rules.broken());
  auto connection = read_connection(call);
  if (!connection) return std::unexpected(connection.error());
  const std::string path = *call.given.text("offset-json-file");
  const auto text = call.environment.disk.read_all(path, offset_file_bytes_max);
  if (!text) return std::unexpected(UsageError{"Unable to read file " + path, Show::message});
  auto found = parse_offset_file(*text);
  if (!found) return std::unexpected(UsageError{found.error(), Show::message});
  return Options{
      .setting = call.setting, .connection = std::move(*connection), .deletions = std::move(*found)};
}

}  // namespace kt::cli::delete_records
