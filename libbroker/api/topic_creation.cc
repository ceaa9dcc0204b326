#include "libbroker/api/topic_creation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "libbroker/api/broker.h"
#include "libbroker/api/context.h"
#include "libbroker/api/controller_client.h"
#include "libbroker/base/logger.h"
#include "libbroker/metadata/image.h"

namespace kt::api {
namespace {

constexpr size_t name_chars_max = 249;
constexpr int16_t create_topics_version = 7;

/// Before Kafka 0.11 a topic of its own had as many replicas as there were brokers, where more were asked
/// for.
int16_t alive_brokers(const RequestContext& ctx) {
  return static_cast<int16_t>(
      std::ranges::count_if(ctx.image->brokers, [](const auto& broker) { return !broker.second->fenced; }));
}

using Configs = decltype(wire::CreateTopicsRequest::CreatableTopic::configs);

void create(const RequestContext& ctx, std::string_view name, int32_t partitions, int16_t replication_factor,
            Configs configs = {}) {
  wire::CreateTopicsRequest request;
  request.timeout_ms = ctx.broker.config().request_timeout_ms;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = replication_factor;
  topic.configs = std::move(configs);
  ctx.broker.create_once(std::string(name), std::move(request), create_topics_version, ctx.asker());
}

/// As transaction.state.log.* say: whoever coordinates transactions later goes by its partitions.
void create_transactions_topic(const RequestContext& ctx) {
  const metadata::BrokerConfig& config = ctx.broker.config();
  create(ctx, transactions_topic, config.transaction_topic_partitions,
         config.transaction_topic_replication_factor,
         {{"unclean.leader.election.enable", "false"},
          {"compression.type", "uncompressed"},
          {"cleanup.policy", "compact"},
          {"min.insync.replicas", std::to_string(config.transaction_topic_min_isr)},
          {"segment.bytes", std::to_string(config.transaction_topic_segment_bytes)}});
}

}  // namespace

std::optional<std::string> invalid_topic_name(std::string_view name) {
  if (name.empty()) return "Topic name is invalid: the empty string is not allowed";
  if (name == "." || name == "..") return fmt::format("Topic name is invalid: '{}' is not allowed", name);
  if (name.size() > name_chars_max) {
    return fmt::format("Topic name is invalid: the length of '{}' is longer than the max allowed length {}", name, name_chars_max);
  }
  const bool is_plain = std::ranges::all_of(name, [](unsigned char c) { return (c < 128 && std::isalnum(c)) || c == '.' || c == '_' || c == '-'; });
  if (is_plain) return std::nullopt;
  return fmt::format("Topic name is invalid: '{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'", name);
}

void create_missing_topic(const RequestContext& ctx, const std::string& name) {
  if (name == offsets_topic) return create_offsets_topic(ctx);
  if (name == transactions_topic) return create_transactions_topic(ctx);
  const metadata::BrokerConfig& config = ctx.broker.config();
  create(ctx, name, config.num_partitions, static_cast<int16_t>(config.default_replication_factor));
}

void create_offsets_topic(const RequestContext& ctx) {
  const metadata::BrokerConfig& config = ctx.broker.config();
  int16_t replication_factor = config.offsets_topic_replication_factor;
  if (config.zookeeper_connect) replication_factor = std::min(replication_factor, alive_brokers(ctx));
  create(ctx, offsets_topic, config.offsets_topic_partitions, replication_factor,
         {{"compression.type", "producer"},
          {"cleanup.policy", "compact"},
          {"segment.bytes", std::to_string(config.offsets_topic_segment_bytes)}});
}

}  // namespace kt::api
