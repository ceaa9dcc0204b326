#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/node/node.h"
#include "libbroker/sim/world.h"
#include "libbroker/wire/header.h"

namespace kt::node {

/// Several nodes on simulated machines, "n1" and so on, and a client on another that asks each of them.
class ClusterFixture : public testing::Test {
 protected:
  static constexpr uint16_t broker_port = 9092, controller_port = 9093;
  static constexpr const char* cluster_id = "kt-cluster-of-the-tests";
  static constexpr int32_t correlation_id = 7;
  static constexpr int64_t patience_ms = 60'000;  // of virtual time

  /// The process on a node's machine.
  struct Server {
    std::unique_ptr<Node> node;
    std::optional<Result<Node::Serving>> serving;
    std::optional<Error> failure;
  };

  explicit ClusterFixture(uint64_t seed = 1);

  /// Adds a node; ids count from 1. `voters` of them, the first, are the quorum.
  void add_node(int32_t id, int32_t voters, metadata::ConfigMap properties = {});
  /// Nodes 1 to `count` of both roles, all voters; started, and waited for.
  void start_cluster(int32_t count, const metadata::ConfigMap& properties = {});
  void start(int32_t id) { world_.start(machine_of_.at(id)); }
  void wait_until_serving(int32_t id);
  /// As SIGTERM.
  void stop(int32_t id);
  void kill(int32_t id) { machine(id).kill(); }
  /// Takes the disk's contents away.
  void wipe(int32_t id);

  sim::Machine& machine(int32_t id) { return world_.machine(machine_of_.at(id)); }
  Server& server(int32_t id) { return machine(id).process<Server>(); }
  template <class Condition>
  void run_until(Condition condition, const char* what, int64_t ms = 60'000) {
    ASSERT_EQ(world_.run_until(condition, {.ms = ms}), sim::World::Outcome::met) << what;
  }
  /// As run_until(), for a condition that asks nodes.
  template <class Condition>
  void ask_until(Condition condition, const char* what) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return;
      world_.run_for(50);
    }
    FAIL() << what;
  }

  /// The answer of one node. Errors: the connection's.
  template <class Response, class Request>
  Result<Response> ask(int32_t id, const Request& request, int16_t version = Request::max_version,
                       uint16_t port = broker_port) {
    const auto pending = begin<Response>(id, request, version, port);
    if (world_.run_until([&] { return pending.has_come(); }, {.ms = 2 * patience_ms}) !=
        sim::World::Outcome::met)
      return fail(ErrorCode::request_timed_out, "nothing comes");
    return pending.get();
  }
  /// An answer that may not have come yet.
  template <class Response>
  struct Pending {
    std::shared_ptr<const std::optional<Result<Slice>>> frame;
    int16_t version;

    bool has_come() const { return frame->has_value(); }
    /// Errors: the connection's.
    Result<Response> get() const {
      if (!**frame) return fail((*frame)->error());
      return wire::decode_response<Response>(***frame, correlation_id, version);
    }
  };
  /// As ask(), on a connection of its own, without waiting for the answer.
  template <class Response, class Request>
  Pending<Response> begin(int32_t id, const Request& request, int16_t version = Request::max_version,
                          uint16_t port = broker_port) {
    return {exchange(id, wire::encode_request(correlation_id, "test", request, version), port), version};
  }
  /// What became of the creation of a topic, by way of one node.
  ErrorCode create_topic(int32_t id, const std::string& name, int32_t partitions = 1,
                         int16_t replication_factor = 1);
  /// Whether a node tells clients of a topic.
  bool has_topic(int32_t id, const std::string& name);
  /// Who leads the quorum, as a node sees it; -1: nobody.
  int32_t leader_as_seen_by(int32_t id);
  /// Waits until one of these nodes leads and all of them know.
  int32_t wait_for_leader(const std::vector<int32_t>& among);

  sim::World world_;

 private:
  sim::Process run_node(sim::Machine& machine, const metadata::ConfigMap& properties);
  std::shared_ptr<const std::optional<Result<Slice>>> exchange(int32_t id, std::vector<Piece> request,
                                                               uint16_t port);

  std::map<int32_t, uint32_t> machine_of_;
  uint32_t client_ = 0;
};

}  // namespace kt::node
