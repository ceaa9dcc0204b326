#pragma once
#include <utility>

#include "libbroker/api/context.h"
#include "libbroker/api/controller_client.h"
#include "libbroker/base/logger.h"
#include "libbroker/net/reply.h"
#include "libbroker/wire/decoder.h"

namespace kt::api {

/// Answers one request: decodes `body`, asks a room or a log, encodes. Throws wire::DecodeError for a body
/// that is none. Plain functions, one per API, in files numbered by its key.
using Handler = void (*)(RequestContext&, const Slice& body, net::Reply);

/// The handler of an API that has a room here, or nullptr.
Handler find_handler(wire::ApiKey key);

/// A reply that remembers how its request has to be answered, for answers that come later.
template <wire::Message M>
class Answer {
 public:
  Answer(const RequestContext& ctx, net::Reply reply)
      : reply_(std::move(reply)),
        correlation_id_(ctx.header.correlation_id),
        version_(ctx.header.api_version) {}
  /// A message that cannot be said in the asker's version is our mistake, and costs its connection only: the
  /// caller may be a task of the loop, above which nobody catches.
  void operator()(const M& message) {
    try {
      reply_(wire::encode_response(correlation_id_, message, version_));
    } catch (const wire::EncodeError& mistake) {
      log_error("kt.api", "{} v{} cannot be answered: {}", M::type_name, version_, mistake.what());
      const net::Reply dropped = std::move(reply_);  // the connection ends
    }
  }
  /// The asker has used up its share: what it is told in the answer holds for its connection, which is not
  /// read from for so long (KIP-219). Before the answer; 0 does nothing.
  void throttle(int32_t throttle_time_ms) {
    if (throttle_time_ms > 0) reply_.mute(throttle_time_ms);
  }
  /// The sender expects no response (Produce with acks=0).
  void without_answer() { reply_.without_answer(); }

 private:
  net::Reply reply_;
  int32_t correlation_id_;
  int16_t version_;
};

/// Asks the controller for the asker of this request, in its version; `then` runs on the connection's loop.
template <class Request, class Answered>
void ask_controller(const RequestContext& ctx, Request request, Answered then) {
  ctx.controller.ask_for(ctx.asker(), ctx.loop, std::move(request), ctx.version(), std::move(then));
}

/// Asks the controller for who may do `operation` to the cluster. `refusal` makes an answer of a code and a
/// sentence, for who may not and for what went wrong on the way to the controller.
template <class Request, class Refusal>
void ask_controller_about_cluster(RequestContext& ctx, net::Reply reply, Operation operation, Request request,
                                  Refusal refusal) {
  using Response = ControllerAnswer<Request>;
  Answer<Response> answer(ctx, std::move(reply));
  const auto refused = [refusal = std::move(refusal)](const Error& why) {
    return refusal(why.code, why.message.empty() ? std::string(text_of(why.code)) : why.message);
  };
  if (!ctx.allowed_on_cluster(operation)) return answer(refused({ErrorCode::cluster_authorization_failed}));
  ask_controller(ctx, std::move(request),
                 [answer = std::move(answer), refused](Result<Response> done) mutable {
                   answer(done ? *done : refused(done.error()));
                 });
}

template <wire::Message M>
void answer(const RequestContext& ctx, net::Reply reply, const M& message) {
  Answer<M>(ctx, std::move(reply))(message);
}

}  // namespace kt::api
