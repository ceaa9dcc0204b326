// DescribeAcls, CreateAcls, DeleteAcls, keys 29 to 31: without an authorizer there are no ACLs (semantics S1).
#include "libbroker/api/handlers.h"
#include "libbroker/wire/29_describe_acls.h"
#include "libbroker/wire/30_create_acls.h"
#include "libbroker/wire/31_delete_acls.h"

namespace kt::api {
namespace {

constexpr const char* no_authorizer = "No Authorizer is configured on the broker";

}  // namespace

void handle_describe_acls(RequestContext& ctx, const Slice& body, net::Reply reply) {
  wire::decode<wire::DescribeAclsRequest>(body, ctx.version());
  wire::DescribeAclsResponse response;
  response.error_code = ErrorCode::security_disabled;
  response.error_message = no_authorizer;
  answer(ctx, std::move(reply), response);
}

void handle_create_acls(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::CreateAclsRequest>(body, ctx.version());
  wire::CreateAclsResponse response;
  response.results.resize(request.creations.size(), {ErrorCode::security_disabled, no_authorizer});
  answer(ctx, std::move(reply), response);
}

void handle_delete_acls(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::DeleteAclsRequest>(body, ctx.version());
  wire::DeleteAclsResponse response;
  response.filter_results.resize(request.filters.size(), {ErrorCode::security_disabled, no_authorizer, {}});
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
