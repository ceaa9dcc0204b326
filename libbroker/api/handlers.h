#pragma once
#include "libbroker/api/handler.h"

namespace kt::api {

// One per API, each in the file numbered by its key.
void handle_produce(RequestContext&, const Slice& body, net::Reply);                          // 0
void handle_fetch(RequestContext&, const Slice& body, net::Reply);                            // 1
void handle_quorum_fetch(RequestContext&, const Slice& body, net::Reply);  // 1, of the metadata log
void handle_list_offsets(RequestContext&, const Slice& body, net::Reply);                     // 2
void handle_metadata(RequestContext&, const Slice& body, net::Reply);                         // 3
void handle_offset_commit(RequestContext&, const Slice& body, net::Reply);                    // 8
void handle_offset_fetch(RequestContext&, const Slice& body, net::Reply);                     // 9
void handle_find_coordinator(RequestContext&, const Slice& body, net::Reply);                 // 10
void handle_join_group(RequestContext&, const Slice& body, net::Reply);                       // 11
void handle_heartbeat(RequestContext&, const Slice& body, net::Reply);                        // 12
void handle_leave_group(RequestContext&, const Slice& body, net::Reply);                      // 13
void handle_sync_group(RequestContext&, const Slice& body, net::Reply);                       // 14
void handle_describe_groups(RequestContext&, const Slice& body, net::Reply);                  // 15
void handle_list_groups(RequestContext&, const Slice& body, net::Reply);                      // 16
void handle_sasl_handshake(RequestContext&, const Slice& body, net::Reply);                   // 17
void handle_api_versions(RequestContext&, const Slice& body, net::Reply);                     // 18
void handle_create_topics(RequestContext&, const Slice& body, net::Reply);                    // 19
void handle_delete_topics(RequestContext&, const Slice& body, net::Reply);                    // 20
void handle_delete_records(RequestContext&, const Slice& body, net::Reply);                   // 21
void handle_init_producer_id(RequestContext&, const Slice& body, net::Reply);                 // 22
void handle_offset_for_leader_epoch(RequestContext&, const Slice& body, net::Reply);          // 23
void handle_add_partitions_to_txn(RequestContext&, const Slice& body, net::Reply);            // 24
void handle_add_offsets_to_txn(RequestContext&, const Slice& body, net::Reply);               // 25
void handle_end_txn(RequestContext&, const Slice& body, net::Reply);                          // 26
void handle_txn_offset_commit(RequestContext&, const Slice& body, net::Reply);                // 28
void handle_describe_acls(RequestContext&, const Slice& body, net::Reply);                    // 29
void handle_create_acls(RequestContext&, const Slice& body, net::Reply);                      // 30
void handle_delete_acls(RequestContext&, const Slice& body, net::Reply);                      // 31
void handle_describe_configs(RequestContext&, const Slice& body, net::Reply);                 // 32
void handle_alter_configs(RequestContext&, const Slice& body, net::Reply);                    // 33
void handle_describe_log_dirs(RequestContext&, const Slice& body, net::Reply);                // 35
void handle_sasl_authenticate(RequestContext&, const Slice& body, net::Reply);                // 36
void handle_create_partitions(RequestContext&, const Slice& body, net::Reply);                // 37
void handle_create_delegation_token(RequestContext&, const Slice& body, net::Reply);          // 38
void handle_renew_delegation_token(RequestContext&, const Slice& body, net::Reply);           // 39
void handle_expire_delegation_token(RequestContext&, const Slice& body, net::Reply);          // 40
void handle_describe_delegation_token(RequestContext&, const Slice& body, net::Reply);        // 41
void handle_delete_groups(RequestContext&, const Slice& body, net::Reply);                    // 42
void handle_elect_leaders(RequestContext&, const Slice& body, net::Reply);                    // 43
void handle_incremental_alter_configs(RequestContext&, const Slice& body, net::Reply);        // 44
void handle_alter_partition_reassignments(RequestContext&, const Slice& body, net::Reply);    // 45
void handle_list_partition_reassignments(RequestContext&, const Slice& body, net::Reply);     // 46
void handle_offset_delete(RequestContext&, const Slice& body, net::Reply);                    // 47
void handle_describe_client_quotas(RequestContext&, const Slice& body, net::Reply);           // 48
void handle_describe_user_scram_credentials(RequestContext&, const Slice& body, net::Reply);  // 50
void handle_vote(RequestContext&, const Slice& body, net::Reply);                             // 52
void handle_begin_quorum_epoch(RequestContext&, const Slice& body, net::Reply);               // 53
void handle_end_quorum_epoch(RequestContext&, const Slice& body, net::Reply);                 // 54
void handle_describe_quorum(RequestContext&, const Slice& body, net::Reply);                  // 55
void handle_alter_partition(RequestContext&, const Slice& body, net::Reply);                  // 56
void handle_update_features(RequestContext&, const Slice& body, net::Reply);                  // 57
void handle_envelope(RequestContext&, const Slice& body, net::Reply);                         // 58
void handle_fetch_snapshot(RequestContext&, const Slice& body, net::Reply);                   // 59
void handle_describe_cluster(RequestContext&, const Slice& body, net::Reply);                 // 60
void handle_describe_producers(RequestContext&, const Slice& body, net::Reply);               // 61
void handle_broker_registration(RequestContext&, const Slice& body, net::Reply);              // 62
void handle_broker_heartbeat(RequestContext&, const Slice& body, net::Reply);                 // 63
void handle_unregister_broker(RequestContext&, const Slice& body, net::Reply);                // 64
void handle_describe_transactions(RequestContext&, const Slice& body, net::Reply);            // 65
void handle_list_transactions(RequestContext&, const Slice& body, net::Reply);                // 66
void handle_allocate_producer_ids(RequestContext&, const Slice& body, net::Reply);            // 67
void handle_consumer_group_heartbeat(RequestContext&, const Slice& body, net::Reply);         // 68
void handle_consumer_group_describe(RequestContext&, const Slice& body, net::Reply);          // 69
void handle_controller_registration(RequestContext&, const Slice& body, net::Reply);          // 70
void handle_assign_replicas_to_dirs(RequestContext&, const Slice& body, net::Reply);          // 73
void handle_list_config_resources(RequestContext&, const Slice& body, net::Reply);            // 74
void handle_describe_topic_partitions(RequestContext&, const Slice& body, net::Reply);        // 75

}  // namespace kt::api
