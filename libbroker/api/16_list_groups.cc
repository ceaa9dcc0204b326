// ListGroups, key 16: the groups that this broker coordinates (semantics G27).
#include "libbroker/api/broker.h"
#include "libbroker/api/groups.h"
#include "libbroker/api/handlers.h"
#include <algorithm>
#include <cctype>

#include "libbroker/wire/16_list_groups.h"

namespace kt::api {
namespace {

bool same_word(const std::string& a, const std::string& b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool is_wanted(const std::vector<std::string>& filter, const std::string& word) {
  return filter.empty() || std::ranges::any_of(filter, [&](const std::string& wanted) { return same_word(wanted, word); });
}

}  // namespace

void handle_list_groups(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::ListGroupsRequest>(body, ctx.version());
  const bool sees_all = ctx.allowed_on_cluster(Operation::describe);
  Groups::Listed listed = ctx.broker.groups().list();
  wire::ListGroupsResponse response;
  response.error_code = listed.error_code;
  for (auto& group : listed.groups) {
    if (!is_wanted(request.states_filter, group.group_state) || !is_wanted(request.types_filter, group.group_type)) continue;
    if (!sees_all && !ctx.allowed(Operation::describe, ResourceType::group, group.group_id)) continue;
    response.groups.push_back(std::move(group));
  }
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
