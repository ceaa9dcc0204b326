#include "libbroker/node/node.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/base/logger.h"
#include "libbroker/node/features.h"
#include "libbroker/node/listening.h"
#include "libbroker/node/monitoring.h"
#include "libbroker/node/quorum_options.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.Node";
constexpr const char* metadata_directory = "__cluster_metadata-0";
constexpr size_t metadata_open_files_max = 64;
constexpr uint64_t metadata_tail_bytes_max = 1 << 20;
constexpr size_t request_budget_bytes_default = 512 << 20;  // of received frames that are alive

void merge(metadata::Changes& into, const metadata::Changes& more) {
  into.topics.insert(more.topics.begin(), more.topics.end());
  into.brokers.insert(more.brokers.begin(), more.brokers.end());
  into.configs.insert(more.configs.begin(), more.configs.end());
}

metadata::Changes all_of(const metadata::Image& image) {
  metadata::Changes all;
  for (const auto& [id, topic] : image.topics) all.topics.insert(id);
  for (const auto& [id, broker] : image.brokers) all.brokers.insert(id);
  for (const auto& [resource, configs] : image.configs) all.configs.insert(resource);
  return all;
}

GroupShard::Options group_options(const metadata::BrokerConfig& config, Mutants mutants) {
  GroupShard::Options all{.commit_timeout_ms = config.offsets_commit_timeout_ms, .mutants = mutants};
  group::Options& options = all.groups;
  options.mutants = mutants;
  options.session_timeout_ms_min = config.group_session_timeout_ms_min;
  options.session_timeout_ms_max = config.group_session_timeout_ms_max;
  options.initial_rebalance_delay_ms = config.group_initial_rebalance_delay_ms;
  options.group_size_max = config.group_size_max;
  options.offset_metadata_bytes_max = config.offset_metadata_bytes_max;
  options.offsets_retention_ms = int64_t{config.offsets_retention_minutes} * 60'000;
  return all;
}

size_t request_budget_bytes(const metadata::BrokerConfig& config) {
  return config.queued_request_bytes_max > 0 ? static_cast<size_t>(config.queued_request_bytes_max)
                                             : request_budget_bytes_default;
}

}  // namespace

Node::Node(Seams seams, Options options)
    : seams_(std::move(seams)),
      options_(std::move(options)),
      features_(kt::node::supported_features()),
      directories_(seams_.disk, seams_.clock, seams_.rng, options_.mutants),
      log_rng_(seams_.rng.next()),
      fetch_sessions_(seams_.clock, seams_.rng.next(),
                      static_cast<size_t>(options_.config.fetch_session_slots_max), options_.mutants),
      request_budget_(request_budget_bytes(options_.config)) {
  if (!options_.authorizer) options_.authorizer = std::make_shared<api::AllowAll>();
  if (!options_.quotas) options_.quotas = std::make_shared<api::NoQuotas>();
  for (Loop* loop : seams_.data)
    loops_.push_back(
        std::make_unique<LoopState>(LoopState{.loop = loop, .image = PublishedImage::Reader(image_)}));
}

Node::~Node() = default;

Node::LoopState& Node::state_of(Loop& loop) {
  const auto found = std::ranges::find_if(loops_, [&](const auto& state) { return state->loop == &loop; });
  KT_ASSERT(found != loops_.end());
  return **found;
}

void Node::start(std::move_only_function<void(Result<Serving>)> started) {
  started_ = std::move(started);
  if (auto prepared = prepare(); !prepared) return finish_start(prepared);
  quorum_->start();
}

Result<void> Node::prepare() {
  if (auto opened = directories_.open(options_.config, options_.may_format, options_.cluster_id); !opened)
    return opened;
  options_.config.node_id = directories_.node_id();
  if (auto opened = open_quorum(); !opened) return opened;
  if (auto faced = face_features(*quorum_, features_, options_.config.metadata_log_dir); !faced) return faced;

  auto controller_config =
      controller::ControllerConfig::from(options_.config, options_.properties, directories_.cluster_id());
  controller_config.supported_features = features_;
  controller_config.mutants = options_.mutants;
  controller_config.quorum_ids.clear();
  for (const raft::Voter& voter : quorum_->raft().voters().voters().all())
    controller_config.quorum_ids.push_back(voter.key.id);
  if (controller_config.quorum_ids.size() <= 1)
    controller_config.idle_interval_ms = 0;  // nobody waits to see it move
  auto bootstrap = bootstrap_records(seams_.disk, options_.config.metadata_log_dir, features_);
  if (!bootstrap) return fail(std::move(bootstrap.error()));
  controller_ =
      std::make_unique<ControllerDriver>(seams_.control, seams_.clock, *quorum_, std::move(controller_config),
                                         std::move(*bootstrap), seams_.rng.next());
  controller_->on_failure = [this](const Error& error) { on_failure(error); };
  controller_->own_broker_epoch = [this] { return broker_epoch(); };
  probe_ = std::make_unique<BrokerProbe>(
      seams_.control, seams_.net,
      BrokerProbe::Options{options_.config.node_id, options_.config.inter_broker_listener_name,
                           options_.config.quorum_request_timeout_ms, [this] { return controller_->image(); },
                           [this](int32_t id, int64_t epoch) { controller_->fence(id, epoch); }});
  controller_->on_active = [this] { probe_->became_active(); };
  route_ = std::make_unique<ControllerRoute>(
      seams_.control, seams_.net, seams_.clock, *quorum_, *controller_,
      ControllerRoute::Options{.node_id = options_.config.node_id,
                               .listener = controller_listener(options_.config),
                               .connect_timeout_ms = options_.config.quorum_request_timeout_ms,
                               .request_timeout_ms = options_.config.request_timeout_ms,
                               .client_patience_ms = options_.config.request_timeout_ms});
  groups_ =
      std::make_unique<GroupRuntime>(seams_.clock, seams_.control, seams_.disk_pool,
                                     group_options(options_.config, options_.mutants), seams_.rng.next());
  replicas_ = std::make_unique<ReplicaManager>(seams_, options_.config, options_.properties, directories_,
                                               *groups_, options_.mutants);
  replicas_->on_directory_failed = [this](const std::string& path, bool any_left, const Error& error) {
    const char* const lost = path == options_.config.metadata_log_dir ? "the log directory of the metadata"
                                                                      : "the last log directory";
    if (!any_left || path == options_.config.metadata_log_dir) {
      return on_failure(
          {ErrorCode::kafka_storage_error, fmt::format("{}, {}, has failed: {}", lost, path, error.message)});
    }
    if (lifecycle_) lifecycle_->report_offline(directories_.offline_ids());
  };
  assignments_ = std::make_unique<DirectoryAssignments>(seams_.control, *route_, directories_.node_id());
  replicas_->on_placed = [this](const std::vector<ReplicaManager::Placed>& placed) {
    if (committed_.metadata_version() >= metadata::metadata_version_directories) assignments_->add(placed);
  };
  isr_changes_ = std::make_unique<IsrChanges>(seams_.control, *route_, directories_.node_id());
  replicas_->on_isr_change = [this](std::shared_ptr<PartitionShard> shard, partition::IsrChange change) {
    if (isr_changes_) isr_changes_->add(std::move(shard), std::move(change));
  };
  producer_ids_ = std::make_unique<ProducerIds>([this](std::function<void(Result<ProducerIds::Block>)> then) {
    wire::AllocateProducerIdsRequest request;
    request.broker_id = options_.config.node_id;
    request.broker_epoch = lifecycle_ ? lifecycle_->epoch() : -1;
    route_->ask(seams_.control, std::move(request), 0,
                [then = std::move(then)](Result<wire::AllocateProducerIdsResponse> response) {
                  if (!response || response->error_code != ErrorCode::none)
                    return then(fail(ErrorCode::coordinator_load_in_progress));
                  then(ProducerIds::Block{response->producer_id_start, response->producer_id_len});
                });
  });
  if (auto monitored = monitor(); !monitored) return monitored;
  if (auto listening = listen(); !listening) return listening;
  if (options_.config.is_controller) {
    controller_registration_ =
        std::make_unique<ControllerRegistration>(seams_.control, *route_, own_controller());
  }
  return {};
}

Result<void> Node::monitor() {
  if (!options_.config.metrics_listener) return {};
  for (const auto& state : loops_) state->requests = std::make_unique<RequestMetrics>();
  monitoring_ = std::make_unique<Monitoring>(*this);
  auto bound = monitoring_->listen(*options_.config.metrics_listener);
  if (!bound) return fail(std::move(bound.error()));
  monitoring_at_ = *bound;
  return {};
}

Result<void> Node::open_quorum() {
  const metadata::BrokerConfig& config = options_.config;
  metadata_files_ = std::make_unique<log::OpenFiles>(seams_.disk, metadata_open_files_max);
  metadata_tail_ = std::make_unique<log::TailBudget>(metadata_tail_bytes_max);
  MetadataQuorum::Options options;
  options.raft = raft_options(config);
  options.raft.self.directory_id = directories_.id_of(config.metadata_log_dir);
  options.raft.cluster_id = directories_.cluster_id();
  options.raft.seed = seams_.rng.next();
  options.raft.mutants = options_.mutants;
  options.directory = config.metadata_log_dir + "/" + metadata_directory;
  options.voters = configured_voters(config);
  options.log.segment_bytes = static_cast<uint32_t>(config.metadata_segment_bytes);
  options.log.segment_ms = config.metadata_segment_ms;
  options.log.cleanup_delete = false;  // only what is before a snapshot goes
  options.send = [this](raft::SentRequest request, const std::vector<raft::Endpoint>* at) {
    if (quorum_network_) quorum_network_->send(std::move(request), at);
  };
  quorum_ = std::make_unique<MetadataQuorum>(
      seams_.control, seams_.clock, seams_.disk,
      log::LogServices{*metadata_files_, *metadata_tail_, log_rng_, options_.mutants}, std::move(options),
      static_cast<MetadataQuorum::Listener&>(*this));
  quorum_network_ = std::make_unique<QuorumNetwork>(
      seams_.control, seams_.net,
      QuorumNetwork::Options{
          .client_id = fmt::format("raft-client-{}", config.node_id),
          .request_timeout_ms = config.quorum_request_timeout_ms,
          .listener = controller_listener(config),
          .on_other_cluster = [this](int32_t node, const kt::Endpoint& at) { on_other_cluster(node, at); }},
      [this](uint64_t request_id, raft::Reply reply) { quorum_->replied(request_id, std::move(reply)); });
  quorum_service_ = std::make_unique<QuorumService>(seams_.control, seams_.clock, *quorum_);
  snapshots_ = std::make_unique<SnapshotGenerator>(
      seams_, *quorum_,
      SnapshotGenerator::Options{.directory = config.metadata_log_dir + "/" + metadata_directory,
                                 .log_bytes_max = config.metadata_snapshot_bytes,
                                 .interval_ms = config.metadata_snapshot_interval_ms,
                                 .retention = {config.metadata_retention_bytes, config.metadata_retention_ms},
                                 .mutants = options_.mutants});
  return quorum_->open();
}

/// One voter may be misplaced; a node that most of them do not know is itself.
void Node::on_other_cluster(int32_t node, const kt::Endpoint& at) {
  if (!of_other_cluster_.insert(node).second) return;
  const std::string why = fmt::format("the controller at {} is of another cluster: cluster.id here is {}",
                                      at.text(), directories_.cluster_id());
  if (!has_joined_ && of_other_cluster_.size() >= quorum_->raft().voters().voters().majority())
    return on_failure({ErrorCode::inconsistent_cluster_id, why});
  log_error(component, "{}", why);
}

Result<void> Node::listen() {
  const auto& names = options_.config.controller_listener_names;
  for (const metadata::Endpoint& at : options_.config.listeners) {
    const bool is_controller = std::ranges::find(names, at.listener) != names.end();
    if (at.protocol != metadata::SecurityProtocol::plaintext) {
      return fail(ErrorCode::invalid_config,
                  fmt::format("listener {} asks for {}, and this build of kt speaks PLAINTEXT only",
                              at.listener, metadata::name_of(at.protocol)));
    }
    auto listening = std::make_unique<Listening>(*this, at, is_controller);
    if (auto opened = listening->open(); !opened) return opened;
    listening_.push_back(std::move(listening));
  }
  return {};
}

void Node::on_leadership(const raft::Leadership& leadership) {
  quorum_leader_id_.store(leadership.leader_id.value_or(-1), std::memory_order_relaxed);
  note_kraft_version();
  controller_->on_leadership(leadership);
  route_->on_leadership();
  if (!leadership.leader_id || has_joined_) return;
  has_joined_ = true;
  if (options_.config.is_broker)
    start_broker();
  else
    seams_.control.post([this, alive = std::weak_ptr(alive_)] {
      if (alive.lock()) finish_start({});
    });
}

wire::ControllerRegistrationRequest Node::own_controller() const {
  wire::ControllerRegistrationRequest request;
  request.controller_id = options_.config.node_id;
  request.incarnation_id = Uuid::random(seams_.rng);
  for (const metadata::Endpoint& at : options_.config.controller_advertised_listeners) {
    request.listeners.push_back({.name = at.listener,
                                 .host = at.host,
                                 .port = at.port != 0 ? at.port : bound_port(at.listener),
                                 .security_protocol = static_cast<int16_t>(at.protocol)});
  }
  for (const auto& [name, levels] : features_) request.features.push_back({name, levels.min, levels.max});
  return request;
}

uint16_t Node::bound_port(const std::string& listener) const {
  const auto bound =
      std::ranges::find_if(listening_, [&](const auto& listening) { return listening->name() == listener; });
  return bound != listening_.end() ? (*bound)->bound().port : uint16_t{0};
}

void Node::start_broker() {
  BrokerLifecycle::Identity identity{.node_id = options_.config.node_id,
                                     .cluster_id = directories_.cluster_id(),
                                     .incarnation = Uuid::random(seams_.rng),
                                     .endpoints = options_.config.advertised_listeners,
                                     .features = [this] { return enduring(features_, committed_); },
                                     .rack = options_.config.rack,
                                     .directories = directories_.online_ids()};
  for (metadata::Endpoint& at : identity.endpoints)
    if (at.port == 0) at.port = bound_port(at.listener);
  identity.previous_epoch = directories_.previous_broker_epoch();
  lifecycle_ = std::make_unique<BrokerLifecycle>(
      seams_.control, seams_.clock, *route_, std::move(identity),
      BrokerLifecycle::Times{options_.config.heartbeat_interval_ms,
                             options_.config.initial_registration_timeout_ms,
                             options_.config.session_timeout_ms});
  lifecycle_->start([this](Result<void> unfenced) {
    if (unfenced) {
      assignments_->begin(lifecycle_->epoch());
      isr_changes_->begin(lifecycle_->epoch());
      replicas_->registered(lifecycle_->epoch(), *published_);
    }
    finish_start(std::move(unfenced));
  });
}

void Node::on_committed(const MetadataBatch& batch) {
  try {
    if (batch.is_snapshot) merge(changes_, all_of(committed_));
    metadata::ImageBuilder builder(batch.is_snapshot ? metadata::Image() : committed_);
    for (const metadata::Record& record : batch.records) builder.apply(record);
    merge(changes_, builder.changes());
    committed_ = std::move(builder).freeze({batch.last_offset, batch.epoch, batch.timestamp_ms});
  } catch (const metadata::ReplayError& error) {
    return on_failure(
        {ErrorCode::kafka_storage_error,
         fmt::format("the metadata log cannot be applied at {}: {}", batch.base_offset, error.what())});
  }
  note_kraft_version();
  snapshots_->on_committed(batch, committed_);
  schedule_publish();
}

void Node::note_kraft_version() {
  kraft_version_.store(quorum_->raft().voters().last().kraft_version, std::memory_order_relaxed);
}

void Node::schedule_publish() {
  if (is_publish_scheduled_) return;
  is_publish_scheduled_ = true;
  seams_.control.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.lock()) publish();
  });
}

void Node::publish() {
  is_publish_scheduled_ = false;
  const auto before = published_;
  published_ = std::make_shared<const metadata::Image>(committed_);
  const metadata::Changes changes = std::exchange(changes_, {});
  if (options_.config.is_broker) replicas_->apply(*before, *published_, changes);
  image_.publish(published_);
  if (options_.config.is_broker) replicas_->on_published(*published_, changes);
  const int64_t end_offset = published_->provenance.offset + 1;
  controller_->on_published(end_offset);
  route_->on_published(end_offset);
  if (lifecycle_) lifecycle_->on_published(end_offset, another_stops(changes));
  if (controller_registration_) controller_registration_->on_published(*published_);
}

bool Node::another_stops(const metadata::Changes& changes) const {
  return std::ranges::any_of(changes.brokers, [this](int32_t id) {
    return id != options_.config.node_id && published_->is_alive(id) && !published_->is_active(id);
  });
}

void Node::on_failure(const Error& error) {
  if (started_) return finish_start(fail(error));
  if (on_fatal) on_fatal(error);
}

void Node::finish_start(Result<void> outcome) {
  if (!started_) return;
  auto started = std::exchange(started_, nullptr);
  if (!outcome) return started(fail(std::move(outcome.error())));
  if (options_.config.is_broker) replicas_->start_upkeep(*published_);
  snapshots_->start();
  begin_to_serve();
  Serving serving{directories_.cluster_id(), options_.config.node_id, {}, monitoring_at_};
  for (const auto& listening : listening_)
    serving.listeners.emplace_back(listening->name(), listening->bound());
  log_info(component, "[KafkaRaftServer nodeId={}] Kafka Server started", options_.config.node_id);
  started(std::move(serving));
}

void Node::begin_to_serve() {
  for (const auto& state : loops_) {
    state->loop->post([state = state.get(), alive = std::weak_ptr(alive_)] {
      if (!alive.lock()) return;
      state->is_serving = true;
      for (HeldRequest& request : std::exchange(state->held, {}))
        request.listening->answer_held(std::move(request), *state);
    });
  }
}

}  // namespace kt::node
