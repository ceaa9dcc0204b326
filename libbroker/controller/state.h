#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/base/result.h"
#include "libbroker/metadata/broker_config.h"
#include "libbroker/metadata/image.h"

namespace kt::controller {

/// What the controller goes by; the same on every node of the quorum, or they decide differently.
struct ControllerConfig {
  int32_t node_id = 0;
  std::string cluster_id;
  std::vector<int32_t> quorum_ids;             // the controllers, this one among them
  metadata::FeatureRanges supported_features;  // by this node
  metadata::ConfigMap properties;  // this node's file: defaults of topics' configuration come from it
  int32_t num_partitions = 1;
  int16_t default_replication_factor = 1;
  bool delete_topic_enable = true;
  bool auto_leader_rebalance = true;
  int64_t session_timeout_ms = 9000;
  int64_t leader_imbalance_check_interval_ms = 300'000;
  int64_t unclean_leader_election_interval_ms = 300'000;
  int64_t idle_interval_ms = 500;  // after which a NoOpRecord is written; 0: never
  /// Whether a broker leads what had nobody but it also from a directory that is new, as under ZooKeeper, which
  /// knew of none. Elsewhere such a partition waits for the directory, or for what else has leaders chosen.
  bool leads_from_new_directories = false;
  Mutants mutants = {};

  static ControllerConfig from(const metadata::BrokerConfig& node, metadata::ConfigMap properties,
                               std::string cluster_id);
};

/// What the controller knows of a broker that is not in the log, and dies with its leadership.
struct Session {
  int64_t last_contact_ms = 0;
  bool is_heard = false;  // by this controller: until then its own next life may take the broker's place
  int64_t metadata_offset = -1;             // up to which the broker has applied the log
  int64_t registration_offset = -1;         // of its latest RegisterBrokerRecord
  int64_t controlled_shutdown_offset = -1;  // up to which all must have applied the log before it may stop;
                                            // -1: not shutting down
};
struct Soft {
  std::map<int32_t, Session> sessions;
};

/// What a decision reads. Borrows all of it.
struct State {
  const ControllerConfig& config;
  const metadata::Image& image;  // with what is appended and not yet committed
  const Soft& soft;

  metadata::BrokerLayers config_layers() const;
  /// A topic's configuration in effect; `key` is in the table.
  metadata::ConfigValue topic_config(std::string_view topic, std::string_view key) const;
  bool unclean_election_enabled(std::string_view topic) const;
  /// min.insync.replicas, at most the topic's replication factor.
  int32_t effective_min_isr(const metadata::Topic& topic) const;
  bool elr_enabled() const;
  /// The directory of a new replica: the broker's only one, or for the broker to choose.
  Uuid default_directory(int32_t broker_id) const;
  /// Whether the sender of a request is the broker's present incarnation. Errors: stale_broker_epoch.
  Result<void> check_broker_epoch(int32_t broker_id, int64_t broker_epoch) const;
};

/// When and for what a decision is asked.
struct Context {
  int64_t now_ms = 0;       // of a clock that never goes back
  int64_t next_offset = 0;  // of the log, at which the decision's first record will be
  int16_t api_version = 0;  // of the request
  int16_t kraft_version = 0;  // of the quorum
};

/// What is to be appended as one batch, and what is answered once that is committed.
template <class Reply>
struct Decision {
  std::vector<metadata::Record> records = {};
  Reply reply = {};
  std::optional<Error> refusal = {};  // of the request as a whole, in the reply's place; nothing is appended
};

/// Of what a user asks in one request, and what is said of more.
inline constexpr size_t records_per_operation_max = 10'000;
Error oversized_operation();

}  // namespace kt::controller
