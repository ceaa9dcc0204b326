#pragma once
#include <functional>
#include <string>

#include "libbroker/base/mutants.h"
#include "libbroker/base/result.h"
#include "libbroker/metadata/config_def.h"
#include "libbroker/sim/machine.h"

namespace kt::sim {

/// What a world is told of the broker on one of its machines.
struct BrokerWatch {
  std::function<void()> serving = [] {};
  /// It could not start, or not go on.
  std::function<void(const Error&)> failed = [](const Error&) {};
};

/// The properties of a node that is a whole cluster, on the machine `host`: port 9092, files under /data.
metadata::ConfigMap single_node_properties(const std::string& host);

/// A Kafka node on a machine: the node::Node of `kt server`, made, started and stopped as there, on the
/// machine's clock, disk, network and loops. Loop 0 is the control loop, the others are data loops. When it
/// stops or fails the process ends. The watch outlives the world's machines.
Program broker_program(metadata::ConfigMap properties, Mutants mutants, BrokerWatch& watch);

}  // namespace kt::sim
