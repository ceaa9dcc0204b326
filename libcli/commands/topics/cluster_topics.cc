#include "libcli/commands/topics/cluster_topics.h"

#include <algorithm>

#include "libbroker/base/java_hash.h"
#include "libbroker/base/java_hash_order.h"
#include "libbroker/wire/32_describe_configs.h"
#include "libbroker/wire/46_list_partition_reassignments.h"
#include "libbroker/wire/75_describe_topic_partitions.h"
#include "libcli/commands/framework/topic_filter.h"

namespace kt::cli::topics {
namespace {

constexpr int8_t topic_resource = 2, topic_source = 1, default_source = 5;
constexpr int32_t moves_timeout_ms = 5'000;  // what a broker waits for a controller
using Page = wire::DescribeTopicPartitionsResponse;

Result<std::vector<TopicDescription>> describe_from_metadata(Session& session,
                                                             const std::vector<std::string>& names) {
  const auto topology = session.topology(names);
  if (!topology) return fail(topology.error());
  std::vector<TopicDescription> described;
  for (const std::string& name : names) {
    const auto found = (*topology)->topics.find(name);
    if (found == (*topology)->topics.end()) continue;
    const auto& topic = found->second;
    if (topic.error_code != ErrorCode::none) return fail(topic.error_code);
    TopicDescription& one =
        described.emplace_back(TopicDescription{name, topic.topic_id, topic.is_internal, {}, {}, 1});
    for (const auto& p : topic.partitions) {
      one.partitions.push_back({p.partition_index,
                                p.leader_id,
                                (*topology)->brokers.contains(p.leader_id),
                                p.replica_nodes,
                                p.isr_nodes,
                                {},
                                {}});
    }
    std::ranges::sort(one.partitions, {}, &TopicDescription::Partition::index);
  }
  return described;
}

}  // namespace

Result<std::vector<std::string>> matching_topics(Session& session, const Options& options) {
  const auto topology = session.topology(std::nullopt);
  if (!topology) return fail(topology.error());
  std::optional<TopicFilter> filter;
  if (options.topic && !options.topic_id) {
    auto parsed = TopicFilter::parse(*options.topic);
    if (!parsed) return fail(parsed.error());
    filter = std::move(*parsed);
  }
  std::vector<std::string> names;
  for (const auto& [name, topic] : (*topology)->topics) {
    if (options.topic_id && topic.topic_id != *options.topic_id) continue;
    if (filter && !filter->matches(name)) continue;
    if (options.exclude_internal && topic.is_internal) continue;
    names.push_back(name);
  }
  return names;
}

Result<std::vector<TopicDescription>> describe_topics(Session& session, const std::vector<std::string>& names,
                                                      int32_t page_partitions) {
  std::vector<TopicDescription> described;
  if (names.empty()) return described;
  wire::DescribeTopicPartitionsRequest request;
  for (const std::string& name : names) request.topics.push_back({name});
  request.response_partition_limit = page_partitions;
  const auto topology = session.topology(std::vector<std::string>{});
  if (!topology) return fail(topology.error());
  for (;;) {
    auto page = session.ask<Page>(client::Target::any(), request);
    if (!page && page.error().code == ErrorCode::unsupported_version)
      return describe_from_metadata(session, names);
    if (!page) return fail(std::move(page.error()));
    for (auto& topic : page->topics) {
      if (topic.error_code != ErrorCode::none) return fail(topic.error_code);
      if (described.empty() || described.back().name != topic.name) {
        described.push_back({topic.name.value_or(""), topic.topic_id, topic.is_internal, {}, {}, 1});
      }
      for (auto& p : topic.partitions) {
        described.back().partitions.push_back(
            {p.partition_index, p.leader_id, (*topology)->brokers.contains(p.leader_id),
             std::move(p.replica_nodes), std::move(p.isr_nodes), std::move(p.eligible_leader_replicas),
             std::move(p.last_known_elr)});
      }
    }
    if (!page->next_cursor) return described;
    request.cursor = {page->next_cursor->topic_name, page->next_cursor->partition_index};
  }
}

size_t TopicDescription::Partition::replication_factor() const {
  const auto is_there = [this](int32_t id) { return std::ranges::find(replicas, id) != replicas.end(); };
  const bool moves =
      move && (std::ranges::any_of(move->adding, is_there) || std::ranges::any_of(move->removing, is_there));
  return moves ? move->replicas.size() - std::min(move->replicas.size(), move->adding.size())
               : replicas.size();
}

Result<void> describe_moves(Session& session, std::vector<TopicDescription>& topics) {
  if (topics.empty()) return {};
  wire::ListPartitionReassignmentsRequest request;
  request.timeout_ms = moves_timeout_ms;
  request.topics.emplace();
  for (const TopicDescription& topic : topics) {
    auto& asked = request.topics->emplace_back();
    asked.name = topic.name;
    for (const auto& p : topic.partitions) asked.partition_indexes.push_back(p.index);
  }
  const auto response = session.ask<wire::ListPartitionReassignmentsResponse>(
      client::Target::controller(), std::move(request), {.timeout_ms = moves_timeout_ms});
  const Error error =
      response ? Error{response->error_code, response->error_message.value_or("")} : response.error();
  if (error.code == ErrorCode::unsupported_version || error.code == ErrorCode::cluster_authorization_failed)
    return {};
  if (error.code != ErrorCode::none) return fail(error.code, error.message);
  for (const auto& moving : response->topics) {
    const auto topic = std::ranges::find(topics, moving.name, &TopicDescription::name);
    if (topic == topics.end()) continue;
    for (const auto& p : moving.partitions) {
      const auto at =
          std::ranges::find(topic->partitions, p.partition_index, &TopicDescription::Partition::index);
      if (at != topic->partitions.end()) at->move = {p.replicas, p.adding_replicas, p.removing_replicas};
    }
  }
  return {};
}

Result<void> describe_configs(Session& session, std::vector<TopicDescription>& topics, bool only_own) {
  if (topics.empty()) return {};
  wire::DescribeConfigsRequest request;
  for (const TopicDescription& topic : topics)
    request.resources.push_back({topic_resource, topic.name, std::nullopt});
  auto response = session.ask<wire::DescribeConfigsResponse>(client::Target::any(), std::move(request));
  if (!response) return fail(std::move(response.error()));
  for (const auto& result : response->results) {
    if (result.error_code != ErrorCode::none)
      return fail(result.error_code, result.error_message.value_or(""));
    const auto topic = std::ranges::find(topics, result.resource_name, &TopicDescription::name);
    if (topic == topics.end()) continue;
    JavaHashOrder<size_t> order;  // in which Kafka's tool shows them
    for (size_t i = 0; i < result.configs.size(); ++i) order.put(i, java_string_hash(result.configs[i].name));
    for (const size_t i : order.keys()) {
      const auto& config = result.configs[i];
      if (config.name == "min.insync.replicas")
        topic->min_insync_replicas = std::atoi(config.value.value_or("1").c_str());
      const bool is_wanted =
          only_own ? config.config_source == topic_source : config.config_source != default_source;
      if (is_wanted) topic->configs.emplace_back(config.name, config.value.value_or(""));
    }
  }
  return {};
}

}  // namespace kt::cli::topics
