#include "libcli/commands/groups/describe.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "libcli/commands/framework/partitions.h"
#include "libcli/term/table.h"
#include "libcli/term/text.h"

namespace kt::cli::groups {
namespace {

using nlohmann::ordered_json;
using term::Column, term::PaddedTable;
using Member = GroupDescription::Member;
constexpr int64_t latest = -1;

template <class Number>
std::string text_or_dash(std::optional<Number> number) {
  return number ? std::to_string(*number) : "-";
}
template <class Value>
ordered_json json_or_null(const std::optional<Value>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

/// "orders:0,1;refunds:0"
std::string text_of(const std::vector<TopicPartition>& assignment) {
  std::map<std::string, std::vector<std::string>> by_topic;
  for (const auto& at : assignment) by_topic[at.topic].push_back(std::to_string(at.partition));
  std::vector<std::string> topics;
  for (const auto& [topic, partitions] : by_topic)
    topics.push_back(topic + ":" + term::join(partitions, ","));
  return term::join(topics, ";");
}

struct OffsetRow {
  TopicPartition at;
  const Member* owner = nullptr;  // null: nobody reads it
  std::optional<int64_t> offset = {}, log_end = {};
  std::optional<int32_t> leader_epoch = {};

  std::optional<int64_t> lag() const {
    return offset && log_end ? std::optional(*log_end - *offset) : std::nullopt;
  }
};

/// Errors: of any partition but one without a leader, whose end nobody knows.
Result<std::map<TopicPartition, int64_t>> ends_of(Session& session, std::vector<TopicPartition> partitions) {
  const auto leaders = find_leaders(session, partitions);
  if (!leaders) return fail(leaders.error());
  std::erase_if(partitions, [&](const TopicPartition& at) {
    const auto found = leaders->leaderless.find(at);
    return found != leaders->leaderless.end() && found->second.code == ErrorCode::leader_not_available;
  });
  return offsets_of_all(session, partitions, latest);
}

/// What members have first, those with the most partitions leading; then what is committed alone.
Result<std::vector<OffsetRow>> offset_rows(Session& session, const GroupDescription& group) {
  const auto committed = committed_offsets(session, group.id);
  if (!committed) return fail(committed.error());
  std::vector<OffsetRow> rows;
  std::set<TopicPartition> owned;
  for (const Member& member : group.members) {
    for (const auto& at : member.assignment) rows.push_back({at, &member}), owned.insert(at);
  }
  for (const auto& [at, offset] : *committed) {
    if (!owned.contains(at)) rows.push_back({at});
  }
  std::vector<TopicPartition> partitions;
  for (const OffsetRow& row : rows) partitions.push_back(row.at);
  const auto ends = ends_of(session, std::move(partitions));
  if (!ends) return fail(ends.error());
  for (OffsetRow& row : rows) {
    if (const auto end = ends->find(row.at); end != ends->end()) row.log_end = end->second;
    const auto found = committed->find(row.at);
    if (found == committed->end()) continue;
    row.offset = found->second.offset;
    if (found->second.leader_epoch >= 0) row.leader_epoch = found->second.leader_epoch;
  }
  return rows;
}

class Describer {
 public:
  Describer(Session& session, const Options& options, Streams& streams, ordered_json& items)
      : session_(session), options_(options), streams_(streams), items_(items) {}

  Result<void> describe(const GroupDescription& group) {
    switch (options_.view) {
      case View::members:
        return comment_on(group), members(group), Result<void>();
      case View::state:
        return comment_on(group), state(group), Result<void>();
      case View::offsets:
        break;
    }
    const auto rows = offset_rows(session_, group);
    if (!rows) return fail(rows.error());
    comment_on(group);
    if (as_json()) return offsets_json(group, *rows), Result<void>();
    if (!rows->empty()) is_old() ? old_offsets(*rows) : offsets(group, *rows);
    return {};
  }

 private:
  bool as_json() const { return options_.setting.output == Output::json; }
  bool is_old() const { return options_.setting.era == Era::kafka_0_10; }

  void comment_on(const GroupDescription& group) {
    if (as_json()) return;
    static const std::set<std::string_view> rebalancing = {"PreparingRebalance", "CompletingRebalance",
                                                           "Assigning", "Reconciling"};
    if (group.state == "Empty") {
      streams_.err << fmt::format("\nConsumer group '{}' has no active members.\n", group.id);
    } else if (rebalancing.contains(group.state)) {
      streams_.err << fmt::format("\nWarning: Consumer group '{}' is rebalancing.\n", group.id);
    }
  }

  void offsets(const GroupDescription& group, const std::vector<OffsetRow>& rows) {
    std::vector<Column> columns{{"GROUP", 15, true}, {"TOPIC", 15, true}, {"PARTITION", 10}};
    if (options_.verbose) columns.push_back({"LEADER-EPOCH", 15});
    for (const char* heading : {"CURRENT-OFFSET", "LOG-END-OFFSET", "LAG"}) columns.push_back({heading, 15});
    columns.insert(columns.end(), {{"CONSUMER-ID", 15, true}, {"HOST", 15, true}, {"CLIENT-ID"}});
    PaddedTable table(columns);
    for (const OffsetRow& row : rows) {
      std::vector<std::string> cells{group.id, row.at.topic, std::to_string(row.at.partition)};
      if (options_.verbose) cells.push_back(text_or_dash(row.leader_epoch));
      for (const auto& number : {row.offset, row.log_end, row.lag()}) cells.push_back(text_or_dash(number));
      const Member* owner = row.owner;
      cells.insert(cells.end(),
                   {owner ? owner->id : "-", owner ? owner->host : "-", owner ? owner->client_id : "-"});
      table.add(cells);
    }
    streams_.out << '\n';
    table.print(streams_.out);
  }

  /// As Kafka 0.10.2, which showed one group at a time.
  void old_offsets(const std::vector<OffsetRow>& rows) {
    PaddedTable table({{"TOPIC", 30},
                       {"PARTITION", 10},
                       {"CURRENT-OFFSET", 15},
                       {"LOG-END-OFFSET", 15},
                       {"LAG", 10},
                       {"CONSUMER-ID", 50},
                       {"HOST", 30},
                       {"CLIENT-ID"}});
    for (const OffsetRow& row : rows) {
      const Member* owner = row.owner;
      table.add({row.at.topic, std::to_string(row.at.partition), text_or_dash(row.offset),
                 text_or_dash(row.log_end), text_or_dash(row.lag()), owner ? owner->id : "-",
                 owner ? owner->host : "-", owner ? owner->client_id : "-"});
    }
    streams_.err << "Note: This will only show information about consumers that use the Java consumer API "
                    "(non-ZooKeeper-based consumers).\n\n";
    streams_.out << '\n';
    table.print(streams_.out);
  }

  void offsets_json(const GroupDescription& group, const std::vector<OffsetRow>& rows) {
    for (const OffsetRow& row : rows) {
      const auto of_owner = [&](auto field) {
        return row.owner ? ordered_json(row.owner->*field) : ordered_json(nullptr);
      };
      items_.push_back({{"group", group.id},
                        {"topic", row.at.topic},
                        {"partition", row.at.partition},
                        {"current_offset", json_or_null(row.offset)},
                        {"log_end_offset", json_or_null(row.log_end)},
                        {"lag", json_or_null(row.lag())},
                        {"leader_epoch", json_or_null(row.leader_epoch)},
                        {"consumer_id", of_owner(&Member::id)},
                        {"host", of_owner(&Member::host)},
                        {"client_id", of_owner(&Member::client_id)}});
    }
  }

  void members(const GroupDescription& group) {
    if (as_json()) return members_json(group);
    const bool has_static =
        std::ranges::any_of(group.members, [](const Member& m) { return m.instance_id.has_value(); });
    std::vector<Column> columns{{"GROUP", 15, true}, {"CONSUMER-ID", 15, true}};
    if (has_static) columns.push_back({"GROUP-INSTANCE-ID", 17, true});
    columns.insert(columns.end(), {{"HOST", 15, true}, {"CLIENT-ID", 15, true}, {"#PARTITIONS", 15}});
    if (options_.verbose) {
      columns.insert(columns.end(), {{"CURRENT-EPOCH", 15}, {"CURRENT-ASSIGNMENT", 20, true}});
      columns.insert(columns.end(), {{"TARGET-EPOCH", 15}, {"TARGET-ASSIGNMENT", 20, true}});
    }
    using enum PaddedTable::LastColumn;
    PaddedTable table(columns, options_.verbose ? padded : padded_and_blank);
    for (const Member& member : group.members) {
      std::vector<std::string> cells{group.id, member.id};
      if (has_static) cells.push_back(member.instance_id.value_or(""));
      cells.insert(cells.end(), {member.host, member.client_id, std::to_string(member.assignment.size())});
      if (options_.verbose) {
        cells.insert(cells.end(), {text_or_dash(member.epoch), text_of(member.assignment)});
        cells.insert(cells.end(), {text_or_dash(member.target_epoch), text_of(member.target)});
      }
      table.add(cells);
    }
    streams_.out << '\n';
    table.print(streams_.out);
  }

  void members_json(const GroupDescription& group) {
    for (const Member& member : group.members) {
      items_.push_back({{"group", group.id},
                        {"consumer_id", member.id},
                        {"group_instance_id", json_or_null(member.instance_id)},
                        {"host", member.host},
                        {"client_id", member.client_id},
                        {"partitions", member.assignment.size()},
                        {"assignment", text_of(member.assignment)}});
    }
  }

  void state(const GroupDescription& group) {
    const std::string coordinator = fmt::format("{}  ({})", group.coordinator.text(), group.coordinator_id);
    const std::string members = std::to_string(group.members.size());
    if (as_json()) {
      items_.push_back({{"group", group.id},
                        {"coordinator", group.coordinator.text()},
                        {"coordinator_id", group.coordinator_id},
                        {"assignment_strategy", group.protocol},
                        {"state", group.state},
                        {"members", group.members.size()}});
      return;
    }
    std::vector<Column> columns{{"GROUP", 15, true}, {"COORDINATOR (ID)", 25, true}};
    columns.insert(columns.end(), {{"ASSIGNMENT-STRATEGY", 20}, {"STATE", 20}});
    if (options_.verbose) {
      columns.insert(columns.end(), {{"GROUP-EPOCH", 15}, {"TARGET-ASSIGNMENT-EPOCH", 25}});
    }
    columns.push_back({"#MEMBERS"});
    std::vector<std::string> cells{group.id, coordinator, group.protocol, group.state};
    if (options_.verbose) {
      cells.insert(cells.end(), {text_or_dash(group.epoch), text_or_dash(group.assignment_epoch)});
    }
    cells.push_back(members);
    PaddedTable table(columns);
    table.add(cells);
    streams_.out << '\n';
    table.print(streams_.out);
  }

  Session& session_;
  const Options& options_;
  Streams& streams_;
  ordered_json& items_;
};

}  // namespace

Result<void> describe_groups(Session& session, const Options& options, std::vector<std::string> groups,
                             Streams& streams, ordered_json& items) {
  std::vector<GroupDescription> described;
  for (const std::string& group : std::set<std::string>(groups.begin(), groups.end())) {
    auto description = describe_group(session, group);
    if (!description) return fail(std::move(description.error()));
    described.push_back(std::move(*description));
  }
  Describer describer(session, options, streams, items);
  for (const GroupDescription& group : described) {
    if (auto done = describer.describe(group); !done) return done;
  }
  return {};
}

}  // namespace kt::cli::groups
