#include "libbroker/api/handler.h"

#include "libbroker/api/handlers.h"

namespace kt::api {

Handler find_handler(wire::ApiKey key) {
  using enum wire::ApiKey;
  switch (key) {
    case produce:
      return handle_produce;
    case fetch:
      return handle_fetch;
    case list_offsets:
      return handle_list_offsets;
    case metadata:
      return handle_metadata;
    case offset_commit:
      return handle_offset_commit;
    case offset_fetch:
      return handle_offset_fetch;
    case find_coordinator:
      return handle_find_coordinator;
    case join_group:
      return handle_join_group;
    case heartbeat:
      return handle_heartbeat;
    case leave_group:
      return handle_leave_group;
    case sync_group:
      return handle_sync_group;
    case describe_groups:
      return handle_describe_groups;
    case list_groups:
      return handle_list_groups;
    case sasl_handshake:
      return handle_sasl_handshake;
    case api_versions:
      return handle_api_versions;
    case create_topics:
      return handle_create_topics;
    case delete_topics:
      return handle_delete_topics;
    case delete_records:
      return handle_delete_records;
    case init_producer_id:
      return handle_init_producer_id;
    case offset_for_leader_epoch:
      return handle_offset_for_leader_epoch;
    case add_partitions_to_txn:
      return handle_add_partitions_to_txn;
    case add_offsets_to_txn:
      return handle_add_offsets_to_txn;
    case end_txn:
      return handle_end_txn;
    case txn_offset_commit:
      return handle_txn_offset_commit;
    case describe_acls:
      return handle_describe_acls;
    case create_acls:
      return handle_create_acls;
    case delete_acls:
      return handle_delete_acls;
    case describe_configs:
      return handle_describe_configs;
    case alter_configs:
      return handle_alter_configs;
    case describe_log_dirs:
      return handle_describe_log_dirs;
    case sasl_authenticate:
      return handle_sasl_authenticate;
    case create_partitions:
      return handle_create_partitions;
    case create_delegation_token:
      return handle_create_delegation_token;
    case renew_delegation_token:
      return handle_renew_delegation_token;
    case expire_delegation_token:
      return handle_expire_delegation_token;
    case describe_delegation_token:
      return handle_describe_delegation_token;
    case delete_groups:
      return handle_delete_groups;
    case elect_leaders:
      return handle_elect_leaders;
    case incremental_alter_configs:
      return handle_incremental_alter_configs;
    case list_partition_reassignments:
      return handle_list_partition_reassignments;
    case offset_delete:
      return handle_offset_delete;
    case describe_client_quotas:
      return handle_describe_client_quotas;
    case describe_user_scram_credentials:
      return handle_describe_user_scram_credentials;
    case describe_quorum:
      return handle_describe_quorum;
    case update_features:
      return handle_update_features;
    case describe_cluster:
      return handle_describe_cluster;
    case describe_producers:
      return handle_describe_producers;
    case unregister_broker:
      return handle_unregister_broker;
    case describe_transactions:
      return handle_describe_transactions;
    case list_transactions:
      return handle_list_transactions;
    case consumer_group_heartbeat:
      return handle_consumer_group_heartbeat;
    case consumer_group_describe:
      return handle_consumer_group_describe;
    case list_config_resources:
      return handle_list_config_resources;
    case describe_topic_partitions:
      return handle_describe_topic_partitions;
    default:
      return nullptr;
  }
}

}  // namespace kt::api
