// DescribeGroups, key 15: state and members of groups (semantics G27).
#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include <memory>

#include "libbroker/api/gather.h"
#include "libbroker/wire/15_describe_groups.h"

namespace kt::api {

void handle_describe_groups(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::DescribeGroupsRequest>(body, ctx.version());
  using Described = wire::DescribeGroupsResponse::DescribedGroup;
  auto gather = gather_answers<Described>(request.groups.size(), [answer = Answer<wire::DescribeGroupsResponse>(ctx, std::move(reply))](
                                                                     std::vector<Described> groups) mutable {
    wire::DescribeGroupsResponse response;
    response.groups = std::move(groups);
    answer(response);
  });
  for (size_t i = 0; i < request.groups.size(); ++i) {
    const std::string& id = request.groups[i];
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
