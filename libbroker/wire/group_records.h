#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Key of a committed position.
struct OffsetCommitKey {
  static constexpr const char* type_name = "OffsetCommitKey";
  static constexpr int16_t api_key = 1, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group;
  std::string topic;
  int32_t partition = 0;
  void fields(Codec& c) { c.field("group", group).field("topic", topic).field("partition", partition); }
};

/// A committed position.
struct OffsetCommitValue {
  static constexpr const char* type_name = "OffsetCommitValue";
  static constexpr int16_t api_key = 1, min_version = 0, max_version = 4, first_flexible = 4;

  int64_t offset = 0;
  int32_t leader_epoch = -1;
  std::string metadata;
  int64_t commit_timestamp = 0;
  int64_t expire_timestamp = -1;
  Uuid topic_id;
  void fields(Codec& c) {
    c.field("offset", offset).field("leader_epoch", leader_epoch, since(3).ignorable());
    c.field("metadata", metadata).field("commit_timestamp", commit_timestamp);
    c.field("expire_timestamp", expire_timestamp, between(1, 1).ignorable());
    c.tagged(0, "topic_id", topic_id, since(4).ignorable());
  }
};

/// Key of a classic group.
struct GroupMetadataKey {
  static constexpr const char* type_name = "GroupMetadataKey";
  static constexpr int16_t api_key = 2, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group;
  void fields(Codec& c) { c.field("group", group); }
};

/// A classic group, as of its last completed rebalance.
struct GroupMetadataValue {
  static constexpr const char* type_name = "GroupMetadataValue";
  static constexpr int16_t api_key = 2, min_version = 0, max_version = 4, first_flexible = 4;

  struct MemberMetadata {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout = -1;
    int32_t session_timeout = 0;
    Slice subscription = Slice::empty();
    Slice assignment = Slice::empty();
    void fields(Codec& c) {
      c.field("member_id", member_id).field("group_instance_id", group_instance_id, since(3).ignorable());
      c.field("client_id", client_id).field("client_host", client_host);
      c.field("rebalance_timeout", rebalance_timeout, since(1).ignorable());
      c.field("session_timeout", session_timeout).field("subscription", subscription, always().not_null());
      c.field("assignment", assignment, always().not_null());
    }
  };

  std::string protocol_type;
  int32_t generation = 0;
  std::optional<std::string> protocol = "";
  std::optional<std::string> leader = "";
  int64_t current_state_timestamp = -1;
  std::vector<MemberMetadata> members;
  void fields(Codec& c) {
    c.field("protocol_type", protocol_type).field("generation", generation).field("protocol", protocol);
    c.field("leader", leader);
    c.field("current_state_timestamp", current_state_timestamp, since(2).ignorable());
    c.field("members", members);
  }
};

/// Key of a consumer group (KIP-848).
struct ConsumerGroupMetadataKey {
  static constexpr const char* type_name = "ConsumerGroupMetadataKey";
  static constexpr int16_t api_key = 3, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group_id;
  void fields(Codec& c) { c.field("group_id", group_id); }
};

/// Epoch of a consumer group.
struct ConsumerGroupMetadataValue {
  static constexpr const char* type_name = "ConsumerGroupMetadataValue";
  static constexpr int16_t api_key = 3, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t epoch = 0;
  int64_t metadata_hash = 0;
  void fields(Codec& c) { c.field("epoch", epoch).tagged(0, "metadata_hash", metadata_hash); }
};

/// Key of what a consumer group knew of its topics.
struct ConsumerGroupPartitionMetadataKey {
  static constexpr const char* type_name = "ConsumerGroupPartitionMetadataKey";
  static constexpr int16_t api_key = 4, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group_id;
  void fields(Codec& c) { c.field("group_id", group_id); }
};

/// What a consumer group knew of its topics; no longer written.
struct ConsumerGroupPartitionMetadataValue {
  static constexpr const char* type_name = "ConsumerGroupPartitionMetadataValue";
  static constexpr int16_t api_key = 4, min_version = 0, max_version = 0, first_flexible = 0;

  struct PartitionMetadata {
    int32_t partition = 0;
    std::vector<std::string> racks;
    void fields(Codec& c) { c.field("partition", partition).field("racks", racks); }
  };

  struct TopicMetadata {
    Uuid topic_id;
    std::string topic_name;
    int32_t num_partitions = 0;
    std::vector<PartitionMetadata> partition_metadata;
    void fields(Codec& c) {
      c.field("topic_id", topic_id).field("topic_name", topic_name).field("num_partitions", num_partitions);
      c.field("partition_metadata", partition_metadata);
    }
  };

  std::vector<TopicMetadata> topics;
  void fields(Codec& c) { c.field("topics", topics); }
};

/// Key of a member of a consumer group.
struct ConsumerGroupMemberMetadataKey {
  static constexpr const char* type_name = "ConsumerGroupMemberMetadataKey";
  static constexpr int16_t api_key = 5, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group_id;
  std::string member_id;
  void fields(Codec& c) { c.field("group_id", group_id).field("member_id", member_id); }
};

/// What a member of the classic protocol brought into a consumer group.
struct ClassicMemberMetadata {
  struct ClassicProtocol {
    std::string name;
    Slice metadata = Slice::empty();
    void fields(Codec& c) { c.field("name", name).field("metadata", metadata, always().not_null()); }
    bool operator==(const ClassicProtocol&) const = default;
  };

  int32_t session_timeout_ms = 0;
  std::vector<ClassicProtocol> supported_protocols;
  void fields(Codec& c) {
    c.field("session_timeout_ms", session_timeout_ms).field("supported_protocols", supported_protocols);
  }
  bool operator==(const ClassicMemberMetadata&) const = default;
};

/// A member of a consumer group.
struct ConsumerGroupMemberMetadataValue {
  static constexpr const char* type_name = "ConsumerGroupMemberMetadataValue";
  static constexpr int16_t api_key = 5, min_version = 0, max_version = 0, first_flexible = 0;

  std::optional<std::string> instance_id = "";
  std::optional<std::string> rack_id = "";
  std::string client_id;
  std::string client_host;
  std::vector<std::string> subscribed_topic_names;
  std::optional<std::string> subscribed_topic_regex = "";
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::string> server_assignor = "";
  // Null for a member of the consumer protocol, which is said by a tag; without the tag Kafka reads an empty
  // struct.
  std::optional<ClassicMemberMetadata> classic_member_metadata = ClassicMemberMetadata{};
  void fields(Codec& c) {
    c.field("instance_id", instance_id).field("rack_id", rack_id).field("client_id", client_id);
    c.field("client_host", client_host).field("subscribed_topic_names", subscribed_topic_names);
    c.field("subscribed_topic_regex", subscribed_topic_regex);
    c.field("rebalance_timeout_ms", rebalance_timeout_ms).field("server_assignor", server_assignor);
    c.tagged(0, "classic_member_metadata", classic_member_metadata);
  }
};

/// Key of a consumer group's assignment epoch.
struct ConsumerGroupTargetAssignmentMetadataKey {
  static constexpr const char* type_name = "ConsumerGroupTargetAssignmentMetadataKey";
  static constexpr int16_t api_key = 6, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group_id;
  void fields(Codec& c) { c.field("group_id", group_id); }
};

/// Epoch of a consumer group's target assignment.
struct ConsumerGroupTargetAssignmentMetadataValue {
  static constexpr const char* type_name = "ConsumerGroupTargetAssignmentMetadataValue";
  static constexpr int16_t api_key = 6, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t assignment_epoch = 0;
  void fields(Codec& c) { c.field("assignment_epoch", assignment_epoch); }
};

/// Key of a member's target assignment.
struct ConsumerGroupTargetAssignmentMemberKey {
  static constexpr const char* type_name = "ConsumerGroupTargetAssignmentMemberKey";
  static constexpr int16_t api_key = 7, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group_id;
  std::string member_id;
  void fields(Codec& c) { c.field("group_id", group_id).field("member_id", member_id); }
};

/// What a member should own.
struct ConsumerGroupTargetAssignmentMemberValue {
  static constexpr const char* type_name = "ConsumerGroupTargetAssignmentMemberValue";
  static constexpr int16_t api_key = 7, min_version = 0, max_version = 0, first_flexible = 0;

  struct TopicPartition {
    Uuid topic_id;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("topic_id", topic_id).field("partitions", partitions); }
  };

  std::vector<TopicPartition> topic_partitions;
  void fields(Codec& c) { c.field("topic_partitions", topic_partitions); }
};

/// Key of a member's current assignment.
struct ConsumerGroupCurrentMemberAssignmentKey {
  static constexpr const char* type_name = "ConsumerGroupCurrentMemberAssignmentKey";
  static constexpr int16_t api_key = 8, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group_id;
  std::string member_id;
  void fields(Codec& c) { c.field("group_id", group_id).field("member_id", member_id); }
};

/// What a member owns now.
struct ConsumerGroupCurrentMemberAssignmentValue {
  static constexpr const char* type_name = "ConsumerGroupCurrentMemberAssignmentValue";
  static constexpr int16_t api_key = 8, min_version = 0, max_version = 0, first_flexible = 0;

  struct TopicPartitions {
    Uuid topic_id;
    std::vector<int32_t> partitions;
    void fields(Codec& c) { c.field("topic_id", topic_id).field("partitions", partitions); }
  };

  int32_t member_epoch = 0;
  int32_t previous_member_epoch = 0;
  int8_t state = 0;
  std::vector<TopicPartitions> assigned_partitions;
  std::vector<TopicPartitions> partitions_pending_revocation;
  void fields(Codec& c) {
    c.field("member_epoch", member_epoch).field("previous_member_epoch", previous_member_epoch);
    c.field("state", state).field("assigned_partitions", assigned_partitions);
    c.field("partitions_pending_revocation", partitions_pending_revocation);
  }
};

/// Key of a resolved subscription pattern.
struct ConsumerGroupRegularExpressionKey {
  static constexpr const char* type_name = "ConsumerGroupRegularExpressionKey";
  static constexpr int16_t api_key = 16, min_version = 0, max_version = 0, first_flexible = 32767;

  std::string group_id;
  std::string regular_expression;
  void fields(Codec& c) { c.field("group_id", group_id).field("regular_expression", regular_expression); }
};

/// The topics that a subscription pattern matches.
struct ConsumerGroupRegularExpressionValue {
  static constexpr const char* type_name = "ConsumerGroupRegularExpressionValue";
  static constexpr int16_t api_key = 16, min_version = 0, max_version = 0, first_flexible = 0;

  std::vector<std::string> topics;
  int64_t version = 0;
  int64_t timestamp = 0;
  void fields(Codec& c) { c.field("topics", topics).field("version", version).field("timestamp", timestamp); }
};

}  // namespace kt::wire
