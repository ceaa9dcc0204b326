#pragma once
#include <string>
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/metadata/broker_config.h"
#include "libbroker/raft/options.h"
#include "libbroker/raft/voter_set.h"

namespace kt::node {

/// What the property file says of the quorum; who this replica is exactly is for the caller to add.
raft::Options raft_options(const metadata::BrokerConfig& config);

/// As the file names them; where it does not, a controller alone votes for itself, and a quorum says who is
/// in it.
raft::VoterSet configured_voters(const metadata::BrokerConfig& config);

/// The name of the listener on which controllers reach each other; empty: there is none.
std::string controller_listener(const metadata::BrokerConfig& config);

/// Where to connect to a node that has these addresses, at least one: on that listener if it has it.
kt::Endpoint place_of(const std::vector<raft::Endpoint>& endpoints, const std::string& listener);

}  // namespace kt::node
