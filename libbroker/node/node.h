#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libbroker/api/broker.h"
#include "libbroker/api/context.h"
#include "libbroker/api/fetch_session.h"
#include "libbroker/metadata/broker_config.h"
#include "libbroker/metadata/image_builder.h"
#include "libbroker/net/memory_budget.h"
#include "libbroker/net/server.h"
#include "libbroker/node/broker_lifecycle.h"
#include "libbroker/node/broker_probe.h"
#include "libbroker/node/controller_driver.h"
#include "libbroker/node/controller_registration.h"
#include "libbroker/node/controller_route.h"
#include "libbroker/node/directory_assignments.h"
#include "libbroker/node/group_runtime.h"
#include "libbroker/node/isr_changes.h"
#include "libbroker/node/log_directories.h"
#include "libbroker/node/metadata_quorum.h"
#include "libbroker/node/producer_ids.h"
#include "libbroker/node/published_image.h"
#include "libbroker/node/quorum_network.h"
#include "libbroker/node/quorum_service.h"
#include "libbroker/node/replica_manager.h"
#include "libbroker/node/request_metrics.h"
#include "libbroker/node/seams.h"
#include "libbroker/node/snapshot_generator.h"

namespace kt::node {

/// A Kafka node: controller, broker, or both in one. It reaches the world through its seams only, so that the
/// simulator constructs the same one. Made, started, stopped and destroyed on the control loop.
class Node final : public api::Broker, private MetadataQuorum::Listener {
 public:
  struct Options {
    metadata::BrokerConfig config;
    metadata::ConfigMap properties;                               // as in the file, with overrides
    bool may_format = false;                                      // an empty directory becomes this node's
    std::shared_ptr<const api::Authorizer> authorizer = nullptr;  // null: everything is allowed
    std::shared_ptr<api::Quotas> quotas = nullptr;                // null: nobody is throttled
    Mutants mutants = {};                                         // none but where a test looks for them
    std::string cluster_id = {};                                  // of the cluster to join; empty: any
    /// What to say to a peer of a controller's listener whose first four bytes are a word and no frame's
    /// size; empty: nothing. On any data loop.
    std::function<std::string(std::string_view)> answer_to_word = {};
  };
  /// Where it listens, with the ports that the system picked.
  struct Serving {
    std::string cluster_id;
    int32_t node_id;
    std::vector<std::pair<std::string, kt::Endpoint>> listeners;
    std::optional<kt::Endpoint> metrics;  // kt.metrics.listener
  };

  Node(Seams seams, Options options);
  ~Node() override;

  /// `started` is called once: when the broker serves clients, or with one sentence on why it cannot.
  void start(std::move_only_function<void(Result<Serving>)> started);
  /// Hands over, closes connections, flushes and marks the directories clean; then `stopped`.
  void stop(std::move_only_function<void(Result<void>)> stopped);
  /// ReplicaManager::tend, of a partition by its topic's name. On the control loop of a node that serves.
  void tend(Tending what, const std::string& topic, int32_t partition, Tended done) {
    replicas_->tend(what, published_->topic(topic), partition, std::move(done));
  }
  /// Called when a running node cannot go on: its metadata directory, or its last log directory, failed.
  std::function<void(const Error&)> on_fatal;

  // For simulations that hold invariants to it: what it is made of, null before start().
  const MetadataQuorum* metadata_quorum() const { return quorum_.get(); }
  ReplicaManager* replica_manager() { return replicas_.get(); }
  const metadata::Image& committed_image() const { return committed_; }
  /// As registered by this incarnation; -1: not yet.
  int64_t broker_epoch() const { return lifecycle_ ? lifecycle_->epoch() : -1; }
  /// Registered, caught up and unfenced: only then requests are answered.
  bool is_serving() const { return lifecycle_ && !started_; }

  // api::Broker, on any data loop
  Clock& clock() override { return seams_.clock; }
  const metadata::BrokerConfig& config() const override { return options_.config; }
  const metadata::ConfigMap& properties() const override { return options_.properties; }
  const std::string& cluster_id() const override { return directories_.cluster_id(); }
  const metadata::FeatureRanges& supported_features() const override { return features_; }
  const api::Authorizer& authorizer() const override { return *options_.authorizer; }
  api::Quotas& quotas() override { return *options_.quotas; }
  Result<std::shared_ptr<api::Partition>> find_partition(const Uuid& topic_id, int32_t partition) override;
  api::ControllerClient& controller() override { return *route_; }
  api::ControllerClient& local_controller() override { return *controller_; }
  void create_once(const std::string& name, wire::CreateTopicsRequest request, int16_t version,
                   api::Asker asker) override;
  api::Groups& groups() override { return *groups_; }
  api::FetchSessions& fetch_sessions() override { return fetch_sessions_; }
  std::vector<LogDirectory> log_directories() override;
  api::QuorumClient& quorum() override { return *quorum_service_; }
  int32_t quorum_leader_id() const override { return quorum_leader_id_.load(std::memory_order_relaxed); }
  int16_t kraft_version() const override { return kraft_version_.load(std::memory_order_relaxed); }
  bool is_lost(int32_t broker_id) const override { return replicas_->lost_brokers().has(broker_id); }
  std::shared_ptr<const metadata::Image> image(Loop& loop) override { return state_of(loop).image.latest(); }
  void next_producer_id(Loop& loop, std::move_only_function<void(Result<int64_t>)> then) override;

 private:
  class Listening;
  /// A client's request that came before this node serves.
  struct HeldRequest {
    Listening* listening;
    kt::Endpoint local, peer;
    Slice frame;
    net::Reply reply;
  };
  class Monitoring;
  /// What one data loop goes by; touched on that loop only.
  struct LoopState {
    Loop* loop;
    PublishedImage::Reader image;
    bool is_serving = false;
    std::vector<HeldRequest> held = {};
    std::unique_ptr<RequestMetrics> requests = {};  // null when nobody asked for metrics
  };
  LoopState& state_of(Loop& loop);

  // MetadataQuorum::Listener
  void on_leadership(const raft::Leadership& leadership) override;
  void on_committed(const MetadataBatch& batch) override;
  void on_failure(const Error& error) override;

  Result<void> prepare();
  Result<void> open_quorum();
  void on_other_cluster(int32_t node, const kt::Endpoint& at);
  Result<void> listen();
  Result<void> monitor();
  void start_broker();
  /// How this node's controller is entered into the metadata.
  wire::ControllerRegistrationRequest own_controller() const;
  /// 0 where nothing listens under this name.
  uint16_t bound_port(const std::string& listener) const;
  void note_kraft_version();
  void schedule_publish();
  /// Brings replicas and clients to the latest committed image; then those who waited for it are answered.
  void publish();
  bool another_stops(const metadata::Changes& changes) const;
  void finish_start(Result<void> outcome);
  /// Clients' requests are answered from now on, those that waited first.
  void begin_to_serve();
  void hand_over(Task done);
  void close_servers(Task closed);
  void close_storage(std::move_only_function<void(Result<void>)> closed);

  const Seams seams_;
  Options options_;
  metadata::FeatureRanges features_;
  LogDirectories directories_;
  SeededRng log_rng_;
  std::unique_ptr<log::OpenFiles> metadata_files_;
  std::unique_ptr<log::TailBudget> metadata_tail_;
  std::unique_ptr<MetadataQuorum> quorum_;
  std::unique_ptr<QuorumNetwork> quorum_network_;
  std::unique_ptr<QuorumService> quorum_service_;
  std::unique_ptr<SnapshotGenerator> snapshots_;
  std::unique_ptr<ControllerDriver> controller_;  // active while this node leads the quorum
  std::unique_ptr<BrokerProbe> probe_;
  std::unique_ptr<ControllerRoute> route_;        // to the active one
  std::unique_ptr<ReplicaManager> replicas_;
  std::unique_ptr<GroupRuntime> groups_;
  std::unique_ptr<DirectoryAssignments> assignments_;
  std::unique_ptr<IsrChanges> isr_changes_;
  std::unique_ptr<ProducerIds> producer_ids_;
  std::unique_ptr<BrokerLifecycle> lifecycle_;
  std::unique_ptr<ControllerRegistration> controller_registration_;
  std::atomic<int32_t> quorum_leader_id_ = -1;
  std::atomic<int16_t> kraft_version_ = 0;
  api::FetchSessions fetch_sessions_;
  net::MemoryBudget request_budget_;
  PublishedImage image_;
  std::vector<std::unique_ptr<Listening>> listening_;
  std::unique_ptr<Monitoring> monitoring_;
  std::optional<kt::Endpoint> monitoring_at_;
  std::vector<std::unique_ptr<LoopState>> loops_;

  // On the control loop.
  std::shared_ptr<const metadata::Image> published_ = std::make_shared<const metadata::Image>();
  metadata::Image committed_;
  metadata::Changes changes_;  // from published_ to committed_
  bool is_publish_scheduled_ = false;
  bool has_joined_ = false;             // has known a leader
  std::set<int32_t> of_other_cluster_;  // nodes that said so
  std::move_only_function<void(Result<Serving>)> started_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  std::mutex creating_mutex_;
  std::set<std::string> creating_;  // topics under way, guarded by creating_mutex_
  static constexpr size_t creating_max = 100;
};

}  // namespace kt::node
