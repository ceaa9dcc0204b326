#include "tests/unit/node/cluster_fixture.h"

#include <fmt/core.h>

#include "libbroker/log/meta_files.h"
#include "libbroker/net/client_connection.h"
#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/19_create_topics.h"

namespace kt::node {
namespace {

constexpr const char* data = "/data";

struct Client {
  explicit Client(sim::Machine& machine_) : machine(machine_) {}
  sim::Machine& machine;
  net::MemoryBudget budget{64 << 20};
  std::map<uint64_t, std::unique_ptr<net::ClientConnection>>
      connections;  // of questions that are being asked
  uint64_t last_question = 0;
};

sim::WorldOptions world_options() {
  sim::WorldOptions options;
  options.machine.loops = 2;
  return options;
}

}  // namespace

ClusterFixture::ClusterFixture(uint64_t seed) : world_(seed, world_options()) {
  client_ = world_
                .add("client",
                     [](sim::Machine& machine) -> sim::Process { return std::make_shared<Client>(machine); })
                .id();
  world_.start(client_);
}

void ClusterFixture::add_node(int32_t id, int32_t voters, metadata::ConfigMap properties) {
  std::string quorum;
  for (int32_t voter = 1; voter <= voters; ++voter)
    quorum += fmt::format("{}{}@n{}:{}", voter == 1 ? "" : ",", voter, voter, controller_port);
  const metadata::ConfigMap defaults = {
      {"process.roles", "broker,controller"},
      {"node.id", std::to_string(id)},
      {"listeners",
       fmt::format("PLAINTEXT://n{0}:{1},CONTROLLER://n{0}:{2}", id, broker_port, controller_port)},
      {"controller.listener.names", "CONTROLLER"},
      {"controller.quorum.voters", quorum},
      {"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"},
      {"log.dirs", data},
      {"offsets.topic.replication.factor", "1"},
      {"offsets.topic.num.partitions", "2"},
      {"group.initial.rebalance.delay.ms", "0"},
  };
  properties.insert(defaults.begin(), defaults.end());
  machine_of_[id] =
      world_
          .add(fmt::format("n{}", id),
               [this, properties](sim::Machine& machine) { return run_node(machine, properties); })
          .id();
}

sim::Process ClusterFixture::run_node(sim::Machine& machine, const metadata::ConfigMap& properties) {
  auto server = std::make_shared<Server>();
  const metadata::ConfigMap none;
  auto config = metadata::BrokerConfig::from({none, none, properties});
  EXPECT_TRUE(config) << config.error().message;
  EXPECT_TRUE(machine.disk().make_directory(data));
  if (!*log::read_meta_properties(machine.disk(), data)) {
    const log::MetaProperties formatted{
        .version = 1,
        .cluster_id = properties.contains("test.cluster.id") ? properties.at("test.cluster.id") : cluster_id,
        .node_id = config->node_id,
        .directory_id = Uuid::random(machine.rng())};
    EXPECT_TRUE(log::write_meta_properties(machine.disk(), data, formatted));
  }
  Seams seams{machine.clock(), machine.rng(),      machine.disk(),    machine.net(),
              machine.loop(0), {&machine.loop(1)}, machine.executor()};
  server->node = std::make_unique<Node>(
      std::move(seams), Node::Options{.config = std::move(*config), .properties = properties});
  server->node->on_fatal = [server = server.get()](const Error& error) { server->failure = error; };
  machine.loop(0).post([server = server.get()] {
    server->node->start([server](Result<Node::Serving> serving) { server->serving = std::move(serving); });
  });
  return server;
}

void ClusterFixture::start_cluster(int32_t count, const metadata::ConfigMap& properties) {
  for (int32_t id = 1; id <= count; ++id) add_node(id, count, properties);
  for (int32_t id = 1; id <= count; ++id) start(id);
  for (int32_t id = 1; id <= count; ++id) wait_until_serving(id);
}

void ClusterFixture::wait_until_serving(int32_t id) {
  run_until([&] { return server(id).serving || server(id).failure; }, "a node does not start");
  ASSERT_TRUE(server(id).serving);
  ASSERT_TRUE(*server(id).serving) << server(id).serving->error().message;
}

void ClusterFixture::stop(int32_t id) {
  std::optional<Result<void>> stopped;
  machine(id).loop(0).post(
      [&] { server(id).node->stop([&](Result<void> done) { stopped = std::move(done); }); });
  run_until([&] { return stopped.has_value(); }, "a node does not stop");
  EXPECT_TRUE(*stopped) << stopped->error().message;
  kill(id);
}

void ClusterFixture::wipe(int32_t id) { machine(id).disk().wipe(); }

std::shared_ptr<const std::optional<Result<Slice>>> ClusterFixture::exchange(int32_t id,
                                                                             std::vector<Piece> request,
                                                                             uint16_t port) {
  auto& client = world_.machine(client_).process<Client>();
  auto answer = std::make_shared<std::optional<Result<Slice>>>();
  world_.machine(client_).loop().post([&client, answer, id, port, request = std::move(request)]() mutable {
    net::ClientConnection::open(
        client.machine.net(), client.machine.loop(), client.budget, {fmt::format("n{}", id), port},
        patience_ms, [&client, answer, request = std::move(request)](auto opened) mutable {
          if (!opened) {
            *answer = fail(std::move(opened.error()));
            return;
          }
          const uint64_t question = ++client.last_question;
          auto& connection = client.connections[question] = std::move(*opened);
          connection->send(std::move(request), patience_ms, [&client, answer, question](Result<Slice> frame) {
            *answer = std::move(frame);
            client.machine.loop().post([&client, question] { client.connections.erase(question); });
          });
        });
  });
  return answer;
}

ErrorCode ClusterFixture::create_topic(int32_t id, const std::string& name, int32_t partitions,
                                       int16_t replication_factor) {
  wire::CreateTopicsRequest request;
  request.topics.push_back(
      {.name = name, .num_partitions = partitions, .replication_factor = replication_factor});
  const auto response = ask<wire::CreateTopicsResponse>(id, request);
  return response ? response->topics.at(0).error_code : response.error().code;
}

bool ClusterFixture::has_topic(int32_t id, const std::string& name) {
  wire::MetadataRequest request;
  request.topics = {{.name = name}};
  request.allow_auto_topic_creation = false;
  const auto response = ask<wire::MetadataResponse>(id, request);
  return response && response->topics.at(0).error_code == ErrorCode::none;
}

int32_t ClusterFixture::leader_as_seen_by(int32_t id) { return server(id).node->quorum_leader_id(); }

int32_t ClusterFixture::wait_for_leader(const std::vector<int32_t>& among) {
  const auto agreed = [&] {
    const int32_t leader = leader_as_seen_by(among.front());
    if (std::ranges::find(among, leader) == among.end()) return false;
    return std::ranges::all_of(among, [&](int32_t id) { return leader_as_seen_by(id) == leader; });
  };
  run_until(agreed, "nobody leads");
  return leader_as_seen_by(among.front());
}

}  // namespace kt::node
