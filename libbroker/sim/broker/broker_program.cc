#include "libbroker/sim/broker/broker_program.h"

#include <fmt/core.h>

#include <memory>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/log/meta_files.h"
#include "libbroker/node/format_files.h"
#include "libbroker/node/node.h"

namespace kt::sim {
namespace {

node::Seams seams_of(Machine& machine) {
  node::Seams seams{machine.clock(), machine.rng(),   machine.disk(),    machine.net(),
                    machine.loop(0), machine.loops(), machine.executor()};
  seams.data.erase(seams.data.begin());
  KT_ASSERT(!seams.data.empty());
  return seams;
}

node::Node::Options options_of(metadata::ConfigMap properties, Mutants mutants) {
  const metadata::ConfigMap none;
  auto config = metadata::BrokerConfig::from({none, none, properties});
  KT_ASSERT(config.has_value());
  const bool may_format = config->is_quorum_of_one();
  return {.config = std::move(*config),
          .properties = std::move(properties),
          .may_format = may_format,
          .mutants = mutants};
}

/// What `kt storage format` leaves, for nodes that are to be one cluster.
Result<void> format(Machine& machine, const metadata::BrokerConfig& config) {
  Disk& disk = machine.disk();
  const std::string& directory = config.metadata_log_dir;
  if (auto made = disk.make_directory(directory); !made) return made;
  const auto found = log::read_meta_properties(disk, directory);
  if (!found || *found) return found ? Result<void>() : fail(found.error());
  node::sync_parents(disk, directory);
  return log::write_meta_properties(disk, directory,
                                    {.cluster_id = "the-simulated-cluster",
                                     .node_id = config.node_id,
                                     .directory_id = Uuid::random(machine.rng())});
}

class BrokerProcess {
 public:
  BrokerProcess(Machine& machine, metadata::ConfigMap properties, Mutants mutants, BrokerWatch& watch)
      : machine_(machine),
        watch_(watch),
        node_(seams_of(machine), options_of(std::move(properties), mutants)) {
    node_.on_fatal = [this](const Error& error) { fail(error); };
    machine_.loop(0).post([this] {
      if (!node_.config().is_quorum_of_one()) {
        if (auto formatted = format(machine_, node_.config()); !formatted) return fail(formatted.error());
      }
      node_.start([this](Result<node::Node::Serving> serving) {
        serving ? watch_.serving() : fail(serving.error());
      });
    });
    machine_.set_on_terminate([this] {
      node_.stop([this](Result<void> stopped) { stopped ? machine_.exit() : fail(stopped.error()); });
    });
  }

  node::Node& node() { return node_; }

 private:
  void fail(const Error& error) {
    watch_.failed(machine_, error);
    machine_.exit();
  }

  Machine& machine_;
  BrokerWatch& watch_;
  node::Node node_;
};

}  // namespace

metadata::ConfigMap single_node_properties(const std::string& host) {
  return {{"process.roles", "broker,controller"},
          {"node.id", "1"},
          {"controller.listener.names", "CONTROLLER"},
          {"listeners", fmt::format("PLAINTEXT://{0}:9092,CONTROLLER://{0}:9093", host)},
          {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
          {"controller.quorum.bootstrap.servers", host + ":9093"},
          {"log.dirs", "/data"},
          {"offsets.topic.replication.factor", "1"}};
}

metadata::ConfigMap cluster_node_properties(const std::vector<std::string>& hosts, int32_t id,
                                            uint32_t voter_count) {
  metadata::ConfigMap properties = single_node_properties(hosts.at(static_cast<size_t>(id - 1)));
  std::string voters;
  for (size_t i = 0; i < voter_count; ++i)
    voters += fmt::format("{}{}@{}:9093", i == 0 ? "" : ",", i + 1, hosts[i]);
  properties["node.id"] = std::to_string(id);
  properties["controller.quorum.voters"] = voters;
  properties.erase("controller.quorum.bootstrap.servers");
  properties.erase("offsets.topic.replication.factor");
  if (static_cast<uint32_t>(id) > voter_count) {
    properties["process.roles"] = "broker";
    properties["listeners"] = fmt::format("PLAINTEXT://{}:9092", hosts.at(static_cast<size_t>(id - 1)));
  }
  return properties;
}

node::Node* node_of(Machine& machine) {
  return machine.is_running() ? &machine.process<BrokerProcess>().node() : nullptr;
}

Program broker_program(metadata::ConfigMap properties, Mutants mutants, BrokerWatch& watch) {
  return [properties = std::move(properties), mutants, &watch](Machine& machine) -> Process {
    return std::make_shared<BrokerProcess>(machine, properties, mutants, watch);
  };
}

}  // namespace kt::sim
