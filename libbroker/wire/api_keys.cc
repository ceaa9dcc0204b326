#include "libbroker/wire/api_keys.h"

#include <algorithm>

namespace kt::wire {
namespace {

// Ordered by key, for binary search. Produce is listed from 3; ApiVersions says 0 (KAFKA-18659).
constexpr Api table[] = {
    {ApiKey::produce, "Produce", 3, 13, 9, Listeners::broker},
    {ApiKey::fetch, "Fetch", 4, 18, 12, Listeners::both},
    {ApiKey::list_offsets, "ListOffsets", 1, 11, 6, Listeners::broker},
    {ApiKey::metadata, "Metadata", 0, 13, 9, Listeners::broker},
    {ApiKey::offset_commit, "OffsetCommit", 2, 10, 8, Listeners::broker},
    {ApiKey::offset_fetch, "OffsetFetch", 1, 10, 6, Listeners::broker},
    {ApiKey::find_coordinator, "FindCoordinator", 0, 6, 3, Listeners::broker},
    {ApiKey::join_group, "JoinGroup", 0, 9, 6, Listeners::broker},
    {ApiKey::heartbeat, "Heartbeat", 0, 4, 4, Listeners::broker},
    {ApiKey::leave_group, "LeaveGroup", 0, 5, 4, Listeners::broker},
    {ApiKey::sync_group, "SyncGroup", 0, 5, 4, Listeners::broker},
    {ApiKey::describe_groups, "DescribeGroups", 0, 6, 5, Listeners::broker},
    {ApiKey::list_groups, "ListGroups", 0, 5, 3, Listeners::broker},
    {ApiKey::sasl_handshake, "SaslHandshake", 0, 1, 32767, Listeners::both},
    {ApiKey::api_versions, "ApiVersions", 0, 4, 3, Listeners::both},
    {ApiKey::create_topics, "CreateTopics", 2, 7, 5, Listeners::both},
    {ApiKey::delete_topics, "DeleteTopics", 1, 6, 4, Listeners::both},
    {ApiKey::delete_records, "DeleteRecords", 0, 2, 2, Listeners::broker},
    {ApiKey::init_producer_id, "InitProducerId", 0, 5, 2, Listeners::broker},
    {ApiKey::offset_for_leader_epoch, "OffsetForLeaderEpoch", 2, 4, 4, Listeners::broker},
    {ApiKey::add_partitions_to_txn, "AddPartitionsToTxn", 0, 5, 3, Listeners::broker},
    {ApiKey::add_offsets_to_txn, "AddOffsetsToTxn", 0, 4, 3, Listeners::broker},
    {ApiKey::end_txn, "EndTxn", 0, 5, 3, Listeners::broker},
    {ApiKey::write_txn_markers, "WriteTxnMarkers", 1, 2, 1, Listeners::broker},
    {ApiKey::txn_offset_commit, "TxnOffsetCommit", 0, 5, 3, Listeners::broker},
    {ApiKey::describe_acls, "DescribeAcls", 1, 3, 2, Listeners::both},
    {ApiKey::create_acls, "CreateAcls", 1, 3, 2, Listeners::both},
    {ApiKey::delete_acls, "DeleteAcls", 1, 3, 2, Listeners::both},
    {ApiKey::describe_configs, "DescribeConfigs", 1, 4, 4, Listeners::both},
    {ApiKey::alter_configs, "AlterConfigs", 0, 2, 2, Listeners::both},
    {ApiKey::alter_replica_log_dirs, "AlterReplicaLogDirs", 1, 2, 2, Listeners::broker},
    {ApiKey::describe_log_dirs, "DescribeLogDirs", 1, 4, 2, Listeners::broker},
    {ApiKey::sasl_authenticate, "SaslAuthenticate", 0, 2, 2, Listeners::both},
    {ApiKey::create_partitions, "CreatePartitions", 0, 3, 2, Listeners::both},
    {ApiKey::create_delegation_token, "CreateDelegationToken", 1, 3, 2, Listeners::both},
    {ApiKey::renew_delegation_token, "RenewDelegationToken", 1, 2, 2, Listeners::both},
    {ApiKey::expire_delegation_token, "ExpireDelegationToken", 1, 2, 2, Listeners::both},
    {ApiKey::describe_delegation_token, "DescribeDelegationToken", 1, 3, 2, Listeners::both},
    {ApiKey::delete_groups, "DeleteGroups", 0, 2, 2, Listeners::broker},
    {ApiKey::elect_leaders, "ElectLeaders", 0, 2, 2, Listeners::both},
    {ApiKey::incremental_alter_configs, "IncrementalAlterConfigs", 0, 1, 1, Listeners::both},
    {ApiKey::alter_partition_reassignments, "AlterPartitionReassignments", 0, 1, 0, Listeners::both},
    {ApiKey::list_partition_reassignments, "ListPartitionReassignments", 0, 0, 0, Listeners::both},
    {ApiKey::offset_delete, "OffsetDelete", 0, 0, 32767, Listeners::broker},
    {ApiKey::describe_client_quotas, "DescribeClientQuotas", 0, 1, 1, Listeners::broker},
    {ApiKey::alter_client_quotas, "AlterClientQuotas", 0, 1, 1, Listeners::both},
    {ApiKey::describe_user_scram_credentials, "DescribeUserScramCredentials", 0, 0, 0, Listeners::both},
    {ApiKey::alter_user_scram_credentials, "AlterUserScramCredentials", 0, 0, 0, Listeners::both},
    {ApiKey::vote, "Vote", 0, 2, 0, Listeners::controller},
    {ApiKey::begin_quorum_epoch, "BeginQuorumEpoch", 0, 1, 1, Listeners::controller},
    {ApiKey::end_quorum_epoch, "EndQuorumEpoch", 0, 1, 1, Listeners::controller},
    {ApiKey::describe_quorum, "DescribeQuorum", 0, 2, 0, Listeners::both},
    {ApiKey::alter_partition, "AlterPartition", 2, 3, 0, Listeners::controller},
    {ApiKey::update_features, "UpdateFeatures", 0, 2, 0, Listeners::both},
    {ApiKey::envelope, "Envelope", 0, 0, 0, Listeners::controller},
    {ApiKey::fetch_snapshot, "FetchSnapshot", 0, 1, 0, Listeners::controller},
    {ApiKey::describe_cluster, "DescribeCluster", 0, 2, 0, Listeners::both},
    {ApiKey::describe_producers, "DescribeProducers", 0, 0, 0, Listeners::broker},
    {ApiKey::broker_registration, "BrokerRegistration", 0, 4, 0, Listeners::controller},
    {ApiKey::broker_heartbeat, "BrokerHeartbeat", 0, 1, 0, Listeners::controller},
    {ApiKey::unregister_broker, "UnregisterBroker", 0, 0, 0, Listeners::both},
    {ApiKey::describe_transactions, "DescribeTransactions", 0, 0, 0, Listeners::broker},
    {ApiKey::list_transactions, "ListTransactions", 0, 2, 0, Listeners::broker},
    {ApiKey::allocate_producer_ids, "AllocateProducerIds", 0, 0, 0, Listeners::controller},
    {ApiKey::consumer_group_heartbeat, "ConsumerGroupHeartbeat", 0, 1, 0, Listeners::broker},
    {ApiKey::consumer_group_describe, "ConsumerGroupDescribe", 0, 1, 0, Listeners::broker},
    {ApiKey::controller_registration, "ControllerRegistration", 0, 0, 0, Listeners::controller},
    {ApiKey::get_telemetry_subscriptions, "GetTelemetrySubscriptions", 0, 0, 0, Listeners::broker},
    {ApiKey::push_telemetry, "PushTelemetry", 0, 0, 0, Listeners::broker},
    {ApiKey::assign_replicas_to_dirs, "AssignReplicasToDirs", 0, 0, 0, Listeners::controller},
    {ApiKey::list_config_resources, "ListConfigResources", 0, 1, 0, Listeners::broker},
    {ApiKey::describe_topic_partitions, "DescribeTopicPartitions", 0, 0, 0, Listeners::broker},
    {ApiKey::add_raft_voter, "AddRaftVoter", 0, 1, 0, Listeners::both},
    {ApiKey::remove_raft_voter, "RemoveRaftVoter", 0, 0, 0, Listeners::both},
    {ApiKey::update_raft_voter, "UpdateRaftVoter", 0, 0, 0, Listeners::controller},
};

}  // namespace

std::span<const Api> apis() { return table; }

const Api* find_api(int16_t key) {
  const auto found = std::ranges::lower_bound(table, static_cast<ApiKey>(key), {}, &Api::key);
  return found != std::end(table) && found->key == static_cast<ApiKey>(key) ? found : nullptr;
}

}  // namespace kt::wire
