#include "libbroker/node/listening.h"

#include "libbroker/api/dispatch.h"
#include "libbroker/base/logger.h"
#include "libbroker/metadata/config_def.h"

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

/// What a connection has asked and was not answered yet, in order; kept only where metrics are.
struct Unanswered final : net::ConnectionState {
  struct Request {
    int16_t key, version;
    int64_t begun_ns;
  };
  net::Fifo<Request> requests;
};

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
  if (node_.state_of(connection.loop()).requests) connection.state = std::make_unique<Unanswered>();
}

void Node::Listening::on_request(net::ServerConnection& from, Slice frame, net::Reply reply) {
  LoopState& state = node_.state_of(from.loop());
  if (state.requests) {
    const wire::RequestHeader header = wire::decode_fixed_header(frame);
    static_cast<Unanswered&>(*from.state)
        .requests.push({header.api_key, header.api_version, node_.seams_.clock.monotonic_ns()});
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
  const Unanswered::Request request = static_cast<Unanswered&>(*connection.state).requests.pop();
  metrics->answered(request.key, request.version, node_.seams_.clock.monotonic_ns() - request.begun_ns);
}

void Node::Listening::on_closed(net::ServerConnection& connection, std::string_view reason) {
  log_debug(component, "{}: connection of {} ended: {}", info_.name, connection.peer().text(), reason);
}

}  // namespace kt::node
