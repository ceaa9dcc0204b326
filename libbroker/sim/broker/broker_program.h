#pragma once
#include <functional>
#include <string>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/base/result.h"
#include "libbroker/metadata/config_def.h"
#include "libbroker/sim/machine.h"

namespace kt::node {
class Node;
}

namespace kt::sim {

/// What a world is told of the broker on one of its machines.
struct BrokerWatch {
  std::function<void()> serving = [] {};
  /// It could not start, or not go on.
  std::function<void(Machine&, const Error&)> failed = [](Machine&, const Error&) {};
};

/// The properties of a node that is a whole cluster, on the machine `host`: port 9092, files under /data.
metadata::ConfigMap single_node_properties(const std::string& host);
/// Those of one of several, which are named by their hosts; ids count from 1. The first `voters` of them are
/// controllers too.
metadata::ConfigMap cluster_node_properties(const std::vector<std::string>& hosts, int32_t id,
                                            uint32_t voters);

/// A Kafka node on a machine: the node::Node of `kt server`, made, started and stopped as there, on the
/// machine's clock, disk, network and loops. Loop 0 is the control loop, the others are data loops. When it
/// stops or fails the process ends. One of several nodes finds its directory formatted. The watch outlives
/// the world's machines.
Program broker_program(metadata::ConfigMap properties, Mutants mutants, BrokerWatch& watch);

/// The node that runs on a machine as broker_program() made it; null when none does.
node::Node* node_of(Machine& machine);

}  // namespace kt::sim
