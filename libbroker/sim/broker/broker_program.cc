#include "libbroker/sim/broker/broker_program.h"

#include <fmt/core.h>

#include <memory>
#include <utility>

#include "libbroker/base/assert.h"
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
  return {.config = std::move(*config),
          .properties = std::move(properties),
          .may_format = true,
          .mutants = mutants};
}

class BrokerProcess {
 public:
  BrokerProcess(Machine& machine, metadata::ConfigMap properties, Mutants mutants, BrokerWatch& watch)
      : machine_(machine),
        watch_(watch),
        node_(seams_of(machine), options_of(std::move(properties), mutants)) {
    node_.on_fatal = [this](const Error& error) { fail(error); };
    machine_.loop(0).post([this] {
      node_.start([this](Result<node::Node::Serving> serving) {
        serving ? watch_.serving() : fail(serving.error());
      });
    });
    machine_.set_on_terminate([this] {
      node_.stop([this](Result<void> stopped) { stopped ? machine_.exit() : fail(stopped.error()); });
    });
  }

 private:
  void fail(const Error& error) {
    watch_.failed(error);
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
          {"offsets.topic.replication.factor", "1"},
          {"transaction.state.log.replication.factor", "1"},
          {"transaction.state.log.min.isr", "1"}};
}

Program broker_program(metadata::ConfigMap properties, Mutants mutants, BrokerWatch& watch) {
  return [properties = std::move(properties), mutants, &watch](Machine& machine) -> Process {
    return std::make_shared<BrokerProcess>(machine, properties, mutants, watch);
  };
}

}  // namespace kt::sim
