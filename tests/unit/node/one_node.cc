#include "tests/unit/node/one_node.h"

#include <map>
#include <utility>

#include "libbroker/record/batch_builder.h"
#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/19_create_topics.h"

namespace kt::node {
namespace {

constexpr int64_t patience_ms = 60'000;  // of virtual time
constexpr size_t control_loop = 0;

metadata::ConfigMap with_defaults(metadata::ConfigMap properties) {
  const metadata::ConfigMap defaults = {
      {"process.roles", "broker,controller"},
      {"node.id", std::to_string(OneNode::node_id)},
      {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
      {"controller.listener.names", "CONTROLLER"},
      {"controller.quorum.voters", "1@server:9093"},
      {"listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"},
      {"log.dirs", "/data"},
      {"offsets.topic.replication.factor", "1"},
      {"offsets.topic.num.partitions", "2"},
      {"group.initial.rebalance.delay.ms", "0"},
  };
  properties.insert(defaults.begin(), defaults.end());
  return properties;
}

sim::WorldOptions world_options(size_t data_loops) {
  sim::WorldOptions options;
  options.machine.loops = 1 + data_loops;
  return options;
}

/// The process on the server's machine.
struct Server {
  explicit Server(Seams seams, Node::Options options) : node(std::move(seams), std::move(options)) {}
  Node node;
};

}  // namespace

/// The process on the client's machine.
struct OneNode::Client {
  explicit Client(sim::Machine& machine_) : machine(machine_) {}
  sim::Machine& machine;
  net::MemoryBudget budget{64 << 20};
  std::map<std::pair<uint16_t, int>, std::unique_ptr<net::ClientConnection>> connections;

  void send(std::vector<Piece> request, Port port, std::shared_ptr<Pending> pending, sim::World& world) {
    auto& connection = connections[{port.number, port.connection}];
    if (connection && connection->is_open()) {
      return connection->send(std::move(request), patience_ms, [pending, &world](Result<Slice> answer) {
        pending->answered_ms = world.now_ms();
        pending->answer = std::move(answer);
      });
    }
    net::ClientConnection::open(
        machine.net(), machine.loop(), budget, {"server", port.number}, patience_ms,
        [this, request = std::move(request), port, pending, &world](auto opened) mutable {
          if (!opened) {
            pending->answer = fail(opened.error().code, opened.error().message);
            return;
          }
          connections[{port.number, port.connection}] = std::move(*opened);
          send(std::move(request), port, pending, world);
        });
  }
};

OneNode::OneNode(NodeSetup setup, uint64_t seed)
    : setup_(std::move(setup)), world_(seed, world_options(setup_.data_loops)) {
  server_ =
      world_
          .add(
              "server",
              [this](sim::Machine& machine) -> sim::Process {
                const metadata::ConfigMap none, properties = with_defaults(setup_.properties);
                auto config = metadata::BrokerConfig::from({none, none, properties});
                if (!config) throw std::runtime_error(config.error().message);
                Seams seams{
                    machine.clock(),   machine.rng(), *mounts_, machine.net(), machine.loop(control_loop), {},
                    machine.executor()};
                for (size_t i = 0; i < setup_.data_loops; ++i) seams.data.push_back(&machine.loop(1 + i));
                auto server = std::make_shared<Server>(
                    std::move(seams),
                    Node::Options{std::move(*config), properties, true, setup_.authorizer, setup_.quotas});
                server->node.on_fatal = [this](const Error& error) { fatal_ = error; };
                machine.loop(control_loop).post([this, &node = server->node] {
                  node.start([this](Result<Node::Serving> started) { started_ = std::move(started); });
                });
                return server;
              })
          .id();
  mounts_ = std::make_unique<BreakableDisk>(world_.machine(server_).disk());
  client_ = world_
                .add("client",
                     [](sim::Machine& machine) -> sim::Process { return std::make_shared<Client>(machine); })
                .id();
  world_.start(client_);
}

OneNode::~OneNode() = default;

OneNode::Client& OneNode::client() { return world_.machine(client_).process<Client>(); }

void OneNode::run_until(const std::function<bool()>& is_met, const char* what) {
  if (world_.run_until(is_met, {.ms = patience_ms}) != sim::World::Outcome::met)
    throw std::runtime_error(what);
}

Result<Node::Serving> OneNode::start() {
  started_.reset();
  fatal_.reset();
  world_.start(server_);
  run_until([this] { return started_.has_value(); }, "the node did not say whether it serves");
  if (!*started_) kill();
  return *started_;
}

Result<void> OneNode::stop() {
  std::optional<Result<void>> stopped;
  world_.machine(server_).loop(control_loop).post([this, &stopped] {
    world_.machine(server_).process<Server>().node.stop(
        [&stopped](Result<void> result) { stopped = std::move(result); });
  });
  run_until([&] { return stopped.has_value(); }, "the node did not stop");
  kill();
  return *stopped;
}

void OneNode::kill() {
  world_.machine(server_).kill();
  bool is_forgotten = false;
  world_.machine(client_).loop().post([this, &is_forgotten] {
    client().connections.clear();  // they would only learn of it when they are used again
    is_forgotten = true;
  });
  run_until([&] { return is_forgotten; }, "the client's machine stands still");
}

void OneNode::send_without_answer(std::vector<Piece> request, Port port) {
  world_.machine(client_).loop().post([this, request = std::move(request), port]() mutable {
    client().connections.at({port.number, port.connection})->send_without_answer(std::move(request));
  });
}

std::shared_ptr<OneNode::Pending> OneNode::send(std::vector<Piece> request, Port port) {
  auto pending = std::make_shared<Pending>();
  world_.machine(client_).loop().post([this, request = std::move(request), port, pending]() mutable {
    client().send(std::move(request), port, pending, world_);
  });
  return pending;
}

void OneNode::wait_for(const Pending& pending) {
  run_until([&] { return pending.is_ready(); }, "the node neither answered nor closed the connection");
}

Result<Slice> OneNode::ask_raw(std::vector<Piece> request, Port port) {
  const auto pending = send(std::move(request), port);
  wait_for(*pending);
  return *pending->answer;
}

void OneNode::create_topic(const std::string& name, int32_t partitions,
                           std::vector<std::pair<std::string, std::string>> configs) {
  wire::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  for (auto& [key, value] : configs) topic.configs.push_back({std::move(key), std::move(value)});
  const auto response = ask<wire::CreateTopicsResponse>(request);
  if (response.topics.at(0).error_code != ErrorCode::none)
    throw std::runtime_error(*response.topics[0].error_message);
}

Uuid OneNode::topic_id(const std::string& name) {
  wire::MetadataRequest request;
  request.topics.emplace().push_back({.name = name});
  return ask<wire::MetadataResponse>(request).topics.at(0).topic_id;
}

Slice batch_of(const std::vector<std::string>& values, int64_t timestamp_ms) {
  record::BatchBuilder builder;
  for (const std::string& value : values) {
    builder.append({.timestamp = timestamp_ms, .value = std::as_bytes(std::span(value))});
  }
  return Slice::own(builder.build());
}

}  // namespace kt::node
