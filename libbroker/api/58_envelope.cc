// Envelope, key 58: a client's request, brought to the controller by the broker that got it (KIP-590).
#include "libbroker/wire/58_envelope.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <array>

#include "libbroker/api/broker.h"
#include "libbroker/api/handlers.h"
#include "libbroker/base/gather.h"
#include "libbroker/wire/principal.h"

namespace kt::api {
namespace {

using Response = wire::EnvelopeResponse;

bool is_forwardable(wire::ApiKey key) {
  using enum wire::ApiKey;
  switch (key) {
    case create_topics:
    case delete_topics:
    case create_partitions:
    case alter_configs:
    case incremental_alter_configs:
    case update_features:
    case unregister_broker:
    case elect_leaders:
    case alter_partition_reassignments:
    case list_partition_reassignments:
    case describe_quorum:
      return true;
    default:
      return false;
  }
}

/// "User:alice"; none for bytes that are no principal. They begin with their version.
std::optional<std::string> principal_of(const Slice& bytes) {
  try {
    wire::Decoder decoder(bytes, 0, true);
    int16_t version = -1;
    decoder.value(version);
    if (version != 0) return std::nullopt;
    wire::DefaultPrincipalData data;
    decoder.value(data);
    return data.type + ":" + data.name;
  } catch (const wire::DecodeError&) {
    return std::nullopt;
  }
}

/// An address of 4 or 16 bytes as text; none for others.
std::optional<std::string> host_of(const Slice& address) {
  constexpr size_t ipv4_bytes = 4, ipv6_bytes = 16;
  if (address.size() != ipv4_bytes && address.size() != ipv6_bytes) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text;
  ::inet_ntop(address.size() == ipv4_bytes ? AF_INET : AF_INET6, address.data(), text.data(), text.size());
  return text.data();
}

/// Notices when this node's controller turned out not to be the active one: then the whole envelope is to be
/// sent to another.
class Noticing final : public ControllerClient, public std::enable_shared_from_this<Noticing> {
 public:
  explicit Noticing(ControllerClient& controller) : controller_(controller) {}

  void submit(Loop& loop, ControllerRequest request, int16_t version, std::optional<Asker> asker,
              Then then) override {
    controller_.submit(
        loop, std::move(request), version, std::move(asker),
        [self = shared_from_this(), then = std::move(then)](Result<ControllerReply> reply) mutable {
          if (!reply && reply.error().code == ErrorCode::not_controller) self->was_other_ = true;
          then(std::move(reply));
        });
  }
  bool was_other() const { return was_other_; }

 private:
  ControllerClient& controller_;
  bool was_other_ = false;
};

}  // namespace

void handle_envelope(RequestContext& ctx, const Slice& body, net::Reply reply) {
  const auto request = wire::decode<wire::EnvelopeRequest>(body, ctx.version());
  Answer<Response> answer(ctx, std::move(reply));
  const auto refuse = [&](ErrorCode code) { answer({.response_data = {}, .error_code = code}); };
  if (!ctx.allowed_on_cluster(Operation::cluster_action))
    return refuse(ErrorCode::cluster_authorization_failed);
  auto principal = principal_of(request.request_principal);
  if (!principal) return refuse(ErrorCode::principal_deserialization_failure);
  auto host = host_of(request.client_host_address);
  if (!host) return refuse(ErrorCode::invalid_request);

  const wire::RequestHeader fixed = wire::decode_fixed_header(request.request_data);
  const wire::Api* api = wire::find_api(fixed.api_key);
  if (!api || !is_forwardable(api->key)) return refuse(ErrorCode::invalid_request);
  if (!api->has(fixed.api_version)) return refuse(ErrorCode::unsupported_version);
  auto controller = std::make_shared<Noticing>(ctx.controller);
  RequestContext inner{wire::decode_request_header(request.request_data, *api),
                       *api,
                       ctx.broker,
                       ctx.loop,
                       ctx.image,
                       ctx.listener,
                       ctx.local,
                       {std::move(*host), 0},
                       *controller,
                       std::move(*principal)};
  auto outcome = [answer = std::move(answer), controller](std::optional<std::vector<Piece>> bytes) mutable {
    Response response;
    if (controller->was_other())
      response.error_code = ErrorCode::not_controller;
    else if (auto data = bytes ? gather(*bytes) : Result<Slice>(Slice()))
      response.response_data = std::move(*data);
    else
      response.error_code = data.error().code;
    answer(response);
  };
  find_handler(api->key)(inner, request.request_data.sub(inner.header.bytes),
                         net::Reply::to(std::move(outcome)));
}

}  // namespace kt::api
