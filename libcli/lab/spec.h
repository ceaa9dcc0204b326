#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libcli/config/properties.h"

namespace kt::lab {

inline constexpr int32_t brokers_max = 20, controllers_max = 9;
/// Brokers are 0, 1, 2, ... as in Kafka's tutorials; controllers have ids that no broker of a lab reaches.
inline constexpr int32_t first_controller_id = 100;
/// How far above the first broker's port the first controller's lies.
inline constexpr uint16_t controller_port_distance = 100;

struct NodeSpec {
  int32_t id = 0;
  bool is_controller = false;
  uint16_t port = 0;  // on 127.0.0.1
  std::string rack = {};  // broker.rack; empty: none
  /// "broker-0", "controller-100": its folder in the lab's, and its name in what is printed.
  std::string name() const;
};

/// A lab as it was asked for, and as lab.json keeps it.
struct Spec {
  std::string name;
  std::string cluster_id;
  bool is_fast = false;
  std::vector<NodeSpec> nodes;    // controllers first: the order of starting
  config::Properties properties;  // of --set, over all else
  std::optional<uint64_t> seed = {};  // of all that is left to chance: ids of topics, placements

  const NodeSpec* find(int32_t id) const;
  int32_t brokers() const;
  /// "127.0.0.1:9092,127.0.0.1:9093", of the brokers.
  std::string bootstrap_servers() const;
};

/// `brokers` on ports from `port_base` on, `controllers` on theirs.
std::vector<NodeSpec> lay_out(int32_t brokers, int32_t controllers, uint16_t port_base);

std::string to_json(const Spec& spec);
/// Errors: invalid_config, a sentence that names what is wrong.
Result<Spec> spec_from_json(const std::string& text);

/// How many replicas `__consumer_offsets` and its like have in a lab of so many brokers.
int32_t internal_replication_factor(int32_t brokers);

/// What a node's server.properties says. `directory` is the node's own.
config::Properties node_properties(const Spec& spec, const NodeSpec& node, const std::string& directory);
/// Those of them that make a fast lab fast.
const config::Properties& fast_broker_timers();
/// What a client of the lab should be set up with; empty unless the lab is fast.
config::Properties client_properties(const Spec& spec);
/// As a .properties file that parse_properties reads back.
std::string properties_text(const config::Properties& properties);

/// Whether a lab may be called so: letters, digits, '-', '_' and '.', not first a '.' or '-', at most 64 of
/// them.
bool is_lab_name(const std::string& name);

}  // namespace kt::lab
