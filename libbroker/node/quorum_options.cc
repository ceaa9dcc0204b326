#include "libbroker/node/quorum_options.h"

#include <algorithm>

namespace kt::node {
namespace {

/// Where others reach this node's controller; none where that is not known before it listens.
std::vector<raft::Endpoint> controller_endpoints(const metadata::BrokerConfig& config) {
  std::vector<raft::Endpoint> endpoints;
  for (const metadata::Endpoint& at : config.controller_advertised_listeners)
    if (at.port != 0 && !at.host.empty()) endpoints.push_back({at.listener, at.host, at.port});
  return endpoints;
}

}  // namespace

std::string controller_listener(const metadata::BrokerConfig& config) {
  return config.controller_listener_names.empty() ? "" : config.controller_listener_names.front();
}

raft::Options raft_options(const metadata::BrokerConfig& config) {
  raft::Options options;
  options.self.id = config.node_id;
  options.listeners = controller_endpoints(config);
  for (const metadata::HostPort& server : config.quorum_bootstrap_servers)
    options.bootstrap_servers.push_back({{"", server.host, server.port}});
  options.election_timeout_ms = config.quorum_election_timeout_ms;
  options.first_election_ms_max = config.quorum_election_timeout_ms / 20;
  options.election_backoff_ms_max = config.quorum_election_backoff_ms_max;
  options.fetch_timeout_ms = config.quorum_fetch_timeout_ms;
  options.request_timeout_ms = config.quorum_request_timeout_ms;
  options.retry_backoff_ms = config.quorum_retry_backoff_ms;
  return options;
}

raft::VoterSet configured_voters(const metadata::BrokerConfig& config) {
  std::vector<raft::Voter> voters;
  const std::string listener = controller_listener(config);
  for (const metadata::Voter& voter : config.quorum_voters)
    voters.push_back({.key = {voter.id, {}}, .endpoints = {{listener, voter.host, voter.port}}});
  if (voters.empty() && config.is_quorum_of_one()) voters.push_back({.key = {config.node_id, {}}});
  return raft::VoterSet(std::move(voters));
}

kt::Endpoint place_of(const std::vector<raft::Endpoint>& endpoints, const std::string& listener) {
  const auto preferred = std::ranges::find(endpoints, listener, &raft::Endpoint::name);
  const raft::Endpoint& place = preferred != endpoints.end() ? *preferred : endpoints.front();
  return {place.host, place.port};
}

}  // namespace kt::node
