#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/metadata/config_layers.h"
#include "libbroker/metadata/listeners.h"

namespace kt::metadata {

/// How closely compressed batches are checked on produce: record by record, or by their header alone.
enum class ValidateCompressed : uint8_t { records, header };

/// What a node goes by, typed: its property file, under what was set dynamically. Fields are Kafka's keys,
/// unit last.
struct BrokerConfig {
  // Who and where.
  int32_t node_id = -1;  // -1: to be picked (a file of the ZooKeeper age without broker.id)
  bool is_broker = false, is_controller = false;
  std::optional<std::string> rack;
  bool selects_replicas_by_rack = false;  // replica.selector.class (KIP-392)
  std::vector<Endpoint> listeners;  // all that are bound
  std::vector<Endpoint>
      advertised_listeners;  // what brokers' clients are told; the controller's are not among them
  std::vector<Endpoint> controller_advertised_listeners;  // where other nodes reach the controller here
  std::vector<std::string> controller_listener_names;
  std::string inter_broker_listener_name;
  std::vector<std::string> log_dirs;
  std::string metadata_log_dir;
  std::optional<std::string> zookeeper_connect;  // a file of that age: the controller is asked for there
  int32_t zookeeper_connection_timeout_ms = 18'000;

  // The quorum and this node's session with it.
  std::vector<Voter> quorum_voters;
  std::vector<HostPort> quorum_bootstrap_servers;
  int32_t quorum_election_timeout_ms = 0, quorum_election_backoff_ms_max = 0, quorum_fetch_timeout_ms = 0;
  int32_t quorum_request_timeout_ms = 0, quorum_retry_backoff_ms = 0, quorum_append_linger_ms = 0;
  int32_t heartbeat_interval_ms = 0, session_timeout_ms = 0, initial_registration_timeout_ms = 0;
  int64_t metadata_snapshot_bytes = 0, metadata_snapshot_interval_ms = 0;
  int64_t metadata_retention_bytes = 0, metadata_retention_ms = 0;
  int32_t metadata_segment_bytes = 0, metadata_idle_interval_ms = 0;
  int64_t metadata_segment_ms = 0;

  // Topics.
  int32_t num_partitions = 0, default_replication_factor = 0;
  bool auto_create_topics = true, delete_topic = true;
  bool auto_leader_rebalance = true;
  int64_t leader_imbalance_check_interval_seconds = 0;
  int64_t unclean_leader_election_interval_ms = 0;

  // Requests and connections.
  int32_t socket_send_buffer_bytes = 0, socket_receive_buffer_bytes = 0, socket_request_bytes_max = 0;
  int32_t socket_listen_backlog = 0;
  int64_t connections_idle_ms_max = 0;
  int32_t connections_max = 0, connections_per_ip_max = 0;
  int64_t queued_request_bytes_max = 0;
  int32_t request_timeout_ms = 0;
  int32_t fetch_bytes_max = 0, fetch_session_slots_max = 0, request_partition_size_limit = 0;
  bool require_secure_listeners = false;     // kt.require.secure.listeners
  int32_t io_threads = 1;                    // kt.io.threads
  std::optional<HostPort> metrics_listener;  // kt.metrics.listener; none: no metrics
  ValidateCompressed validate_compressed = ValidateCompressed::records;

  // Replication.
  int64_t replica_lag_ms_max = 0;
  int32_t replica_fetch_bytes_max = 0, replica_fetch_bytes_min = 0, replica_fetch_response_bytes_max = 0;
  int32_t replica_fetch_wait_ms_max = 0, replica_fetch_backoff_ms = 0, replica_socket_timeout_ms = 0;
  int64_t high_watermark_checkpoint_interval_ms = 0;
  int32_t replication_quota_windows = 0, replication_quota_window_seconds = 0;
  int64_t leader_throttled_rate = INT64_MAX, follower_throttled_rate = INT64_MAX;  // bytes/s

  // Logs.
  int64_t log_retention_check_interval_ms = 0, log_flush_scheduler_interval_ms = 0,
          log_initial_task_delay_ms = 0;
  int32_t log_flush_offset_checkpoint_interval_ms = 0, log_flush_start_offset_checkpoint_interval_ms = 0;
  int64_t log_dir_failure_timeout_ms = 0;
  bool log_cleaner_enable = true;
  int64_t log_cleaner_backoff_ms = 0, log_cleaner_dedupe_buffer_bytes = 0;
  double log_cleaner_io_bytes_per_second_max = 0, log_cleaner_load_factor = 0;
  int32_t log_cleaner_threads = 1;
  int32_t recovery_threads_per_dir = 1;

  // Groups.
  int32_t offsets_topic_partitions = 0, offsets_topic_segment_bytes = 0;
  int16_t offsets_topic_replication_factor = 0;
  int32_t offsets_topic_compression_codec = 0, offsets_retention_minutes = 0, offset_metadata_bytes_max = 0;
  int64_t offsets_retention_check_interval_ms = 0;
  int32_t offsets_commit_timeout_ms = 0;
  int32_t group_session_timeout_ms_min = 0, group_session_timeout_ms_max = 0, group_size_max = 0;
  int32_t group_initial_rebalance_delay_ms = 0;

  // Producers and transactions.
  int32_t producer_id_expiration_ms = 0, producer_id_expiration_check_interval_ms = 0;
  int32_t transaction_timeout_ms_max = 0, transactional_id_expiration_ms = 0;
  int32_t transaction_topic_partitions = 0, transaction_topic_min_isr = 0,
          transaction_topic_segment_bytes = 0;
  int16_t transaction_topic_replication_factor = 0;

  /// A controller that names at most one place to find a controller: its own.
  bool is_quorum_of_one() const {
    return is_controller && quorum_voters.size() <= 1 && quorum_bootstrap_servers.size() <= 1;
  }

  /// Errors: invalid_config with one clear sentence, Kafka's where it has one.
  static Result<BrokerConfig> from(const BrokerLayers& layers);
};

/// One sentence per key of a property file that means nothing here, with the key that may have been meant;
/// and per key of older Kafkas that no longer has an effect.
std::vector<std::string> warnings_about(const ConfigMap& properties);

}  // namespace kt::metadata
