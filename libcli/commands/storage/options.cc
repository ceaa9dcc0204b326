#include "libcli/commands/storage/options.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "libbroker/metadata/records.h"
#include "libcli/commands/framework/client_options.h"
#include "libcli/commands/storage/features.h"

namespace kt::cli::storage {
namespace {

constexpr OptionSpec config_option{.name = "config",
                                   .letter = 'c',
                                   .value = Value::text,
                                   .value_name = "CONFIG",
                                   .required = true,
                                   .complete = Complete::file,
                                   .help = "The server's property file"};
constexpr OptionSpec release_option{
    .name = "release-version",
    .letter = 'r',
    .value = Value::text,
    .value_name = "RELEASE_VERSION",
    .help = "The Kafka release whose features are meant, 3.3-IV3 to 4.0-IV3; the default is the latest"};
constexpr OptionSpec feature_option{.name = "feature",
                                    .letter = 'f',
                                    .value = Value::text,
                                    .value_name = "FEATURE",
                                    .many = Many::occurrences,
                                    .help = "A feature and its level: metadata.version=25"};
constexpr OptionSpec info_options[] = {config_option};
constexpr OptionSpec format_options[] = {
    config_option,
    {.name = "cluster-id",
     .letter = 't',
     .value = Value::text,
     .value_name = "CLUSTER_ID",
     .required = true,
     .help = "The id of the cluster, as random-uuid makes one"},
    {.name = "ignore-formatted",
     .letter = 'g',
     .help = "Skip directories that are formatted already, instead of failing"},
    release_option,
    {.name = "add-scram",
     .letter = 'S',
     .value = Value::text,
     .value_name = "ADD_SCRAM",
     .many = Many::occurrences,
     .help = "A credential that the cluster begins with: SCRAM-SHA-256=[name=alice,password=secret]"},
    feature_option,
    {.name = "standalone", .letter = 's', .help = "Make this controller the one voter of a dynamic quorum"},
    {.name = "no-initial-controllers",
     .letter = 'N',
     .help = "Leave the quorum to controllers that are there already"},
    {.name = "initial-controllers",
     .letter = 'I',
     .value = Value::text,
     .value_name = "INITIAL_CONTROLLERS",
     .help = "The voters of a dynamic quorum, the same for all of them: id@host:port:directory-id, separated "
             "by commas"},
};
constexpr OptionSpec mapping_options[] = {release_option};
constexpr OptionSpec dependencies_options[] = {required(feature_option)};
constexpr OneOf quorum_options[] = {{.options = "standalone no-initial-controllers initial-controllers"}};
constexpr Subcommand subcommands[] = {
    {.name = "info",
     .help = "Tell which log directories a server has, and whose they are",
     .options = info_options},
    {.name = "format",
     .help = "Make the log directories of a server its own",
     .options = format_options,
     .one_of = quorum_options},
    {.name = "version-mapping",
     .help = "Tell which features a release of Kafka has, at which level",
     .options = mapping_options},
    {.name = "feature-dependencies",
     .help = "Tell what a feature asks of others",
     .options = dependencies_options},
    {.name = "random-uuid", .help = "Print a random id, for a new cluster or directory"},
};
constexpr Example examples[] = {
    {"kt storage random-uuid", "Make an id for a new cluster"},
    {"kt storage format --standalone -t Qk1sZXNzT2ZNYW55SWRz0A -c server.properties",
     "Prepare the only server of a cluster"},
    {"kt storage info -c server.properties", "See whether a server's directories are in order"},
    {"kafka-storage.sh random-uuid", "The same, under the script's name"},
};

constexpr std::array releases = {"3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1",
                                 "3.6-IV2", "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0",
                                 "3.9-IV0", "4.0-IV0", "4.0-IV1", "4.0-IV2", "4.0-IV3"};
static_assert(metadata::metadata_version_min + releases.size() - 1 == metadata::metadata_version_latest);

std::unexpected<Error> bad_voter(std::string sentence) {
  return fail(ErrorCode::invalid_config, std::move(sentence));
}

std::optional<int32_t> number_of(std::string_view text) {
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Result<wire::VotersRecord::Voter> parse_voter(std::string_view text) {
  wire::VotersRecord::Voter voter;
  const size_t at = text.find('@');
  if (at == text.npos) return bad_voter("No @ found in dynamic voter string.");
  const auto id = number_of(text.substr(0, at));
  if (!id) return bad_voter("Failed to parse node id in dynamic voter string.");
  if (*id < 0) return bad_voter(fmt::format("Invalid negative node id {} in dynamic voter string.", *id));
  voter.voter_id = *id;
  text.remove_prefix(at + 1);
  if (text.empty()) return bad_voter("No hostname found after node id.");
  wire::VotersRecord::Endpoint endpoint;
  if (text.front() == '[') {
    const size_t bracket = text.find(']');
    if (bracket == text.npos)
      return bad_voter("Hostname began with left bracket, but no right bracket was found.");
    endpoint.host = text.substr(1, bracket - 1);
    text.remove_prefix(bracket + 1);
    if (!text.starts_with(':')) return bad_voter("Port section must start with a colon.");
  } else {
    const size_t colon = text.find(':');
    if (colon == text.npos) return bad_voter("No colon following hostname could be found.");
    endpoint.host = text.substr(0, colon);
    text.remove_prefix(colon);
  }
  text.remove_prefix(1);
  const size_t colon = text.find(':');
  if (colon == text.npos) return bad_voter("No colon following port could be found.");
  const auto port = number_of(text.substr(0, colon));
  if (!port) return bad_voter("Failed to parse port in dynamic voter string.");
  if (*port < 0 || *port > 65535)
    return bad_voter(fmt::format("Invalid port {} in dynamic voter string.", *port));
  endpoint.port = static_cast<uint16_t>(*port);
  const auto directory = Uuid::parse(text.substr(colon + 1));
  if (!directory) return bad_voter("Failed to parse directory ID in dynamic voter string.");
  voter.voter_directory_id = *directory;
  voter.endpoints.push_back(std::move(endpoint));
  voter.k_raft_version_feature = {0, 1};
  return voter;
}

std::optional<UsageError> read_features(const Given& given, Options& options) {
  for (const std::string& text : given.all("feature")) {
    auto level = parse_feature_level(text);
    if (!level) return UsageError{level.error().message, Show::message};
    options.features.push_back(std::move(*level));
  }
  return std::nullopt;
}

std::optional<UsageError> read_format(const Given& given, Options& options) {
  options.cluster_id = *given.text("cluster-id");
  options.ignore_formatted = given.has("ignore-formatted");
  options.standalone = given.has("standalone");
  options.no_initial_controllers = given.has("no-initial-controllers");
  options.metadata_version = metadata::metadata_version_latest;
  if (given.has("add-scram"))
    return UsageError{"SCRAM credentials cannot be stored by this build of kt", Show::message};
  if (const auto release = given.text("release-version")) {
    options.release = *release;
    const auto version = metadata_version_of(*release);
    if (!version) {
      return UsageError{
          fmt::format(
              "Version {} is not a valid version. The minimum version is {} and the maximum version is {}",
              *release, releases.front(), releases.back()),
          Show::message};
    }
    options.metadata_version = *version;
  }
  if (const auto text = given.text("initial-controllers")) {
    auto voters = parse_initial_controllers(*text);
    if (!voters) return UsageError{voters.error().message, Show::message};
    options.initial_controllers = std::move(*voters);
  }
  if (auto refused = read_features(given, options)) return refused;
  if (const auto applied = apply_features(options); !applied)
    return UsageError{applied.error().message, Show::message};
  return std::nullopt;
}

}  // namespace

constinit const Syntax syntax{.name = "storage",
                              .script = "kafka-storage",
                              .program = "kafka-storage",
                              .family = Family::argparse,
                              .summary = "Prepare the directories of a server",
                              .purpose = "The Kafka storage tool.",
                              .grammar = {.options = {}, .subcommands = subcommands},
                              .examples = examples,
                              .argument_files = true};

std::string release_name(int16_t metadata_version) {
  return releases.at(static_cast<size_t>(metadata_version - metadata::metadata_version_min));
}

std::optional<int16_t> metadata_version_of(const std::string& release) {
  const size_t dot = release.find('.');
  const std::string wanted = release.substr(0, dot == release.npos ? dot : release.find('.', dot + 1));
  for (size_t i = releases.size(); i-- > 0;) {
    if (releases[i] == wanted || std::string_view(releases[i]).starts_with(wanted + "-IV")) {
      return static_cast<int16_t>(metadata::metadata_version_min + i);
    }
  }
  return std::nullopt;
}

Result<std::vector<wire::VotersRecord::Voter>> parse_initial_controllers(const std::string& text) {
  std::vector<wire::VotersRecord::Voter> voters;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    auto voter = parse_voter(rest.substr(0, comma));
    if (!voter) return fail(std::move(voter.error()));
    for (const auto& other : voters) {
      if (other.voter_id == voter->voter_id)
        return bad_voter(fmt::format("Node id {} was specified more than once.", voter->voter_id));
    }
    voters.push_back(std::move(*voter));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  if (voters.empty()) return bad_voter("No voters given.");
  return voters;
}

std::expected<Options, UsageError> parse(const Call& call) {
  Options options{.setting = call.setting};
  const std::string_view verb = call.given.subcommand();
  if (verb == "random-uuid") return options;
  if (verb == "version-mapping") {
    options.verb = Verb::version_mapping;
    options.release = call.given.text("release-version").value_or("");
    return options;
  }
  if (verb == "feature-dependencies") {
    options.verb = Verb::feature_dependencies;
    if (const auto refused = read_features(call.given, options)) return std::unexpected(*refused);
    return options;
  }
  options.verb = verb == "format" ? Verb::format : Verb::info;
  options.config_file = *call.given.text("config");
  if (options.verb == Verb::info) return options;
  if (const auto refused = read_format(call.given, options)) return std::unexpected(*refused);
  return options;
}

}  // namespace kt::cli::storage
