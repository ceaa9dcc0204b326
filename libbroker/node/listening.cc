#include "libbroker/node/listening.h"

#include "libbroker/api/dispatch.h"
#include "libbroker/base/logger.h"
#include "libbroker/metadata/config_def.h"
#include "libbroker/wire/63_broker_heartbeat.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.Listener";

std::vector<Loop*> loops_of(const Seams& seams) { return seams.data; }

/// What the file, whose values have been checked, says of a key; none when it does not.
std::optional<int64_t> number_in(const metadata::ConfigMap& properties, std::string_view key) {
  const auto found = properties.find(key);
  if (found == properties.end()) return std::nullopt;
  return std::get<int64_t>(*metadata::parse_config(*metadata::broker_configs().find(key), found->second));
}

/// What is known of a connection; kept only where metrics are, or other nodes come.
struct Known final : net::ConnectionState {
  struct Request {
    int16_t key, version;
    int64_t begun_ns;
  };
  net::Fifo<Request> unanswered;          // in order; for metrics
  std::optional<int32_t> broker_id = {};  // whose heartbeats come on it
};

/// The broker whose heartbeat this is; none when it is something else.
std::optional<int32_t> broker_that_beats(const wire::RequestHeader& fixed, const Slice& frame) {
  using Heartbeat = wire::BrokerHeartbeatRequest;
  const wire::Api* api = wire::find_api(fixed.api_key);
  if (fixed.api_key != Heartbeat::api_key || !api || !api->has(fixed.api_version)) return std::nullopt;
  const auto header = wire::decode_request_header(frame, *api);
  return wire::decode<Heartbeat>(frame.sub(header.bytes), header.api_version).broker_id;
}

}  // namespace

net::ServerOptions Node::Listening::options_of(const Options& of, Clock& clock) {
  net::ServerOptions options{.clock = &clock};
  options.limits.frame_bytes_max = static_cast<uint32_t>(of.config.socket_request_bytes_max);
  options.limits.idle_ms_max = of.config.connections_idle_ms_max;
  // Kafka's defaults of these are no limits; where the file does not say, kt has limits of its own.
  if (const auto said = number_in(of.properties, "max.connections"))
    options.connections_max = static_cast<size_t>(*said);
  if (const auto said = number_in(of.properties, "max.connections.per.ip"))
    options.connections_per_host_max = static_cast<size_t>(*said);
  if (const auto said = number_in(of.properties, "max.connection.creation.rate"))
    options.connections_per_second_max = static_cast<int32_t>(*said);
  return options;
}

Node::Listening::Listening(Node& node, metadata::Endpoint at, bool is_controller)
    : node_(node),
      at_(std::move(at)),
      info_{at_.listener, is_controller},
      server_(loops_of(node.seams_), node.request_budget_, *this,
              options_of(node.options_, node.seams_.clock)) {}

Result<void> Node::Listening::open() {
  auto bound = server_.listen(node_.seams_.net, {at_.host, at_.port});
  if (!bound) return fail(std::move(bound.error()));
  bound_ = *bound;
  return {};
}

void Node::Listening::on_opened(net::ServerConnection& connection) {
  if (info_.is_controller || node_.state_of(connection.loop()).requests)
    connection.state = std::make_unique<Known>();
}

void Node::Listening::on_request(net::ServerConnection& from, Slice frame, net::Reply reply) {
  LoopState& state = node_.state_of(from.loop());
  if (from.state) {
    const wire::RequestHeader header = wire::decode_fixed_header(frame);
    Known& known = static_cast<Known&>(*from.state);
    if (state.requests)
      known.unanswered.push({header.api_key, header.api_version, node_.seams_.clock.monotonic_ns()});
    if (info_.is_controller && !known.broker_id) known.broker_id = broker_that_beats(header, frame);
  }
  if (!state.is_serving && !info_.is_controller) {
    return state.held.push_back({this, from.local(), from.peer(), std::move(frame), std::move(reply)});
  }
  api::dispatch({node_, from.loop(), state.image.latest(), info_, from.local(), from.peer()}, frame,
                std::move(reply));
}

void Node::Listening::answer_held(HeldRequest request, LoopState& state) {
  try {
    api::dispatch({node_, *state.loop, state.image.latest(), info_, request.local, request.peer},
                  request.frame, std::move(request.reply));
  } catch (const std::exception& error) {  // a broken peer; its reply is dropped, so its connection ends
    log_debug(component, "{}: connection of {}: {}", info_.name, request.peer.text(), error.what());
  }
}

void Node::Listening::on_answered(net::ServerConnection& connection) {
  RequestMetrics* const metrics = node_.state_of(connection.loop()).requests.get();
  if (!metrics) return;
  const Known::Request request = static_cast<Known&>(*connection.state).unanswered.pop();
  metrics->answered(request.key, request.version, node_.seams_.clock.monotonic_ns() - request.begun_ns);
}

void Node::Listening::on_closed(net::ServerConnection& connection, std::string_view reason) {
  log_debug(component, "{}: connection of {} ended: {}", info_.name, connection.peer().text(), reason);
  const auto* known = static_cast<const Known*>(connection.state.get());
  if (!known || !known->broker_id) return;
  node_.seams_.control.post([&node = node_, alive = std::weak_ptr(node_.alive_), id = *known->broker_id] {
    if (alive.lock()) node.probe_->connection_ended(id);
  });
}

}  // namespace kt::node
