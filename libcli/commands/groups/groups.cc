#include "libcli/commands/groups/groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "libcli/commands/framework/java_exception.h"
#include "libcli/commands/framework/refusal.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/groups/cluster_groups.h"
#include "libcli/commands/groups/describe.h"
#include "libcli/commands/groups/re2_syntax.h"
#include "libcli/commands/groups/reset.h"
#include "libcli/term/report.h"
#include "libcli/term/table.h"
#include "libcli/term/text.h"

namespace kt::cli::groups {
namespace {

using nlohmann::ordered_json;
using term::PaddedTable;
using LastColumn = PaddedTable::LastColumn;

class Tool {
 public:
  Tool(const Options& options, Session& session, Environment& environment, Streams& streams)
      : options_(options), session_(session), environment_(environment), streams_(streams) {}

  Result<void> carry_out() {
    switch (options_.action) {
      case Action::list:
        return list();
      case Action::describe:
        return describe();
      case Action::remove:
        return remove();
      case Action::reset_offsets:
        return reset();
      case Action::delete_offsets:
        return delete_offsets();
      case Action::validate_regex:
        break;  // asks no cluster
    }
    return {};
  }
  bool is_partly_failed() const { return is_partly_failed_; }
  /// Why the command line makes no sense after all.
  const std::optional<UsageError>& refused() const { return refused_; }

 private:
  bool as_json() const { return options_.setting.output == Output::json; }
  void document(std::string_view verb, const ordered_json& items,
                const std::vector<term::Failure>& failures = {}) {
    term::print_document(streams_.out, fmt::format("groups.{}", verb), items, failures);
  }

  Result<void> list() {
    const auto groups = list_groups(session_, options_);
    if (!groups) return fail(groups.error());
    if (as_json()) {
      ordered_json items = ordered_json::array();
      for (const auto& group : *groups) {
        items.push_back(
            {{"group", group.group_id}, {"type", group.group_type}, {"state", group.group_state}});
      }
      return document("list", items), Result<void>();
    }
    if (!options_.list_states && !options_.list_types) {
      for (const auto& group : *groups) streams_.out << group.group_id << '\n';
      return {};
    }
    constexpr size_t group_width_min = 15, gap = 10;
    size_t group_width = group_width_min;
    for (const auto& group : *groups) group_width = std::max(group_width, term::width_of(group.group_id));
    std::vector<term::Column> columns{{"GROUP", group_width + gap}};
    if (options_.list_types) columns.push_back({"TYPE", 20});
    if (options_.list_states) columns.push_back({"STATE", 20});
    PaddedTable table(columns, LastColumn::padded);
    for (const auto& group : *groups) {
      std::vector<std::string> cells{group.group_id};
      std::string type = group.group_type;
      if (!type.empty())
        type.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(type.front())));
      if (options_.list_types) cells.push_back(type);
      if (options_.list_states) cells.push_back(group.group_state);
      table.add(cells);
    }
    table.print(streams_.out);
    return {};
  }

  Result<std::vector<std::string>> wanted_groups() {
    if (!options_.all_groups) return options_.groups;
    const auto listed = list_groups(session_, options_);
    if (!listed) return fail(listed.error());
    std::vector<std::string> ids;
    for (const auto& group : *listed) ids.push_back(group.group_id);
    return ids;
  }

  Result<void> describe() {
    const auto groups = wanted_groups();
    if (!groups) return fail(groups.error());
    ordered_json items = ordered_json::array();
    if (auto done = describe_groups(session_, options_, *groups, streams_, items); !done) return done;
    if (as_json()) document("describe", items);
    return {};
  }

  Result<void> remove() {
    const auto groups = wanted_groups();
    if (!groups) return fail(groups.error());
    ordered_json items = ordered_json::array();
    std::vector<std::string> done, refused;
    std::vector<term::Failure> failures;
    for (const std::string& group : *groups) {
      const auto code = delete_group(session_, group);
      if (!code) return fail(code.error());
      const Error error{*code};
      if (error.code == ErrorCode::none) {
        done.push_back("'" + group + "'");
        items.push_back({{"group", group}});
      } else {
        const std::string line = fmt::format("Group '{}' could not be deleted due to: ", group);
        refused.push_back("* " + line + java_exception(error));
        failures.push_back({line + java_message(error), error.code});
      }
    }
    is_partly_failed_ = !refused.empty();
    if (as_json()) return document("delete", items, failures), Result<void>();
    if (refused.empty()) {
      streams_.out << fmt::format("Deletion of requested consumer groups ({}) was successful.\n",
                                  term::join(done, ", "));
      return {};
    }
    streams_.out << "\nError: Deletion of some consumer groups failed:\n"
                 << term::join(refused, "\n") << '\n';
    if (!done.empty())
      streams_.out << "\nThese consumer groups were deleted successfully: " << term::join(done, ", ") << '\n';
    return {};
  }

  Result<void> reset() {
    Resetting resetting(session_, options_, streams_);
    if (options_.reset->kind == ResetTarget::Kind::file) {
      if (auto read = resetting.read_plan(environment_.disk); !read) return read;
    }
    const auto groups = wanted_groups();
    if (!groups) return fail(groups.error());
    std::map<std::string, Resetting::Offsets> done;
    for (const std::string& group : *groups) {
      auto offsets = resetting.reset(group);
      if (!offsets) return fail(std::move(offsets.error()));
      if (refused_ = resetting.refused(); refused_) return {};
      done[group] = std::move(*offsets);
    }
    is_partly_failed_ = resetting.left_out_groups();
    if (options_.export_csv) return export_csv(done), Result<void>();
    ordered_json items = ordered_json::array();
    PaddedTable table({{"GROUP", 30}, {"TOPIC", 30}, {"PARTITION", 10}, {"NEW-OFFSET", 15}},
                      LastColumn::padded);
    for (const auto& [group, offsets] : done) {
      for (const auto& [at, offset] : offsets) {
        items.push_back(
            {{"group", group}, {"topic", at.topic}, {"partition", at.partition}, {"new_offset", offset}});
        table.add({group, at.topic, std::to_string(at.partition), std::to_string(offset)});
      }
    }
    if (as_json()) return document("reset-offsets", items), Result<void>();
    streams_.out << '\n';
    if (!done.empty()) table.print(streams_.out);
    return {};
  }

  void export_csv(const std::map<std::string, Resetting::Offsets>& done) {
    for (const auto& [group, offsets] : done) {
      const std::string prefix = options_.groups.size() == 1 ? "" : group + ",";
      for (const auto& [at, offset] : offsets) {
        streams_.out << fmt::format("{}{},{},{}\n", prefix, at.topic, at.partition, offset);
      }
    }
    streams_.out << '\n';
  }

  /// Sorted as the table is.
  using Statuses = std::map<std::pair<std::string, std::optional<int32_t>>, Error>;

  Result<void> delete_offsets() {
    const std::string& group = options_.groups.at(0);
    Statuses statuses;
    const auto request = offsets_to_delete(group, statuses);
    if (!request) return fail(request.error());
    auto response = groups::delete_offsets(session_, *request);
    if (!response) return fail(std::move(response.error()));
    Error first{response->error_code};
    for (const auto& topic : request->topics) {
      for (const auto& p : topic.partitions)
        statuses[{topic.name, p.partition_index}] = {response->error_code};
    }
    for (const auto& topic : response->topics) {
      for (const auto& p : topic.partitions) {
        statuses[{topic.name, p.partition_index}] = {p.error_code};
        if (first.code == ErrorCode::none) first.code = p.error_code;
      }
    }
    tell_of_deleted(group, first, statuses);
    return {};
  }

  /// Topics without partitions mean all that there are; one that is unknown has its status already.
  Result<wire::OffsetDeleteRequest> offsets_to_delete(const std::string& group, Statuses& statuses) {
    std::vector<std::string> names;
    for (const auto& topic : options_.topics) names.push_back(topic.topic);
    const auto topology = session_.topology(names);
    if (!topology) return fail(topology.error());
    wire::OffsetDeleteRequest request;
    request.group_id = group;
    for (const auto& topic : options_.topics) {
      wire::OffsetDeleteRequest::OffsetDeleteRequestTopic asked{.name = topic.topic};
      for (const int32_t partition : topic.partitions) asked.partitions.push_back({partition});
      if (topic.partitions.empty()) {
        const auto found = (*topology)->topics.find(topic.topic);
        if (found == (*topology)->topics.end() || found->second.error_code != ErrorCode::none) {
          statuses[{topic.topic, std::nullopt}] = {ErrorCode::unknown_topic_or_partition};
          continue;
        }
        for (const auto& p : found->second.partitions) asked.partitions.push_back({p.partition_index});
      }
      request.topics.push_back(std::move(asked));
    }
    return request;
  }

  void tell_of_deleted(const std::string& group, const Error& first, const Statuses& statuses) {
    ordered_json items = ordered_json::array();
    std::vector<term::Failure> failures;
    PaddedTable table({{"TOPIC", 15, true}, {"PARTITION", 10}, {"STATUS", 15}}, LastColumn::padded);
    for (const auto& [at, error] : statuses) {
      const std::string partition = at.second ? std::to_string(*at.second) : "";
      if (error.code == ErrorCode::none) {
        items.push_back({{"topic", at.first}, {"partition", *at.second}});
        table.add({at.first, partition, "Successful"});
      } else {
        is_partly_failed_ = true;
        failures.push_back(
            {at.first + (partition.empty() ? "" : "-" + partition) + ": " + java_message(error), error.code});
        table.add({at.first, partition, "Error: " + java_exception(error)});
      }
    }
    if (as_json()) return document("delete-offsets", items, failures);
    switch (first.code) {
      case ErrorCode::none:
        streams_.out << fmt::format("Request succeeded for deleting offsets from group {}.\n", group);
        break;
      case ErrorCode::group_subscribed_to_topic:
      case ErrorCode::topic_authorization_failed:
      case ErrorCode::unknown_topic_or_partition:
        streams_.out << "\nError: Encountered some partition-level error, see the follow-up details.\n";
        break;
      default:
        streams_.out << "\nError: " << java_message(first) << '\n';
    }
    streams_.out << '\n';
    table.print(streams_.out);
  }

  const Options& options_;
  Session& session_;
  Environment& environment_;
  Streams& streams_;
  bool is_partly_failed_ = false;
  std::optional<UsageError> refused_;
};

Exit validate_regex(const Options& options, Streams& streams) {
  const auto problem = re2_problem(options.regex);
  const std::string verdict = problem ? "invalid: " + *problem : "valid";
  if (options.setting.output == Output::json) {
    const ordered_json items = ordered_json::array({{{"regex", options.regex}, {"valid", !problem}}});
    std::vector<term::Failure> failures;
    if (problem) failures.push_back({*problem});
    term::print_document(streams.out, "groups.validate-regex", items, failures);
  } else {
    streams.out << fmt::format("The regular expression `{}` is {}.\n", options.regex, verdict);
  }
  return problem && options.setting.mode == Mode::kt ? Exit::failed : Exit::done;
}

/// Kafka's tool waits for --timeout for each answer.
Connection connection_of(const Options& options) {
  Connection connection = options.connection;
  for (const char* key : {"request.timeout.ms", "default.api.timeout.ms"})
    connection.properties.insert_or_assign(key, std::to_string(options.timeout_ms));
  return connection;
}

}  // namespace

const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  for (const std::string& notice : options.notices_on_err) streams.err << notice << '\n';
  const bool is_script = options.setting.mode == Mode::script;
  // Kafka's tool ends with 0 after whatever happens once the command line is read.
  const FailureStyle style{options.setting, "groups", failure_prefix, FailureStyle::Script::message_on_out,
                           Exit::done};
  const auto report = [&](Error error) {
    const bool names_exception =
        is_script && options.action == Action::describe && error.code == ErrorCode::group_id_not_found;
    if (names_exception) error.message = java_exception(error);
    return report_failure(error, style, streams);
  };
  if (options.action == Action::validate_regex) return validate_regex(options, streams);
  if (!options.refused_late.empty()) return report({ErrorCode::invalid_config, options.refused_late});
  auto session = Session::open(connection_of(options), environment, "kt-groups");
  if (!session) return report(session.error());
  Tool tool(options, **session, environment, streams);
  const auto done = tool.carry_out();
  if (!done) return report(done.error());
  if (tool.refused()) {
    print_refusal(command, *tool.refused(), options.setting, {}, streams);
    return is_script ? Exit::failed : Exit::usage;
  }
  return tool.is_partly_failed() && !is_script ? Exit::failed : Exit::done;
}

}  // namespace kt::cli::groups
