#include "libbroker/node/listening.h"

#include "libbroker/api/dispatch.h"
#include "libbroker/base/logger.h"

namespace kt::node {
namespace {

std::vector<Loop*> loops_of(const Seams& seams) { return seams.data; }

}  // namespace

net::ServerOptions Node::Listening::options_of(const metadata::BrokerConfig& config) {
  net::ServerOptions options;
  options.limits.frame_bytes_max = static_cast<uint32_t>(config.socket_request_bytes_max);
  options.limits.idle_ms_max = config.connections_idle_ms_max;
  options.connections_max = static_cast<size_t>(config.connections_max);
  options.connections_per_host_max = static_cast<size_t>(config.connections_per_ip_max);
  return options;
}

Node::Listening::Listening(Node& node, metadata::Endpoint at, bool is_controller)
    : node_(node), at_(std::move(at)), info_{at_.listener, is_controller},
      server_(loops_of(node.seams_), node.request_budget_, *this, options_of(node.options_.config)) {}

Result<void> Node::Listening::open() {
  auto bound = server_.listen(node_.seams_.net, {at_.host, at_.port});
  if (!bound) return fail(std::move(bound.error()));
  bound_ = *bound;
  return {};
}

void Node::Listening::on_request(net::ServerConnection& from, Slice frame, net::Reply reply) {
  LoopState& state = node_.state_of(from.loop());
  api::dispatch({node_, from.loop(), state.image, info_, from.local(), from.peer()}, frame, std::move(reply));
}

void Node::Listening::on_closed(net::ServerConnection& connection, std::string_view reason) {
  log_debug("kt.Listener", "{}: connection of {} ended: {}", info_.name, connection.peer().text(), reason);
}

}  // namespace kt::node
