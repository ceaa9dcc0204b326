// DescribeAcls, CreateAcls, DeleteAcls, keys 29 to 31: without an authorizer there are no ACLs (semantics
// S1).
#include "libbroker/api/handlers.h"
#include "libbroker/wire/29_describe_acls.h"
#include "libbroker/wire/30_create_acls.h"
#include "libbroker/wire/31_delete_acls.h"

namespace kt::api {
namespace {

/// Why no ACL can be told or changed: the asker may not, or there are none. The authorizer comes first, as in
/// Kafka.
Error refusal(const RequestContext& ctx, Operation operation) {
  if (!ctx.allowed_on_cluster(operation)) {
    return {ErrorCode::cluster_authorization_failed,
            std::string(text_of(ErrorCode::cluster_authorization_failed))};
  }
  return {ErrorCode::security_disabled, "No Authorizer is configured on the broker"};
}

}  // namespace

void handle_describe_acls(RequestContext& ctx, const Slice& body, net::Reply reply) {
  wire::decode<wire::DescribeAclsRequest>(body, ctx.version());
  const Error refused = refusal(ctx, Operation::describe);
  wire::DescribeAclsResponse response;
  response.error_code = refused.code;
  response.error_message = refused.message;
  answer(ctx, std::move(reply), response);
}

void handle_create_acls(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::CreateAclsRequest>(body, ctx.version());
  const Error refused = refusal(ctx, Operation::alter);
  wire::CreateAclsResponse response;
  response.results.resize(request.creations.size(), {refused.code, refused.message});
  answer(ctx, std::move(reply), response);
}

void handle_delete_acls(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::DeleteAclsRequest>(body, ctx.version());
  const Error refused = refusal(ctx, Operation::alter);
  wire::DeleteAclsResponse response;
  response.filter_results.resize(request.filters.size(), {refused.code, refused.message, {}});
  answer(ctx, std::move(reply), response);
}

}  // namespace kt::api
