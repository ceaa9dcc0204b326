#include "libcli/commands/topics/topics.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "libbroker/base/rng.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/20_delete_topics.h"
#include "libbroker/wire/37_create_partitions.h"
#include "libcli/commands/framework/answer.h"
#include "libcli/commands/framework/java_exception.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/topics/assignment.h"
#include "libcli/commands/topics/cluster_topics.h"
#include "libcli/term/report.h"
#include "libcli/term/text.h"

namespace kt::cli::topics {
namespace {

using nlohmann::ordered_json;
using Assignment = std::vector<std::vector<int32_t>>;  // brokers by partition
constexpr int32_t operation_timeout_ms = 60'000;

std::string joined(const std::vector<int32_t>& ids) {
  std::vector<std::string> texts;
  for (const int32_t id : ids) texts.push_back(std::to_string(id));
  return term::join(texts, ",");
}

/// One call of the tool, against one cluster.
class Tool {
 public:
  Tool(const Options& options, Session& session, Rng& rng, Streams& streams)
      : options_(options), session_(session), rng_(rng), streams_(streams) {}

  Result<void> carry_out() {
    switch (options_.action) {
      case Action::list:
        return list();
      case Action::create:
        return create();
      case Action::alter:
        return alter();
      case Action::describe:
        return describe();
      case Action::remove:
        return remove();
    }
    return {};
  }

 private:
  bool is_old() const { return options_.setting.era == Era::kafka_0_10; }
  bool as_json() const { return options_.setting.output == Output::json; }
  void document(std::string_view verb, const ordered_json& items) {
    term::print_document(streams_.out, fmt::format("topics.{}", verb), items, {});
  }

  Result<void> missing() const {
    if (options_.topic_id)
      return fail(ErrorCode::unknown_topic_id,
                  fmt::format("TopicId '{}' does not exist as expected", options_.topic_id->text()));
    return fail(ErrorCode::unknown_topic_or_partition,
                fmt::format("Topic '{}' does not exist as expected", options_.topic.value_or("")));
  }

  Result<void> list() {
    const auto names = matching_topics(session_, options_);
    if (!names) return fail(names.error());
    if (as_json()) {
      ordered_json items = ordered_json::array();
      for (const std::string& name : *names) items.push_back({{"topic", name}});
      return document("list", items), Result<void>();
    }
    if (names->empty() && is_old()) return {};
    streams_.out << term::join(*names, "\n") << '\n';
    return {};
  }

  Result<void> create() {
    const std::string& name = *options_.topic;
    if (name.find_first_of("._") != name.npos) {
      streams_.out << "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore "
                      "('_') could collide. "
                      "To avoid issues it is best to use either, but not both.\n";
    }
    wire::CreateTopicsRequest request;
    request.timeout_ms = operation_timeout_ms;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = options_.partitions.value_or(-1);
    topic.replication_factor = static_cast<int16_t>(options_.replication_factor.value_or(-1));
    auto placed = replicas_of_new_topic();
    if (!placed) return fail(std::move(placed.error()));
    if (!placed->empty()) topic.num_partitions = topic.replication_factor = -1;
    for (int32_t index = 0; auto& brokers : *placed)
      topic.assignments.push_back({index++, std::move(brokers)});
    for (const auto& [key, value] : options_.configs) topic.configs.push_back({key, value});
    auto response = session_.ask_controller<wire::CreateTopicsResponse>(std::move(request));
    if (!response) return fail(std::move(response.error()));
    const auto part = only_part(response->topics, "the topic");
    if (!part) return fail(part.error());
    const auto& result = **part;
    if (result.error_code == ErrorCode::topic_already_exists && options_.if_not_exists) return {};
    if (result.error_code != ErrorCode::none)
      return fail(result.error_code, result.error_message.value_or(""));
    if (as_json()) {
      document("create", {{{"topic", name},
                           {"topic_id", result.topic_id.text()},
                           {"partitions", result.num_partitions},
                           {"replication_factor", result.replication_factor}}});
    } else {
      streams_.out << (is_old() ? fmt::format("Created topic \"{}\".\n", name)
                                : fmt::format("Created topic {}.\n", name));
    }
    return {};
  }

  /// As given, or as this tool places them; empty: the controller does.
  Result<Assignment> replicas_of_new_topic() {
    if (!options_.replica_assignment.empty() || !options_.classic_assignment)
      return options_.replica_assignment;
    return place(ClassicPlacement{.replication_factor = *options_.replication_factor}, *options_.partitions);
  }

  /// Of what `topic` is to have, the partitions that it does not have yet.
  Result<Assignment> replicas_of_new_partitions(const TopicDescription& topic) {
    const auto present = static_cast<int32_t>(topic.partitions.size());
    if (!options_.replica_assignment.empty()) {
      const auto skipped = std::min<size_t>(topic.partitions.size(), options_.replica_assignment.size());
      return Assignment(options_.replica_assignment.begin() + static_cast<ptrdiff_t>(skipped),
                        options_.replica_assignment.end());
    }
    if (!options_.classic_assignment || *options_.partitions <= present) return Assignment();
    if (topic.partitions.empty() || topic.partitions.front().replicas.empty())
      return answered_without("the topic's replicas");
    const auto& like = topic.partitions.front().replicas;
    return place({.replication_factor = static_cast<int32_t>(like.size()), .first_partition = present},
                 *options_.partitions - present, like.front());
  }

  /// From `first_broker` on, or from where the .kt-era file says, or from anywhere. Nothing, which leaves it
  /// to the controller, where brokers have racks.
  Result<Assignment> place(ClassicPlacement placement, int32_t count,
                           std::optional<int32_t> first_broker = {}) {
    const auto topology = session_.topology(std::vector<std::string>{});
    if (!topology) return fail(topology.error());
    for (const auto& [id, broker] : (*topology)->brokers) {
      if (broker.rack) return Assignment();
      placement.brokers.push_back(id);
    }
    const auto anywhere = [&] {
      return placement.brokers.empty() ? 0u : static_cast<uint32_t>(rng_.below(placement.brokers.size()));
    };
    placement.start = options_.classic_start ? *options_.classic_start : anywhere();
    placement.shift = options_.classic_shift ? *options_.classic_shift : anywhere();
    if (first_broker) {
      const auto at = std::ranges::lower_bound(placement.brokers, *first_broker);
      placement.start = placement.shift =
          at == placement.brokers.end() ? 0 : static_cast<uint32_t>(at - placement.brokers.begin());
    }
    auto placed = place_classically(placement, count);
    if (!placed) return fail(ErrorCode::invalid_replication_factor, placed.error());
    return std::move(*placed);
  }

  Result<void> alter() {
    const auto names = matching_topics(session_, options_);
    if (!names) return fail(names.error());
    if (names->empty()) return options_.if_exists ? Result<void>() : missing();
    const auto described = describe_topics(session_, *names, options_.partitions_per_response_max);
    if (!described) return fail(described.error());
    wire::CreatePartitionsRequest request;
    request.timeout_ms = operation_timeout_ms;
    for (const TopicDescription& topic : *described) {
      auto& wanted = request.topics.emplace_back();
      wanted.name = topic.name;
      wanted.count = options_.partitions.value_or(static_cast<int32_t>(options_.replica_assignment.size()));
      wanted.assignments.reset();  // null: the controller places the replicas
      auto placed = replicas_of_new_partitions(topic);
      if (!placed) return fail(std::move(placed.error()));
      if (placed->empty() && options_.replica_assignment.empty()) continue;
      wanted.assignments.emplace();
      for (auto& brokers : *placed) wanted.assignments->push_back({std::move(brokers)});
    }
    auto response = session_.ask_controller<wire::CreatePartitionsResponse>(std::move(request));
    if (!response) return fail(std::move(response.error()));
    for (const auto& result : response->results) {
      if (result.error_code != ErrorCode::none)
        return fail(result.error_code, result.error_message.value_or(""));
    }
    if (as_json())
      document("alter", names_json(*names));
    else if (is_old())
      streams_.out << "WARNING: If partitions are increased for a topic that has a key, the partition logic "
                      "or ordering of the messages will be affected\n"
                      "Adding partitions succeeded!\n";
    return {};
  }

  Result<void> remove() {
    const auto names = matching_topics(session_, options_);
    if (!names) return fail(names.error());
    if (names->empty()) return options_.if_exists ? Result<void>() : missing();
    wire::DeleteTopicsRequest request;
    request.timeout_ms = operation_timeout_ms;
    for (const std::string& name : *names) request.topics.push_back({.name = name});
    // Names alone: versions that know ids are for those who have one.
    auto response = session_.ask_controller<wire::DeleteTopicsResponse>(std::move(request));
    if (!response) return fail(std::move(response.error()));
    for (const auto& result : response->responses) {
      if (result.error_code != ErrorCode::none)
        return fail(result.error_code, result.error_message.value_or(""));
    }
    if (as_json()) return document("delete", names_json(*names)), Result<void>();
    for (const std::string& name : is_old() ? *names : std::vector<std::string>())
      streams_.out << fmt::format(
          "Topic {} is marked for deletion.\nNote: This will have no impact if delete.topic.enable is not "
          "set to true.\n",
          name);
    return {};
  }

  static ordered_json names_json(const std::vector<std::string>& names) {
    ordered_json items = ordered_json::array();
    for (const std::string& name : names) items.push_back({{"topic", name}});
    return items;
  }

  Result<void> describe() {
    const auto names = matching_topics(session_, options_);
    if (!names) return fail(names.error());
    if (names->empty() && (options_.topic || options_.topic_id))
      return options_.if_exists ? Result<void>() : missing();
    auto described = describe_topics(session_, *names, options_.partitions_per_response_max);
    if (!described) return fail(described.error());
    if (auto filled = describe_configs(session_, *described, is_old()); !filled) return filled;
    if (auto moves = is_old() ? Result<void>() : describe_moves(session_, *described); !moves) {
      streams_.err << "WARN Reassignments are not known: " << java_message(moves.error()) << '\n';
    }
    if (options_.only_with_overrides)
      std::erase_if(*described, [](const auto& topic) { return topic.configs.empty(); });
    if (as_json()) return document("describe", describe_json(*described)), Result<void>();
    for (const TopicDescription& topic : *described) is_old() ? print_old(topic) : print(topic);
    return {};
  }

  bool is_reported(const TopicDescription& topic, const TopicDescription::Partition& p) const {
    const Reports& wanted = options_.reports;
    if (!wanted.any()) return true;
    const auto isr = static_cast<int32_t>(p.isr.size());
    const bool has_leader = p.leader >= 0 && p.leader_is_alive;
    return (wanted.under_replicated && p.isr.size() < p.replication_factor()) ||
           (wanted.unavailable && !has_leader) ||
           (wanted.under_min_isr && (p.leader < 0 || isr < topic.min_insync_replicas)) ||
           (wanted.at_min_isr && isr == topic.min_insync_replicas);
  }

  void print(const TopicDescription& topic) {
    if (!options_.reports.any()) {
      std::vector<std::string> configs;
      for (const auto& [key, value] : topic.configs) configs.push_back(key + "=" + value);
      streams_.out << "Topic: " << topic.name;
      if (!topic.id.is_zero()) streams_.out << "\tTopicId: " << topic.id.text();
      streams_.out << "\tPartitionCount: " << topic.partitions.size() << "\tReplicationFactor: "
                   << (topic.partitions.empty() ? 0 : topic.partitions.front().replication_factor())
                   << "\tConfigs: " << term::join(configs, ",") << '\n';
    }
    if (options_.only_with_overrides) return;
    for (const auto& p : topic.partitions) {
      if (!is_reported(topic, p)) continue;
      streams_.out << "\tTopic: " << topic.name << "\tPartition: " << p.index
                   << "\tLeader: " << (p.leader < 0 ? "none" : std::to_string(p.leader))
                   << "\tReplicas: " << joined(p.replicas) << "\tIsr: " << joined(p.isr);
      if (p.move)
        streams_.out << "\tAdding Replicas: " << joined(p.move->adding)
                     << "\tRemoving Replicas: " << joined(p.move->removing);
      streams_.out << "\tElr: " << (p.elr ? joined(*p.elr) : "N/A")
                   << "\tLastKnownElr: " << (p.last_known_elr ? joined(*p.last_known_elr) : "N/A") << '\n';
    }
  }

  /// As before Kafka 2.4: no blank behind the header's colons, and no ids.
  void print_old(const TopicDescription& topic) {
    if (!options_.reports.any()) {
      std::vector<std::string> configs;
      for (const auto& [key, value] : topic.configs) configs.push_back(key + "=" + value);
      streams_.out << fmt::format("Topic:{}\tPartitionCount:{}\tReplicationFactor:{}\tConfigs:{}\n",
                                  topic.name, topic.partitions.size(),
                                  topic.partitions.empty() ? 0 : topic.partitions.front().replicas.size(),
                                  term::join(configs, ","));
    }
    if (options_.only_with_overrides) return;
    for (const auto& p : topic.partitions) {
      if (is_reported(topic, p))
        streams_.out << fmt::format("\tTopic: {}\tPartition: {}\tLeader: {}\tReplicas: {}\tIsr: {}\n",
                                    topic.name, p.index, p.leader, joined(p.replicas), joined(p.isr));
    }
  }

  ordered_json describe_json(const std::vector<TopicDescription>& topics) const {
    ordered_json items = ordered_json::array();
    for (const TopicDescription& topic : topics) {
      ordered_json configs = ordered_json::object();
      for (const auto& [key, value] : topic.configs) configs[key] = value;
      ordered_json partitions = ordered_json::array();
      for (const auto& p : topic.partitions) {
        if (!is_reported(topic, p)) continue;
        partitions.push_back(
            {{"partition", p.index},
             {"leader", p.leader < 0 ? ordered_json(nullptr) : ordered_json(p.leader)},
             {"replicas", p.replicas},
             {"isr", p.isr},
             {"elr", p.elr ? ordered_json(*p.elr) : ordered_json(nullptr)},
             {"last_known_elr", p.last_known_elr ? ordered_json(*p.last_known_elr) : ordered_json(nullptr)}});
        if (!p.move) continue;
        partitions.back()["adding_replicas"] = p.move->adding;
        partitions.back()["removing_replicas"] = p.move->removing;
      }
      items.push_back({{"topic", topic.name},
                       {"topic_id", topic.id.text()},
                       {"internal", topic.is_internal},
                       {"replication_factor",
                        topic.partitions.empty() ? 0 : topic.partitions.front().replication_factor()},
                       {"configs", configs},
                       {"partitions", partitions}});
    }
    return items;
  }

  const Options& options_;
  Session& session_;
  Rng& rng_;
  Streams& streams_;
};

}  // namespace

const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  for (const std::string& notice : options.notices_on_out) streams.out << notice << '\n';
  for (const std::string& notice : options.notices_on_err) streams.err << notice << '\n';
  const FailureStyle style{options.setting, "topics", failure_prefix, FailureStyle::Script::message_on_out};
  auto session = Session::open(options.connection, environment, "kt-topics");
  if (!session) return report_failure(session.error(), style, streams);
  const auto done = Tool(options, **session, environment.rng, streams).carry_out();
  return done ? Exit::done : report_failure(done.error(), style, streams);
}

}  // namespace kt::cli::topics
