// OffsetFetch, key 9: reads the committed positions of groups (semantics G23).
#include "libbroker/wire/09_offset_fetch.h"

#include <map>
#include <memory>
#include <set>

#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/topics.h"

namespace kt::api {
namespace {

constexpr int16_t group_errors_since = 2, many_groups_since = 8, topic_ids_since = 10;
using Request = wire::OffsetFetchRequest;
using Response = wire::OffsetFetchResponse;

/// Gathers the answers of several groups, kept in the order asked.
struct Gathering {
  Gathering(Answer<Response> answer_, size_t groups, int16_t version_)
      : answer(std::move(answer_)), missing(groups), version(version_) {
    response.groups.resize(groups);
  }
  Answer<Response> answer;
  Response response;
  size_t missing;
  int16_t version;

  void add(size_t index, Response::OffsetFetchResponseGroup group) {
    response.groups[index] = std::move(group);
    if (--missing == 0) finish();
  }
  // Before v8 there is one group, and its topics stand in the response itself.
  void finish() {
    if (version < many_groups_since) {
      auto& only = response.groups.front();
      response.error_code = only.error_code;
      for (auto& topic : only.topics) {
        auto& old = response.topics.emplace_back();
        old.name = std::move(topic.name);
        for (auto& p : topic.partitions) {
          old.partitions.push_back(
              {p.partition_index, p.committed_offset, p.committed_leader_epoch, p.metadata, p.error_code});
        }
      }
      response.groups.clear();
    }
    answer(response);
  }
};

std::vector<Request::OffsetFetchRequestGroup> groups_of(Request& request, int16_t version) {
  if (version >= many_groups_since) return std::move(request.groups);
  Request::OffsetFetchRequestGroup group;
  group.group_id = request.group_id;
  if (request.topics) {
    for (auto& topic : *request.topics) {
      group.topics->push_back({.name = topic.name, .partition_indexes = std::move(topic.partition_indexes)});
    }
  } else {
    group.topics.reset();
  }
  return {std::move(group)};
}

/// Leaves out what is asked for again: all positions of a group, or one with its metadata of 4 KB, named
/// again and again, make an answer of gigabytes.
void drop_repeated(std::vector<Request::OffsetFetchRequestGroup>& groups) {
  struct Asked {
    bool is_for_all = false;
    std::map<std::pair<std::string, Uuid>, std::set<int32_t>> partitions = {};
  };
  std::map<std::string, Asked> asked;
  std::erase_if(groups, [&](auto& group) {
    Asked& of_group = asked[group.group_id];
    if (!group.topics) return std::exchange(of_group.is_for_all, true);
    for (auto& topic : *group.topics) {
      auto& of_topic = of_group.partitions[{topic.name, topic.topic_id}];
      std::erase_if(topic.partition_indexes, [&](int32_t index) { return !of_topic.insert(index).second; });
    }
    return false;
  });
}

// v1 has no error of its own for the group: it stands at every partition that was named.
Response::OffsetFetchResponseGroup refusal(const Request::OffsetFetchRequestGroup& group, ErrorCode code,
                                           int16_t version) {
  Response::OffsetFetchResponseGroup response;
  response.group_id = group.group_id;
  if (version >= group_errors_since || !group.topics) {
    response.error_code = code;
    return response;
  }
  for (const auto& topic : *group.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    answered.topic_id = topic.topic_id;
    for (const int32_t partition : topic.partition_indexes)
      answered.partitions.push_back({partition, -1, -1, "", code});
  }
  return response;
}

// Topics that the asker may not see: left out when it asked for all, an error each when it named them.
void hide_topics(const TopicAccess& allowed, bool asked_for_all, Response::OffsetFetchResponseGroup& group) {
  if (asked_for_all) {
    std::erase_if(group.topics, [&](const auto& topic) { return !allowed(topic.name); });
    return;
  }
  for (auto& topic : group.topics) {
    if (allowed(topic.name)) continue;
    for (auto& p : topic.partitions)
      p = {p.partition_index, -1, -1, "", ErrorCode::topic_authorization_failed};
  }
}

}  // namespace

void handle_offset_fetch(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<Request>(body, ctx.version());
  Answer<Response> answer(ctx, std::move(reply));
  auto groups = groups_of(request, ctx.version());
  if (groups.empty()) return answer({});
  drop_repeated(groups);
  const auto gathering = std::make_shared<Gathering>(std::move(answer), groups.size(), ctx.version());
  const bool by_id = ctx.version() >= topic_ids_since;
  for (size_t i = 0; i < groups.size(); ++i) {
    auto& group = groups[i];
    if (!ctx.allowed(Operation::describe, ResourceType::group, group.group_id)) {
      gathering->add(i, refusal(group, ErrorCode::group_authorization_failed, ctx.version()));
      continue;
    }
    if (by_id && group.topics) {
      for (auto& topic : *group.topics) {
        if (const auto* known = ctx.image->topic(topic.topic_id)) topic.name = known->name;
      }
    }
    const bool asked_for_all = !group.topics;
    TopicAccess allowed = asked_for_all ? TopicAccess(ctx, Operation::describe)
                                        : TopicAccess(ctx, Operation::describe, *group.topics);
    Request::OffsetFetchRequestGroup named;  // where the coordinator's error is to stand
    if (ctx.version() < group_errors_since) named = group;
    ctx.broker.groups().fetch(
        ctx.loop, std::move(group),
        [gathering, i, asked_for_all, by_id, image = ctx.image, named = std::move(named),
         version = ctx.version(), allowed = std::move(allowed)](auto answered) mutable {
          if (version < group_errors_since && answered.error_code != ErrorCode::none)
            answered = refusal(named, answered.error_code, version);
          hide_topics(allowed, asked_for_all, answered);
          if (by_id) {
            for (auto& topic : answered.topics) {
              if (const auto* known = image->topic(topic.name))
                topic.topic_id = known->id;
              else
                for (auto& p : topic.partitions)
                  p = {p.partition_index, -1, -1, "", ErrorCode::unknown_topic_id};
            }
          }
          gathering->add(i, std::move(answered));
        });
  }
}

}  // namespace kt::api
