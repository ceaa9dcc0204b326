// InitProducerId, key 22: an id for an idempotent producer (semantics I9).
#include "libbroker/wire/22_init_producer_id.h"

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"
#include "libbroker/base/logger.h"

namespace kt::api {

void handle_init_producer_id(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::InitProducerIdRequest>(body, ctx.version());
  Answer<wire::InitProducerIdResponse> answer(ctx, std::move(reply));
  const auto refuse = [&](ErrorCode code) {
    wire::InitProducerIdResponse response;
    response.error_code = code;
    response.producer_id = -1;
    response.producer_epoch = -1;
    answer(response);
  };
  if (request.transactional_id) {
    if (request.transactional_id->empty()) return refuse(ErrorCode::invalid_request);
    // Fatal to every client, at once, rather than a coordinator that never turns up.
    log_warn("kt.api", "transactional.id {} of client {} is refused: kt has no transaction coordinator yet",
             *request.transactional_id, ctx.header.client_id);
    return refuse(ErrorCode::transactional_id_authorization_failed);
  }
  const bool may_write = ctx.allowed_on_cluster(Operation::idempotent_write) ||
                         ctx.allowed_on_any(Operation::write, ResourceType::topic);  // KIP-679
  if (!may_write) return refuse(ErrorCode::cluster_authorization_failed);
  ctx.broker.next_producer_id(ctx.loop, [answer = std::move(answer)](Result<int64_t> id) mutable {
    wire::InitProducerIdResponse response;
    response.error_code = id ? ErrorCode::none : id.error().code;
    response.producer_id = id.value_or(-1);
    response.producer_epoch = id ? 0 : -1;
    answer(response);
  });
}

}  // namespace kt::api
