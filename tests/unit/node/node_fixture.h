#pragma once
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/bytes.h"
#include "libbroker/client/cluster.h"
#include "libbroker/node/node.h"
#include "libbroker/record/batch.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/sim/world.h"
#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/19_create_topics.h"

namespace kt::node {

/// One node on a simulated machine, and a client on another; the world's time goes on only inside calls.
class NodeFixture : public testing::Test {
 protected:
  static constexpr const char *broker_host = "broker", *data = "/data";
  static constexpr uint16_t client_port = 9092;

  /// The process on the broker's machine.
  struct Broker {
    std::unique_ptr<Node> node;
    std::optional<Result<Node::Serving>> serving;
    std::optional<Error> failure;
  };
  struct Client {
    std::unique_ptr<client::Cluster> cluster;
  };

  explicit NodeFixture(uint64_t seed = 1, const sim::WorldOptions& options = world_options())
      : world_(seed, options) {
    properties_ = {{"process.roles", "broker,controller"},
                   {"node.id", "1"},
                   {"listeners", "PLAINTEXT://broker:9092,CONTROLLER://broker:9093"},
                   {"controller.listener.names", "CONTROLLER"},
                   {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
                   {"controller.quorum.voters", "1@broker:9093"},
                   {"log.dirs", data},
                   {"offsets.topic.replication.factor", "1"},
                   {"offsets.topic.num.partitions", "2"},
                   {"group.initial.rebalance.delay.ms", "0"}};
    world_.add(broker_host, [this](sim::Machine& machine) { return run_broker(machine); });
    world_.add("client", [](sim::Machine& machine) {
      auto process = std::make_shared<Client>();
      client::ClusterOptions options{.bootstrap = {{broker_host, client_port}}, .client_id = "test"};
      options.connect_timeout_ms = 1'000;
      process->cluster = std::make_unique<client::Cluster>(machine.loop(), machine.net(), machine.clock(),
                                                           std::move(options));
      return process;
    });
    world_.start(client_id);
  }

  static sim::WorldOptions world_options() {
    sim::WorldOptions options;
    options.machine.loops = 2;
    return options;
  }

  sim::Machine& broker_machine() { return world_.machine(broker_id); }
  Broker& broker() { return broker_machine().process<Broker>(); }
  sim::SimDisk& disk() { return broker_machine().disk(); }
  client::Cluster& cluster() { return *world_.machine(client_id).process<Client>().cluster; }

  /// Starts the node without waiting for it.
  void begin_start() { world_.start(broker_id); }
  /// Starts the node; it serves when this returns.
  void start() {
    begin_start();
    run_until([this] { return broker().serving || broker().failure; });
    ASSERT_TRUE(broker().serving) << "it does not start";
    ASSERT_TRUE(*broker().serving) << broker().serving->error().message;
    // What the client was connected to before is gone; it learns that by asking.
    for (int i = 0; i < 100 && !ask<wire::MetadataResponse>(wire::MetadataRequest{}, {.version_max = 9});
         ++i) {
    }
  }
  /// Stops it cleanly.
  void stop() {
    std::optional<Result<void>> stopped;
    broker().node->stop([&](Result<void> result) { stopped = std::move(result); });
    run_until([&] { return stopped.has_value(); });
    EXPECT_TRUE(*stopped) << stopped->error().message;
    kill();
  }
  void kill() { broker_machine().kill(); }
  void power_cycle() {
    broker_machine().power_off();
    broker_machine().power_on();
  }
  template <class Condition>
  void run_until(Condition condition, int64_t ms = 60'000) {
    const auto outcome = world_.run_until(condition, {.ms = ms});
    ASSERT_EQ(outcome, sim::World::Outcome::met);
  }

  /// Asks once and waits for the answer. Errors: the connection's.
  template <class Response, class Request>
  Result<Response> ask(Request request, client::CallOptions options = {}) {
    auto answer = std::make_shared<std::optional<Result<Response>>>();
    world_.machine(client_id).loop().post([&, answer, request = std::move(request)]() mutable {
      cluster().call<Response>(
          client::Target::any(), std::move(request),
          [answer](Result<Response> response) { *answer = std::move(response); }, options);
    });
    const auto outcome = world_.run_until([&] { return answer->has_value(); }, {.ms = 120'000});
    if (outcome != sim::World::Outcome::met) return fail(ErrorCode::request_timed_out, "nothing comes");
    return std::move(**answer);
  }

  void create_topic(const std::string& name, std::vector<std::pair<std::string, std::string>> configs = {},
                    int32_t partitions = 1) {
    wire::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = 1;
    for (auto& [key, value] : configs) topic.configs.push_back({key, value});
    const auto response = ask<wire::CreateTopicsResponse>(std::move(request));
    ASSERT_TRUE(response) << response.error().message;
    ASSERT_EQ(response->topics.at(0).error_code, ErrorCode::none)
        << response->topics[0].error_message.value_or("");
    topic_ids_[name] = response->topics[0].topic_id;
  }

  /// A record of a test; a value of none is a tombstone.
  struct Sent {
    std::string key;
    std::optional<std::string> value;
    int64_t timestamp_ms = 0;  // 0: the broker machine's time
  };
  /// Appends one batch to partition 0; answers its base offset.
  int64_t produce(const std::string& topic, const std::vector<Sent>& records) {
    record::BatchBuilder batch;
    for (const Sent& one : records) {
      batch.append({.timestamp = one.timestamp_ms ? one.timestamp_ms : broker_machine().clock().wall_ms(),
                    .key = as_bytes(one.key),
                    .value = one.value ? as_bytes(*one.value) : std::span<const std::byte>()});
    }
    wire::ProduceRequest request;
    request.acks = -1;
    request.timeout_ms = 30'000;
    auto& to = request.topic_data.emplace_back();
    to.name = topic;
    auto& partition = to.partition_data.emplace_back();
    partition.index = 0;
    partition.records.pieces.push_back(Slice::own(batch.build()));
    const auto response = ask<wire::ProduceResponse>(std::move(request), {.version_max = 12});
    EXPECT_TRUE(response) << response.error().message;
    if (!response) return -1;
    const auto& answer = response->responses.at(0).partition_responses.at(0);
    EXPECT_EQ(answer.error_code, ErrorCode::none);
    return answer.base_offset;
  }

  /// For the first `partitions` partitions; the first of them from `offset`, others from their beginning.
  static wire::FetchRequest fetch_request(const std::string& topic, int64_t offset,
                                          int32_t bytes_max = 1 << 20, int32_t partitions = 1) {
    wire::FetchRequest request;
    request.max_wait_ms = 0;
    request.max_bytes = bytes_max;
    request.session_id = 0;
    request.session_epoch = -1;
    auto& from = request.topics.emplace_back();
    from.topic = topic;
    for (int32_t index = 0; index < partitions; ++index) {
      auto& partition = from.partitions.emplace_back();
      partition.partition = index;
      partition.fetch_offset = index == 0 ? offset : 0;
      partition.partition_max_bytes = bytes_max;
    }
    return request;
  }
  Result<wire::FetchResponse> fetch(const std::string& topic, int64_t offset, int32_t bytes_max = 1 << 20) {
    return ask<wire::FetchResponse>(fetch_request(topic, offset, bytes_max), {.version_max = 12});
  }
  using FetchAnswer = std::shared_ptr<std::optional<Result<wire::FetchResponse>>>;
  /// Asks, on a connection of its own; the answer comes later.
  FetchAnswer begin_fetch(wire::FetchRequest request) {
    auto answer = std::make_shared<std::optional<Result<wire::FetchResponse>>>();
    world_.machine(client_id).loop().post([this, request = std::move(request), answer] {
      cluster().call<wire::FetchResponse>(
          client::Target::node(1), request,
          [answer](Result<wire::FetchResponse> response) { *answer = std::move(response); },
          {.version_max = 12, .lane = client::Lane::fetch});
    });
    return answer;
  }
  /// "13 K1=V5", a line per record from the log's start to its end, as a client gets them.
  std::string table(const std::string& topic) {
    std::string text;
    for (int64_t offset = 0;;) {
      const auto response = fetch(topic, offset);
      EXPECT_TRUE(response) << response.error().message;
      if (!response) return text;
      const auto& answer = response->responses.at(0).partitions.at(0);
      EXPECT_EQ(answer.error_code, ErrorCode::none) << "at " << offset;
      if (answer.error_code != ErrorCode::none || offset >= answer.high_watermark) return text;
      const int64_t before = offset;
      for (const Piece& piece : answer.records.pieces)
        append_text(std::get<Slice>(piece).bytes, offset, text);
      EXPECT_GT(offset, before) << "a reader cannot go on";
      if (offset == before) return text;
    }
  }

  static constexpr uint32_t broker_id = 0, client_id = 1;
  sim::World world_;
  metadata::ConfigMap properties_;
  std::map<std::string, Uuid> topic_ids_;

 private:
  sim::Process run_broker(sim::Machine& machine) {
    auto process = std::make_shared<Broker>();
    const metadata::ConfigMap none;
    auto config = metadata::BrokerConfig::from({none, none, properties_});
    EXPECT_TRUE(config) << config.error().message;
    Seams seams{machine.clock(), machine.rng(),      machine.disk(),    machine.net(),
                machine.loop(0), {&machine.loop(1)}, machine.executor()};
    process->node =
        std::make_unique<Node>(std::move(seams), Node::Options{std::move(*config), properties_, true});
    process->node->on_fatal = [broker = process.get()](const Error& error) { broker->failure = error; };
    machine.loop(0).post([broker = process.get()] {
      broker->node->start([broker](Result<Node::Serving> serving) { broker->serving = std::move(serving); });
    });
    return process;
  }

  static void append_text(std::span<const std::byte> bytes, int64_t& offset, std::string& text) {
    while (const auto batch = record::BatchView::parse(bytes)) {
      bytes = bytes.subspan(batch->size_bytes());
      auto records = batch->records();
      for (record::RecordView record; records.next(record);) {
        if (batch->offset_of(record) < offset) continue;
        text += std::to_string(batch->offset_of(record)) + " " + std::string(as_text(record.key)) + "=" +
                (record.value.data() ? std::string(as_text(record.value)) : "null") + "\n";
      }
      offset = batch->next_offset();
    }
  }
};

}  // namespace kt::node
