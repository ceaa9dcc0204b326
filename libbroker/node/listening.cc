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

/// What a ZooKeeper client says first, its ConnectRequest: int32 protocol version 0, int64 last zxid, int32
/// timeout, int64 session, a password of 16 bytes behind their int32 count, and since 3.4 a bool. No
/// controller is asked that in Kafka's protocol, where it would be a Produce of version 0.
bool begins_zookeeper_session(const Slice& frame) {
  constexpr size_t bytes = 44, password_count_at = 24;
  if (frame.size() != bytes && frame.size() != bytes + 1) return false;
  const auto int32_at = [&](size_t at) {
    uint32_t value = 0;
    for (size_t i = at; i < at + sizeof value; ++i)
      value = value << 8 | std::to_integer<uint32_t>(frame.bytes[i]);
    return value;
  };
  return int32_at(0) == 0 && int32_at(password_count_at) == 16;
}

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

std::string Node::Listening::answer_to_word(std::string_view four_bytes) {
  const auto& answer = node_.options_.answer_to_word;
  return info_.is_controller && answer ? answer(four_bytes) : "";
}

void Node::Listening::tell_of_zookeeper_client(const kt::Endpoint& peer) {
  constexpr int64_t told_again_after_ms = 60'000;  // they come back every second
  const int64_t now_ms = node_.seams_.clock.monotonic_ms();
  int64_t told_ms = told_ms_.load();
  if (told_ms != INT64_MIN && now_ms - told_ms < told_again_after_ms) return;
  if (!told_ms_.compare_exchange_strong(told_ms, now_ms)) return;
  log_warn(
      component,
      "a ZooKeeper client at {} was turned away: in ZooKeeper's place there is a controller, which speaks "
      "Kafka's protocol and holds no nodes",
      peer.text());
}

void Node::Listening::on_request(net::ServerConnection& from, Slice frame, net::Reply reply) {
  LoopState& state = node_.state_of(from.loop());
  if (info_.name == metadata::zookeeper_listener && begins_zookeeper_session(frame))
    return tell_of_zookeeper_client(from.peer());  // an answer that is dropped ends the connection
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
