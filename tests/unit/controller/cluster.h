#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/controller/controller.h"
#include "libbroker/metadata/image_builder.h"

namespace kt::controller {

/// A controller with its log in memory, and brokers that say what a test has them say.
class Cluster {
 public:
  explicit Cluster(ControllerConfig config = default_config())
      : controller_(std::make_unique<Controller>(config, metadata::Image{}, now_ms, 42)),
        config_(std::move(config)) {
    const State begun{controller_->config(), controller_->image(), Soft{}};
    log_records(controller_->take(activation_records(begun, bootstrap()), context()));
  }

  static ControllerConfig default_config() {
    return {
        .node_id = 100,
        .cluster_id = "cluster",
        .quorum_ids = {100},
        .supported_features = {{"metadata.version", {7, 25}}, {"eligible.leader.replicas.version", {0, 1}}},
        .idle_interval_ms = 0};
  }
  static std::vector<metadata::Record> bootstrap() {
    return {wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = 25}};
  }

  Context context(int16_t api_version = 3) const {
    return {.now_ms = now_ms,
            .next_offset = static_cast<int64_t>(log.size()),
            .api_version = api_version,
            .kraft_version = kraft_version};
  }
  template <class Request>
  auto ask(const Request& request, int16_t api_version = 3) {
    auto decision = controller_->handle(request, context(api_version));
    log_records(decision.records);
    last_records = decision.records;
    return decision.reply;
  }
  std::vector<metadata::Record> tick() {
    auto records = controller_->tick(context());
    log_records(records);
    return records;
  }

  static Uuid directory(int32_t broker) { return {7, 1000 + static_cast<uint64_t>(broker)}; }
  static wire::BrokerRegistrationRequest registration(int32_t id, uint64_t incarnation = 1) {
    return {.broker_id = id,
            .cluster_id = "cluster",
            .incarnation_id = {static_cast<uint64_t>(id), incarnation},
            .listeners = {{"PLAINTEXT", "host", static_cast<uint16_t>(9092 + id), 0}},
            .features = {{"metadata.version", 7, 25}, {"eligible.leader.replicas.version", 0, 1}},
            .rack = std::nullopt,
            .log_dirs = {directory(id)}};
  }
  wire::BrokerHeartbeatRequest heartbeat(int32_t id) const {
    const auto* broker = image().broker(id);
    return {.broker_id = id,
            .broker_epoch = broker ? broker->epoch : -1,
            .current_metadata_offset = static_cast<int64_t>(log.size()) - 1};
  }
  /// Registers and unfences brokers.
  void start(std::vector<int32_t> ids) {
    for (const int32_t id : ids) {
      EXPECT_EQ(ask(registration(id)).error_code, ErrorCode::none);
      EXPECT_FALSE(ask(heartbeat(id)).is_fenced);
    }
  }
  /// Fences a broker as if it had asked.
  void fence(int32_t id) {
    auto request = heartbeat(id);
    request.want_fence = true;
    EXPECT_TRUE(ask(request).is_fenced);
  }
  void unfence(int32_t id) { EXPECT_FALSE(ask(heartbeat(id)).is_fenced); }

  using Topic = wire::CreateTopicsRequest::CreatableTopic;
  wire::CreateTopicsResponse::CreatableTopicResult create(Topic topic) {
    return ask(wire::CreateTopicsRequest{.topics = {std::move(topic)}}).topics.front();
  }
  /// A topic whose partitions have the replicas listed.
  Uuid create_with(const std::string& name, std::vector<std::vector<int32_t>> replicas,
                   std::vector<std::pair<std::string, std::string>> configs = {}) {
    Topic topic{.name = name, .num_partitions = -1, .replication_factor = -1};
    for (size_t i = 0; i < replicas.size(); ++i)
      topic.assignments.push_back({static_cast<int32_t>(i), replicas[i]});
    for (const auto& [key, value] : configs) topic.configs.push_back({key, value});
    const auto result = create(std::move(topic));
    EXPECT_EQ(result.error_code, ErrorCode::none) << result.error_message.value_or("");
    return result.topic_id;
  }
  const metadata::Partition& partition(const std::string& topic, int32_t index = 0) const {
    return *image().topic(topic)->partition(index);
  }
  /// "leader 1 epoch 3 isr 1,2": what matters most of a partition, with "elr", "last" and "recovering" where
  /// set.
  std::string show(const std::string& topic, int32_t index = 0) const {
    const auto& p = partition(topic, index);
    const auto list = [](const std::vector<int32_t>& ids) {
      std::string out;
      for (const int32_t id : ids) out += (out.empty() ? "" : ",") + std::to_string(id);
      return out;
    };
    std::string out = "leader " + std::to_string(p.leader) + " epoch " + std::to_string(p.leader_epoch) +
                      " isr " + list(p.isr);
    if (!p.elr.empty()) out += " elr " + list(p.elr);
    if (!p.last_known_elr.empty()) out += " last " + list(p.last_known_elr);
    if (p.leader_recovery == metadata::LeaderRecovery::recovering) out += " recovering";
    return out;
  }

  const metadata::Image& image() const { return controller_->image(); }
  Controller& controller() { return *controller_; }

  /// The log, replayed from nothing, makes the controller's image.
  void expect_replay_agrees() const {
    metadata::ImageBuilder builder{metadata::Image{}};
    for (const metadata::Record& record : log)
      builder.apply(metadata::decode_record(Slice::own(metadata::encode_record(record, 25))));
    EXPECT_EQ(std::move(builder).freeze({}), image());
  }
  /// A new controller takes over from the log.
  void fail_over() {
    metadata::ImageBuilder builder{metadata::Image{}};
    for (const metadata::Record& record : log) builder.apply(record);
    controller_ = std::make_unique<Controller>(config_, std::move(builder).freeze({}), now_ms, ++seed_);
  }

  int64_t now_ms = 1000;
  int16_t kraft_version = 0;
  std::vector<metadata::Record> log;
  std::vector<metadata::Record> last_records;  // of the last ask

 private:
  void log_records(const std::vector<metadata::Record>& records) {
    log.insert(log.end(), records.begin(), records.end());
  }

  std::unique_ptr<Controller> controller_;
  ControllerConfig config_;
  uint64_t seed_ = 42;
};

}  // namespace kt::controller
