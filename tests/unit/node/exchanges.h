#pragma once
#include "libbroker/wire/all_messages.h"

namespace kt::node {

/// Calls visitor.operator()<Request, Response>() for every API that a broker listener may serve, by key.
template <class Visitor>
void visit_exchanges(Visitor&& visitor) {
  visitor.template operator()<wire::ProduceRequest, wire::ProduceResponse>();
  visitor.template operator()<wire::FetchRequest, wire::FetchResponse>();
  visitor.template operator()<wire::ListOffsetsRequest, wire::ListOffsetsResponse>();
  visitor.template operator()<wire::MetadataRequest, wire::MetadataResponse>();
  visitor.template operator()<wire::OffsetCommitRequest, wire::OffsetCommitResponse>();
  visitor.template operator()<wire::OffsetFetchRequest, wire::OffsetFetchResponse>();
  visitor.template operator()<wire::FindCoordinatorRequest, wire::FindCoordinatorResponse>();
  visitor.template operator()<wire::JoinGroupRequest, wire::JoinGroupResponse>();
  visitor.template operator()<wire::HeartbeatRequest, wire::HeartbeatResponse>();
  visitor.template operator()<wire::LeaveGroupRequest, wire::LeaveGroupResponse>();
  visitor.template operator()<wire::SyncGroupRequest, wire::SyncGroupResponse>();
  visitor.template operator()<wire::DescribeGroupsRequest, wire::DescribeGroupsResponse>();
  visitor.template operator()<wire::ListGroupsRequest, wire::ListGroupsResponse>();
  visitor.template operator()<wire::SaslHandshakeRequest, wire::SaslHandshakeResponse>();
  visitor.template operator()<wire::ApiVersionsRequest, wire::ApiVersionsResponse>();
  visitor.template operator()<wire::CreateTopicsRequest, wire::CreateTopicsResponse>();
  visitor.template operator()<wire::DeleteTopicsRequest, wire::DeleteTopicsResponse>();
  visitor.template operator()<wire::DeleteRecordsRequest, wire::DeleteRecordsResponse>();
  visitor.template operator()<wire::InitProducerIdRequest, wire::InitProducerIdResponse>();
  visitor.template operator()<wire::OffsetForLeaderEpochRequest, wire::OffsetForLeaderEpochResponse>();
  visitor.template operator()<wire::AddPartitionsToTxnRequest, wire::AddPartitionsToTxnResponse>();
  visitor.template operator()<wire::AddOffsetsToTxnRequest, wire::AddOffsetsToTxnResponse>();
  visitor.template operator()<wire::EndTxnRequest, wire::EndTxnResponse>();
  visitor.template operator()<wire::WriteTxnMarkersRequest, wire::WriteTxnMarkersResponse>();
  visitor.template operator()<wire::TxnOffsetCommitRequest, wire::TxnOffsetCommitResponse>();
  visitor.template operator()<wire::DescribeAclsRequest, wire::DescribeAclsResponse>();
  visitor.template operator()<wire::CreateAclsRequest, wire::CreateAclsResponse>();
  visitor.template operator()<wire::DeleteAclsRequest, wire::DeleteAclsResponse>();
  visitor.template operator()<wire::DescribeConfigsRequest, wire::DescribeConfigsResponse>();
  visitor.template operator()<wire::AlterConfigsRequest, wire::AlterConfigsResponse>();
  visitor.template operator()<wire::AlterReplicaLogDirsRequest, wire::AlterReplicaLogDirsResponse>();
  visitor.template operator()<wire::DescribeLogDirsRequest, wire::DescribeLogDirsResponse>();
  visitor.template operator()<wire::SaslAuthenticateRequest, wire::SaslAuthenticateResponse>();
  visitor.template operator()<wire::CreatePartitionsRequest, wire::CreatePartitionsResponse>();
  visitor.template operator()<wire::CreateDelegationTokenRequest, wire::CreateDelegationTokenResponse>();
  visitor.template operator()<wire::RenewDelegationTokenRequest, wire::RenewDelegationTokenResponse>();
  visitor.template operator()<wire::ExpireDelegationTokenRequest, wire::ExpireDelegationTokenResponse>();
  visitor.template operator()<wire::DescribeDelegationTokenRequest, wire::DescribeDelegationTokenResponse>();
  visitor.template operator()<wire::DeleteGroupsRequest, wire::DeleteGroupsResponse>();
  visitor.template operator()<wire::ElectLeadersRequest, wire::ElectLeadersResponse>();
  visitor.template operator()<wire::IncrementalAlterConfigsRequest, wire::IncrementalAlterConfigsResponse>();
  visitor.template
  operator()<wire::AlterPartitionReassignmentsRequest, wire::AlterPartitionReassignmentsResponse>();
  visitor.template
  operator()<wire::ListPartitionReassignmentsRequest, wire::ListPartitionReassignmentsResponse>();
  visitor.template operator()<wire::OffsetDeleteRequest, wire::OffsetDeleteResponse>();
  visitor.template operator()<wire::DescribeClientQuotasRequest, wire::DescribeClientQuotasResponse>();
  visitor.template operator()<wire::AlterClientQuotasRequest, wire::AlterClientQuotasResponse>();
  visitor.template
  operator()<wire::DescribeUserScramCredentialsRequest, wire::DescribeUserScramCredentialsResponse>();
  visitor
      .template operator()<wire::AlterUserScramCredentialsRequest, wire::AlterUserScramCredentialsResponse>();
  visitor.template operator()<wire::DescribeQuorumRequest, wire::DescribeQuorumResponse>();
  visitor.template operator()<wire::UpdateFeaturesRequest, wire::UpdateFeaturesResponse>();
  visitor.template operator()<wire::DescribeClusterRequest, wire::DescribeClusterResponse>();
  visitor.template operator()<wire::DescribeProducersRequest, wire::DescribeProducersResponse>();
  visitor.template operator()<wire::UnregisterBrokerRequest, wire::UnregisterBrokerResponse>();
  visitor.template operator()<wire::DescribeTransactionsRequest, wire::DescribeTransactionsResponse>();
  visitor.template operator()<wire::ListTransactionsRequest, wire::ListTransactionsResponse>();
  visitor.template operator()<wire::ConsumerGroupHeartbeatRequest, wire::ConsumerGroupHeartbeatResponse>();
  visitor.template operator()<wire::ConsumerGroupDescribeRequest, wire::ConsumerGroupDescribeResponse>();
  visitor
      .template operator()<wire::GetTelemetrySubscriptionsRequest, wire::GetTelemetrySubscriptionsResponse>();
  visitor.template operator()<wire::PushTelemetryRequest, wire::PushTelemetryResponse>();
  visitor.template operator()<wire::ListConfigResourcesRequest, wire::ListConfigResourcesResponse>();
  visitor.template operator()<wire::DescribeTopicPartitionsRequest, wire::DescribeTopicPartitionsResponse>();
  visitor.template operator()<wire::AddRaftVoterRequest, wire::AddRaftVoterResponse>();
  visitor.template operator()<wire::RemoveRaftVoterRequest, wire::RemoveRaftVoterResponse>();
}

/// The same for what nodes ask controllers.
template <class Visitor>
void visit_node_exchanges(Visitor&& visitor) {
  visitor.template operator()<wire::FetchRequest, wire::FetchResponse>();
  visitor.template operator()<wire::VoteRequest, wire::VoteResponse>();
  visitor.template operator()<wire::BeginQuorumEpochRequest, wire::BeginQuorumEpochResponse>();
  visitor.template operator()<wire::EndQuorumEpochRequest, wire::EndQuorumEpochResponse>();
  visitor.template operator()<wire::AlterPartitionRequest, wire::AlterPartitionResponse>();
  visitor.template operator()<wire::EnvelopeRequest, wire::EnvelopeResponse>();
  visitor.template operator()<wire::FetchSnapshotRequest, wire::FetchSnapshotResponse>();
  visitor.template operator()<wire::BrokerRegistrationRequest, wire::BrokerRegistrationResponse>();
  visitor.template operator()<wire::BrokerHeartbeatRequest, wire::BrokerHeartbeatResponse>();
  visitor.template operator()<wire::AllocateProducerIdsRequest, wire::AllocateProducerIdsResponse>();
  visitor.template operator()<wire::ControllerRegistrationRequest, wire::ControllerRegistrationResponse>();
  visitor.template operator()<wire::AssignReplicasToDirsRequest, wire::AssignReplicasToDirsResponse>();
}

}  // namespace kt::node
