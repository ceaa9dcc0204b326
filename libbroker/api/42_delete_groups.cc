// DeleteGroups, key 42: deletes empty groups (semantics G26).
#include "libbroker/wire/42_delete_groups.h"

#include <set>

#include "libbroker/api/broker.h"
#include "libbroker/api/gather.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"

namespace kt::api {

void handle_delete_groups(RequestContext& ctx, const Slice& body, net::Reply reply) {
  auto request = wire::decode<wire::DeleteGroupsRequest>(body, ctx.version());
  std::set<std::string> named;  // a name that is given twice is meant once
  std::erase_if(request.groups_names, [&](const std::string& id) { return !named.insert(id).second; });
  using Deleted = wire::DeleteGroupsResponse::DeletableGroupResult;
  auto gather = gather_answers<Deleted>(request.groups_names.size(), [answer = Answer<wire::DeleteGroupsResponse>(ctx, std::move(reply))](
                                                                         std::vector<Deleted> results) mutable {
    wire::DeleteGroupsResponse response;
    response.results = std::move(results);
    answer(response);
  });
  for (size_t i = 0; i < request.groups_names.size(); ++i) {
    const std::string& id = request.groups_names[i];
    if (!ctx.allowed(Operation::remove, ResourceType::group, id)) {
      gather(i, {.group_id = id, .error_code = ErrorCode::group_authorization_failed});
      continue;
    }
    ctx.broker.groups().remove(ctx.loop, id, [gather, i, id](ErrorCode code) mutable { gather(i, {.group_id = id, .error_code = code}); });
  }
}

}  // namespace kt::api
