// Metadata, key 3: brokers, topics, partitions and their leaders (semantics D1-D5, K11).
#include "libbroker/wire/03_metadata.h"

#include <algorithm>
#include <set>

#include "libbroker/api/broker.h"
#include "libbroker/api/cluster_view.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/topic_creation.h"

namespace kt::api {
namespace {

constexpr int16_t offline_brokers_since = 1, null_is_all_since = 1, auto_creation_field_since = 4,
                  by_id_since = 12;
using Request = wire::MetadataRequest;
using Response = wire::MetadataResponse;

/// Version 0 names brokers that can be reached alone, and says that some cannot [KRaftMetadataCache.
/// maybeFilterAliveReplicas].
void hide_offline(const RequestContext& ctx, Response::MetadataResponsePartition& described) {
  const auto is_offline = [&](int32_t id) { return !visible_broker(ctx, id); };
  const size_t hidden =
      std::erase_if(described.replica_nodes, is_offline) + std::erase_if(described.isr_nodes, is_offline);
  if (hidden > 0 && described.error_code == ErrorCode::none)
    described.error_code = ErrorCode::replica_not_available;
}

Response::MetadataResponsePartition describe(const RequestContext& ctx, int32_t index,
                                             const metadata::Partition& partition) {
  const VisibleLeader leader = visible_leader(ctx, partition);
  Response::MetadataResponsePartition described;
  described.error_code = leader.error;
  described.partition_index = index;
  described.leader_id = leader.id;
  described.leader_epoch = partition.leader_epoch;
  described.replica_nodes = partition.replicas;
  described.isr_nodes = partition.isr;
  described.offline_replicas = offline_replicas(*ctx.image, partition);
  if (ctx.version() < offline_brokers_since) hide_offline(ctx, described);
  return described;
}

Response::MetadataResponseTopic describe(const RequestContext& ctx, const metadata::Topic& topic,
                                         bool with_operations) {
  Response::MetadataResponseTopic described;
  described.name = topic.name;
  described.topic_id = topic.id;
  described.is_internal = metadata::is_internal_topic(topic.name);
  for (const auto& [index, partition] : topic.partitions)
    described.partitions.push_back(describe(ctx, index, *partition));
  if (with_operations)
    described.topic_authorized_operations = ctx.authorized_operations(ResourceType::topic, topic.name);
  return described;
}

class Describing {
 public:
  Describing(RequestContext& ctx, Request request) : ctx_(ctx), request_(std::move(request)) {}

  /// What the log says; names of topics that are missing and may be made go to `to_create`.
  Response run() {
    Response response;
    for (VisibleBroker& broker : visible_brokers(ctx_)) {
      response.brokers.push_back({broker.id, std::move(broker.host), broker.port, std::move(broker.rack)});
    }
    response.cluster_id = ctx_.broker.cluster_id();
    response.controller_id = shown_controller_id(ctx_);
    if (request_.include_cluster_authorized_operations) {
      response.cluster_authorized_operations = ctx_.authorized_cluster_operations();
    }
    if (asks_for_all()) {
      for (const auto& [id, topic] : ctx_.image->topics) {
        if (may_describe(topic->name))
          response.topics.push_back(describe(ctx_, *topic, request_.include_topic_authorized_operations));
      }
    } else {
      for (const auto& asked : *request_.topics) {
        if (seen_.emplace(asked.topic_id, asked.name.value_or("")).second)
          response.topics.push_back(find(asked));
      }
    }
    return response;
  }

  std::vector<std::string> to_create;

 private:
  bool asks_for_all() const {
    return !request_.topics || (ctx_.version() < null_is_all_since && request_.topics->empty());
  }
  bool may_describe(const std::string& name) const {
    return ctx_.allowed(Operation::describe, ResourceType::topic, name);
  }

  Response::MetadataResponseTopic find(const Request::MetadataRequestTopic& asked) {
    Response::MetadataResponseTopic answered;
    if (!asked.topic_id.is_zero()) {
      const metadata::Topic* topic = ctx_.image->topic(asked.topic_id);
      if (topic && may_describe(topic->name))
        return describe(ctx_, *topic, request_.include_topic_authorized_operations);
      answered.name.reset();
      answered.topic_id = asked.topic_id;
      answered.error_code = topic ? ErrorCode::topic_authorization_failed : ErrorCode::unknown_topic_id;
      return answered;
    }
    const std::string& name = *asked.name;
    answered.name = name;
    if (!may_describe(name)) {  // whether it exists stays hidden
      answered.error_code = ErrorCode::topic_authorization_failed;
    } else if (const metadata::Topic* topic = ctx_.image->topic(name)) {
      return describe(ctx_, *topic, request_.include_topic_authorized_operations);
    } else {
      answered.error_code = missing(name);
      answered.is_internal = metadata::is_internal_topic(name);
    }
    return answered;
  }

  ErrorCode missing(const std::string& name) {
    if (invalid_topic_name(name)) return ErrorCode::invalid_topic_exception;
    const bool wants_creation =
        ctx_.version() < auto_creation_field_since || request_.allow_auto_topic_creation;
    if (wants_creation && ctx_.broker.config().auto_create_topics) {
      if (!ctx_.allowed_on_cluster(Operation::create) &&
          !ctx_.allowed(Operation::create, ResourceType::topic, name)) {
        return ErrorCode::topic_authorization_failed;
      }
      to_create.push_back(name);
    }
    return ErrorCode::unknown_topic_or_partition;
  }

  RequestContext& ctx_;
  const Request request_;
  /// A topic is described once, as Kafka does: else one of many partitions, named again and again in a small
  /// request, makes an answer of gigabytes.
  std::set<std::pair<Uuid, std::string>> seen_;
};

/// Versions 10 and 11 have the fields for it, and no meaning for them yet.
bool is_by_id_too_early(const Request& request, int16_t version) {
  return version < by_id_since && request.topics &&
         std::ranges::any_of(
             *request.topics, [](const auto& topic) { return !topic.topic_id.is_zero() || !topic.name; });
}

Response refuse(const Request& request) {
  Response response;
  for (const auto& asked : *request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name.value_or("");
    topic.topic_id = asked.topic_id;
    topic.error_code = ErrorCode::invalid_request;
  }
  return response;
}

}  // namespace

void handle_metadata(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<Request>(body, ctx.version());
  if (is_by_id_too_early(request, ctx.version())) return answer(ctx, std::move(reply), refuse(request));
  if (request.topics) {
    for (const auto& topic : *request.topics) {
      if (topic.topic_id.is_zero() && !topic.name)
        throw wire::DecodeError("Metadata of neither a name nor an id");
    }
  }
  Describing describing(ctx, std::move(request));
  const Response response = describing.run();
  // Created meanwhile; the client asks again, as it would of Kafka (K11).
  for (const std::string& name : describing.to_create) create_missing_topic(ctx, name);
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
