// DescribeGroups, key 15: state and members of groups (semantics G27).
#include "libbroker/wire/15_describe_groups.h"

#include <memory>
#include <set>
#include <string>

#include "libbroker/api/broker.h"
#include "libbroker/api/gather.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"

namespace kt::api {
namespace {

/// A group is described once: one of many members, named again and again, makes an answer of gigabytes.
std::vector<std::string> distinct(std::vector<std::string> ids) {
  std::set<std::string> seen;
  std::erase_if(ids, [&](const std::string& id) { return !seen.insert(id).second; });
  return ids;
}

}  // namespace

void handle_describe_groups(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::DescribeGroupsRequest>(body, ctx.version());
  const std::vector<std::string> ids = distinct(std::move(request.groups));
  using Described = wire::DescribeGroupsResponse::DescribedGroup;
  auto gather = gather_answers<Described>(
      ids.size(), [answer = Answer<wire::DescribeGroupsResponse>(ctx, std::move(reply))](
                      std::vector<Described> groups) mutable {
        wire::DescribeGroupsResponse response;
        response.groups = std::move(groups);
        answer(response);
      });
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::string& id = ids[i];
    if (!ctx.allowed(Operation::describe, ResourceType::group, id)) {
      gather(i, {.error_code = ErrorCode::group_authorization_failed, .group_id = id});
      continue;
    }
    const int32_t operations =
        request.include_authorized_operations ? ctx.authorized_operations(ResourceType::group, id) : INT32_MIN;
    ctx.broker.groups().describe(ctx.loop, id, ctx.version(), [gather, i, operations](Described described) mutable {
      if (described.error_code == ErrorCode::none) described.authorized_operations = operations;
      gather(i, std::move(described));
    });
  }
}

}  // namespace kt::api
