#include "libcli/commands/groups/groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "libbroker/wire/42_delete_groups.h"
#include "libbroker/wire/47_offset_delete.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/groups/cluster_groups.h"
#include "libcli/term/report.h"
#include "libcli/term/table.h"
#include "libcli/term/text.h"

namespace kt::cli::groups {
namespace {

using nlohmann::ordered_json;
constexpr int64_t latest = -1, earliest = -2;

std::string text_or_dash(std::optional<int64_t> number) { return number ? std::to_string(*number) : "-"; }

class Tool {
 public:
  Tool(const Options& options, Session& session, Streams& streams) : options_(options), session_(session), streams_(streams) {}

  Result<void> carry_out() {
    switch (options_.action) {
      case Action::list: return list();
      case Action::describe: return for_each_group([this](const std::string& group) { return describe(group); }, "describe");
      case Action::remove: return remove();
      case Action::reset_offsets: return reset();
      case Action::delete_offsets: return delete_offsets();
      case Action::validate_regex: break;
    }
    return fail(ErrorCode::unsupported_version, "This build of kt has no consumer groups of the new protocol to use a regular expression in");
  }

 private:
  bool as_json() const { return options_.setting.output == Output::json; }
  void document(std::string_view verb, const ordered_json& items) { term::print_document(streams_.out, fmt::format("groups.{}", verb), items, {}); }

  Result<void> list() {
    const auto groups = list_groups(session_, options_);
    if (!groups) return fail(groups.error());
    if (as_json()) {
      ordered_json items = ordered_json::array();
      for (const auto& group : *groups) items.push_back({{"group", group.group_id}, {"type", group.group_type}, {"state", group.group_state}});
      return document("list", items), Result<void>();
    }
    if (!options_.list_states && !options_.list_types) {
      for (const auto& group : *groups) streams_.out << group.group_id << '\n';
      return {};
    }
    std::vector<term::Column> columns{{"GROUP", 25, true}};
    if (options_.list_types) columns.push_back({"TYPE", 20, true});
    if (options_.list_states) columns.push_back({"STATE", 20, true});
    term::PaddedTable table(columns, term::PaddedTable::LastColumn::padded);
    for (const auto& group : *groups) {
      std::vector<std::string> cells{group.group_id};
      std::string type = group.group_type;
      if (!type.empty()) type.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(type.front())));
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

  template <class Visit>
  Result<void> for_each_group(Visit visit, std::string_view verb) {
    auto groups = wanted_groups();
    if (!groups) return fail(groups.error());
    std::ranges::sort(*groups);
    for (const std::string& group : *groups) {
      if (auto done = visit(group); !done) return done;
    }
    if (as_json()) document(verb, items_);
    return {};
  }

  // What Kafka's tool says of a group's state before its block.
  void comment_on(const GroupDescription& group) {
    if (as_json()) return;
    if (group.state == "Empty") {
      streams_.err << fmt::format("\nConsumer group '{}' has no active members.\n", group.id);
    } else if (group.state == "PreparingRebalance" || group.state == "CompletingRebalance") {
      streams_.err << fmt::format("\nWarning: Consumer group '{}' is rebalancing.\n", group.id);
    }
  }

  Result<void> describe(const std::string& id) {
    const auto group = describe_group(session_, id);
    if (!group) return fail(group.error());
    comment_on(*group);
    switch (options_.view) {
      case View::members: return describe_members(*group);
      case View::state: return describe_state(*group);
      case View::offsets: break;
    }
    return describe_offsets(*group);
  }

  Result<void> describe_offsets(const GroupDescription& group) {
    const auto committed = committed_offsets(session_, group.id);
    if (!committed) return fail(committed.error());
    struct Row {
      TopicPartition at;
      const GroupDescription::Member* owner;
    };
    std::vector<Row> rows;
    std::set<TopicPartition> owned;
    for (const auto& member : group.members) {
      for (const auto& at : member.assignment) rows.push_back({at, &member}), owned.insert(at);
    }
    for (const auto& [at, offset] : *committed) {
      if (!owned.contains(at)) rows.push_back({at, nullptr});
    }
    std::vector<TopicPartition> partitions;
    for (const Row& row : rows) partitions.push_back(row.at);
    const auto ends = list_offsets(session_, partitions, latest);
    if (!ends) return fail(ends.error());

    std::vector<term::Column> columns{{"GROUP", 15, true}, {"TOPIC", 15, true}, {"PARTITION", 10}};
    if (options_.verbose) columns.push_back({"LEADER-EPOCH", 15});
    for (const char* heading : {"CURRENT-OFFSET", "LOG-END-OFFSET", "LAG"}) columns.push_back({heading, 15});
    columns.insert(columns.end(), {{"CONSUMER-ID", 15, true}, {"HOST", 15, true}, {"CLIENT-ID"}});
    term::PaddedTable table(columns);
    for (const Row& row : rows) {
      const auto found = committed->find(row.at);
      const auto end = ends->find(row.at);
      const std::optional<int64_t> offset = found != committed->end() ? std::optional(found->second.offset) : std::nullopt;
      const std::optional<int64_t> log_end = end != ends->end() ? std::optional(end->second) : std::nullopt;
      const std::optional<int64_t> lag = offset && log_end ? std::optional(*log_end - *offset) : std::nullopt;
      if (as_json()) {
        const auto number = [](std::optional<int64_t> n) { return n ? ordered_json(*n) : ordered_json(nullptr); };
        const auto text = [&](auto field) { return row.owner ? ordered_json(row.owner->*field) : ordered_json(nullptr); };
        items_.push_back({{"group", group.id}, {"topic", row.at.topic}, {"partition", row.at.partition}, {"current_offset", number(offset)},
                          {"log_end_offset", number(log_end)}, {"lag", number(lag)}, {"consumer_id", text(&GroupDescription::Member::id)},
                          {"host", text(&GroupDescription::Member::host)}, {"client_id", text(&GroupDescription::Member::client_id)}});
        continue;
      }
      std::vector<std::string> cells{group.id, row.at.topic, std::to_string(row.at.partition)};
      if (options_.verbose) cells.push_back(found != committed->end() && found->second.leader_epoch >= 0 ? std::to_string(found->second.leader_epoch) : "-");
      for (const auto& number : {offset, log_end, lag}) cells.push_back(text_or_dash(number));
      cells.insert(cells.end(), {row.owner ? row.owner->id : "-", row.owner ? row.owner->host : "-", row.owner ? row.owner->client_id : "-"});
      table.add(cells);
    }
    if (!as_json() && table.has_rows()) streams_.out << '\n', table.print(streams_.out);
    return {};
  }

  Result<void> describe_members(const GroupDescription& group) {
    const bool has_static = std::ranges::any_of(group.members, [](const auto& m) { return m.instance_id.has_value(); });
    std::vector<term::Column> columns{{"GROUP", 15, true}, {"CONSUMER-ID", 15, true}};
    if (has_static) columns.push_back({"GROUP-INSTANCE-ID", 17, true});
    columns.insert(columns.end(), {{"HOST", 15, true}, {"CLIENT-ID", 15, true}, {"#PARTITIONS", 15}});
    if (options_.verbose) columns.push_back({"CURRENT-ASSIGNMENT", 20, true});
    term::PaddedTable table(columns, term::PaddedTable::LastColumn::padded);
    for (const auto& member : group.members) {
      std::map<std::string, std::vector<std::string>> by_topic;
      for (const auto& at : member.assignment) by_topic[at.topic].push_back(std::to_string(at.partition));
      std::vector<std::string> assignment;
      for (const auto& [topic, partitions] : by_topic) assignment.push_back(topic + ":" + term::join(partitions, ","));
      if (as_json()) {
        items_.push_back({{"group", group.id}, {"consumer_id", member.id}, {"host", member.host}, {"client_id", member.client_id},
                          {"partitions", member.assignment.size()}, {"assignment", term::join(assignment, ";")}});
        continue;
      }
      std::vector<std::string> cells{group.id, member.id};
      if (has_static) cells.push_back(member.instance_id.value_or("-"));
      cells.insert(cells.end(), {member.host, member.client_id, std::to_string(member.assignment.size())});
      if (options_.verbose) cells.push_back(term::join(assignment, ";"));
      table.add(cells);
    }
    if (!as_json()) streams_.out << '\n', table.print(streams_.out);
    return {};
  }

  Result<void> describe_state(const GroupDescription& group) {
    if (as_json()) {
      items_.push_back({{"group", group.id}, {"coordinator", group.coordinator.text()}, {"coordinator_id", group.coordinator_id},
                        {"assignment_strategy", group.protocol}, {"state", group.state}, {"members", group.members.size()}});
      return {};
    }
    term::PaddedTable table({{"GROUP", 15, true}, {"COORDINATOR (ID)", 25, true}, {"ASSIGNMENT-STRATEGY", 20}, {"STATE", 20}, {"#MEMBERS"}});
    table.add({group.id, fmt::format("{}  ({})", group.coordinator.text(), group.coordinator_id), group.protocol, group.state,
               std::to_string(group.members.size())});
    streams_.out << '\n';
    table.print(streams_.out);
    return {};
  }

  Result<void> remove() {
    const auto groups = wanted_groups();
    if (!groups) return fail(groups.error());
    std::vector<std::string> done, refused;
    for (const std::string& group : *groups) {
      const auto node = coordinator_of(session_, group);
      if (!node) return fail(node.error());
      wire::DeleteGroupsRequest request;
      request.groups_names = {group};
      auto response = session_.ask<wire::DeleteGroupsResponse>(client::Target::node(*node), std::move(request));
      if (!response) return fail(std::move(response.error()));
      const ErrorCode code = response->results.at(0).error_code;
      if (code == ErrorCode::none)
        done.push_back("'" + group + "'");
      else
        refused.push_back(fmt::format("* Group '{}' could not be deleted due to: {}", group, text_of(code)));
    }
    if (refused.empty()) {
      streams_.out << fmt::format("Deletion of requested consumer groups ({}) was successful.\n", term::join(done, ", "));
      return {};
    }
    streams_.out << "\nError: Deletion of some consumer groups failed:\n" << term::join(refused, "\n") << '\n';
    if (!done.empty()) streams_.out << "\nThese consumer groups were deleted successfully: " << term::join(done, ", ") << '\n';
    is_partly_failed_ = true;
    return {};
  }

  Result<std::vector<TopicPartition>> partitions_to_reset(const std::map<TopicPartition, CommittedOffset>& committed) {
    std::vector<TopicPartition> partitions;
    if (options_.all_topics) {
      for (const auto& [at, offset] : committed) partitions.push_back(at);
      return partitions;
    }
    std::vector<std::string> names;
    for (const auto& topic : options_.topics) names.push_back(topic.topic);
    const auto topology = session_.topology(names);
    if (!topology) return fail(topology.error());
    for (const auto& wanted : options_.topics) {
      const auto found = (*topology)->topics.find(wanted.topic);
      if (found == (*topology)->topics.end() || found->second.error_code != ErrorCode::none) {
        return fail(ErrorCode::unknown_topic_or_partition, fmt::format("Topic '{}' does not exist", wanted.topic));
      }
      for (const auto& p : found->second.partitions) {
        const auto& only = wanted.partitions;
        if (only.empty() || std::ranges::find(only, p.partition_index) != only.end()) partitions.push_back({wanted.topic, p.partition_index});
      }
    }
    std::ranges::sort(partitions);
    return partitions;
  }

  Result<void> reset() {
    const auto groups = wanted_groups();
    if (!groups) return fail(groups.error());
    term::PaddedTable table({{"GROUP", 30, true}, {"TOPIC", 30, true}, {"PARTITION", 10}, {"NEW-OFFSET", 15}}, term::PaddedTable::LastColumn::padded);
    for (const std::string& group : *groups) {
      const auto described = describe_group(session_, group);
      if (!described && described.error().code != ErrorCode::group_id_not_found) return fail(described.error());
      if (described && described->state != "Empty") {
        return fail(ErrorCode::non_empty_group, fmt::format("Assignments can only be reset if the group '{}' is inactive, but the current state is {}.", group, described->state));
      }
      const auto plan = reset_plan(group);
      if (!plan) return fail(plan.error());
      if (options_.execute) {
        if (auto done = commit_offsets(session_, group, *plan); !done) return done;
      }
      for (const auto& [at, offset] : *plan) {
        if (options_.export_csv) {
          const std::string prefix = options_.groups.size() == 1 ? "" : group + ",";
          streams_.out << fmt::format("{}{},{},{}\n", prefix, at.topic, at.partition, offset);
        }
        items_.push_back({{"group", group}, {"topic", at.topic}, {"partition", at.partition}, {"new_offset", offset}});
        table.add({group, at.topic, std::to_string(at.partition), std::to_string(offset)});
      }
    }
    if (as_json()) return document("reset-offsets", items_), Result<void>();
    streams_.out << '\n';
    if (!options_.export_csv) table.print(streams_.out);
    return {};
  }

  Result<std::map<TopicPartition, int64_t>> reset_plan(const std::string& group) {
    const auto committed = committed_offsets(session_, group);
    if (!committed) return fail(committed.error());
    const auto partitions = partitions_to_reset(*committed);
    if (!partitions) return fail(partitions.error());
    const auto starts = list_offsets(session_, *partitions, earliest);
    if (!starts) return fail(starts.error());
    const auto ends = list_offsets(session_, *partitions, latest);
    if (!ends) return fail(ends.error());
    Result<std::map<TopicPartition, int64_t>> by_time;
    const ResetTarget target = options_.reset.value_or(ResetTarget{});
    if (target.kind == ResetTarget::Kind::timestamp) {
      by_time = list_offsets(session_, *partitions, target.value);
      if (!by_time) return fail(by_time.error());
    }
    if (target.kind == ResetTarget::Kind::file) return fail(ErrorCode::invalid_request, "--from-file is not understood by this build of kt");
    std::map<TopicPartition, int64_t> plan;
    for (const TopicPartition& at : *partitions) {
      const auto start = starts->find(at), end = ends->find(at);
      if (start == starts->end() || end == ends->end()) continue;
      const auto stored = committed->find(at);
      const int64_t current = stored != committed->end() ? stored->second.offset : end->second;
      int64_t wanted = 0;
      switch (target.kind) {
        case ResetTarget::Kind::offset: wanted = target.value; break;
        case ResetTarget::Kind::shift: wanted = current + target.value; break;
        case ResetTarget::Kind::timestamp: wanted = by_time->contains(at) ? by_time->at(at) : end->second; break;
        case ResetTarget::Kind::earliest: wanted = start->second; break;
        case ResetTarget::Kind::latest: wanted = end->second; break;
        case ResetTarget::Kind::current: wanted = current; break;
        case ResetTarget::Kind::file: break;
      }
      const int64_t clamped = std::clamp(wanted, start->second, end->second);
      if (clamped != wanted) {
        streams_.err << fmt::format("WARN New offset ({}) is {} offset for topic partition {}-{}. Value will be set to {}\n", wanted,
                                    wanted > clamped ? "higher than latest" : "lower than earliest", at.topic, at.partition, clamped);
      }
      plan[at] = clamped;
    }
    return plan;
  }

  Result<void> delete_offsets() {
    const std::string& group = options_.groups.at(0);
    const auto node = coordinator_of(session_, group);
    if (!node) return fail(node.error());
    const auto committed = committed_offsets(session_, group);
    if (!committed) return fail(committed.error());
    wire::OffsetDeleteRequest request;
    request.group_id = group;
    for (const auto& topic : options_.topics) {
      auto& asked = request.topics.emplace_back();
      asked.name = topic.topic;
      for (const int32_t partition : topic.partitions) asked.partitions.push_back({partition});
      if (!topic.partitions.empty()) continue;
      for (const auto& [at, offset] : *committed) {
        if (at.topic == topic.topic) asked.partitions.push_back({at.partition});
      }
    }
    auto response = session_.ask<wire::OffsetDeleteResponse>(client::Target::node(*node), std::move(request));
    if (!response) return fail(std::move(response.error()));
    if (response->error_code != ErrorCode::none) return fail(response->error_code);
    streams_.out << fmt::format("Request succeeded for deleting offsets from group {}.\n\n", group);
    term::PaddedTable table({{"TOPIC", 15, true}, {"PARTITION", 10}, {"STATUS", 15}}, term::PaddedTable::LastColumn::padded);
    for (const auto& topic : response->topics) {
      for (const auto& p : topic.partitions) {
        table.add({topic.name, std::to_string(p.partition_index),
                   p.error_code == ErrorCode::none ? "Successful" : fmt::format("Error: {}", text_of(p.error_code))});
      }
    }
    table.print(streams_.out);
    return {};
  }

 public:
  bool is_partly_failed() const { return is_partly_failed_; }

 private:
  const Options& options_;
  Session& session_;
  Streams& streams_;
  ordered_json items_ = ordered_json::array();
  bool is_partly_failed_ = false;
};

}  // namespace

const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  for (const std::string& notice : options.notices_on_err) streams.err << notice << '\n';
  const FailureStyle style{options.setting, "groups", failure_prefix, FailureStyle::Script::message_on_out};
  auto session = Session::open(options.connection, environment, "kt-groups");
  if (!session) return report_failure(session.error(), style, streams);
  Tool tool(options, **session, streams);
  const auto done = tool.carry_out();
  if (!done) return report_failure(done.error(), style, streams);
  return tool.is_partly_failed() ? Exit::failed : Exit::done;
}

}  // namespace kt::cli::groups
