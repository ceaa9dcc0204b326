#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/error_code.h"
#include "libbroker/wire/codec.h"

namespace kt::wire {

/// A broker entered the cluster; its epoch is the offset of this record.
struct RegisterBrokerRecord {
  static constexpr const char* type_name = "RegisterBrokerRecord";
  static constexpr int16_t api_key = 0, min_version = 0, max_version = 3, first_flexible = 0;

  struct BrokerEndpoint {
    std::string name;
    std::string host;
    uint16_t port = 0;
    int16_t security_protocol = 0;
    void fields(Codec& c) {
      c.field("name", name).field("host", host).field("port", port);
      c.field("security_protocol", security_protocol);
    }
  };

  struct BrokerFeature {
    std::string name;
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    void fields(Codec& c) {
      c.field("name", name).field("min_supported_version", min_supported_version);
      c.field("max_supported_version", max_supported_version);
    }
  };

  int32_t broker_id = 0;
  bool is_migrating_zk_broker = false;
  Uuid incarnation_id;
  int64_t broker_epoch = 0;
  std::vector<BrokerEndpoint> end_points;
  std::vector<BrokerFeature> features;
  std::optional<std::string> rack = "";
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs;
  void fields(Codec& c) {
    c.field("broker_id", broker_id).field("is_migrating_zk_broker", is_migrating_zk_broker, since(2));
    c.field("incarnation_id", incarnation_id).field("broker_epoch", broker_epoch);
    c.field("end_points", end_points).field("features", features).field("rack", rack);
    c.field("fenced", fenced).field("in_controlled_shutdown", in_controlled_shutdown, since(1));
    c.tagged(0, "log_dirs", log_dirs, since(3));
  }
};

/// A broker was forgotten.
struct UnregisterBrokerRecord {
  static constexpr const char* type_name = "UnregisterBrokerRecord";
  static constexpr int16_t api_key = 1, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t broker_id = 0;
  int64_t broker_epoch = 0;
  void fields(Codec& c) { c.field("broker_id", broker_id).field("broker_epoch", broker_epoch); }
};

/// A topic exists.
struct TopicRecord {
  static constexpr const char* type_name = "TopicRecord";
  static constexpr int16_t api_key = 2, min_version = 0, max_version = 0, first_flexible = 0;

  std::string name;
  Uuid topic_id;
  void fields(Codec& c) { c.field("name", name).field("topic_id", topic_id); }
};

/// A partition exists, with its replicas and leader.
struct PartitionRecord {
  static constexpr const char* type_name = "PartitionRecord";
  static constexpr int16_t api_key = 3, min_version = 0, max_version = 2, first_flexible = 0;

  int32_t partition_id = -1;
  Uuid topic_id;
  std::vector<int32_t> replicas;
  std::vector<int32_t> isr;
  std::vector<int32_t> removing_replicas;
  std::vector<int32_t> adding_replicas;
  int32_t leader = -1;
  int8_t leader_recovery_state = 0;
  int32_t leader_epoch = -1;
  int32_t partition_epoch = -1;
  std::vector<Uuid> directories;
  std::optional<std::vector<int32_t>> eligible_leader_replicas;
  std::optional<std::vector<int32_t>> last_known_elr;
  void fields(Codec& c) {
    c.field("partition_id", partition_id).field("topic_id", topic_id).field("replicas", replicas);
    c.field("isr", isr).field("removing_replicas", removing_replicas);
    c.field("adding_replicas", adding_replicas).field("leader", leader).field("leader_epoch", leader_epoch);
    c.field("partition_epoch", partition_epoch).field("directories", directories, since(1));
    c.tagged(0, "leader_recovery_state", leader_recovery_state);
    c.tagged(1, "eligible_leader_replicas", eligible_leader_replicas, since(2));
    c.tagged(2, "last_known_elr", last_known_elr, since(2));
  }
};

/// One configuration value of a resource; a null value removes it.
struct ConfigRecord {
  static constexpr const char* type_name = "ConfigRecord";
  static constexpr int16_t api_key = 4, min_version = 0, max_version = 0, first_flexible = 0;

  int8_t resource_type = 0;
  std::string resource_name;
  std::string name;
  std::optional<std::string> value = "";
  void fields(Codec& c) {
    c.field("resource_type", resource_type).field("resource_name", resource_name).field("name", name);
    c.field("value", value);
  }
};

/// What changed of a partition; fields that are null did not.
struct PartitionChangeRecord {
  static constexpr const char* type_name = "PartitionChangeRecord";
  static constexpr int16_t api_key = 5, min_version = 0, max_version = 2, first_flexible = 0;

  int32_t partition_id = -1;
  Uuid topic_id;
  std::optional<std::vector<int32_t>> isr;
  int32_t leader = -2;
  std::optional<std::vector<int32_t>> replicas;
  std::optional<std::vector<int32_t>> removing_replicas;
  std::optional<std::vector<int32_t>> adding_replicas;
  int8_t leader_recovery_state = -1;
  std::optional<std::vector<Uuid>> directories;
  std::optional<std::vector<int32_t>> eligible_leader_replicas;
  std::optional<std::vector<int32_t>> last_known_elr;
  void fields(Codec& c) {
    c.field("partition_id", partition_id).field("topic_id", topic_id).tagged(0, "isr", isr);
    c.tagged(1, "leader", leader).tagged(2, "replicas", replicas);
    c.tagged(3, "removing_replicas", removing_replicas).tagged(4, "adding_replicas", adding_replicas);
    c.tagged(5, "leader_recovery_state", leader_recovery_state);
    c.tagged(6, "eligible_leader_replicas", eligible_leader_replicas, since(2));
    c.tagged(7, "last_known_elr", last_known_elr, since(2)).tagged(8, "directories", directories, since(1));
  }
};

/// An access rule exists.
struct AccessControlEntryRecord {
  static constexpr const char* type_name = "AccessControlEntryRecord";
  static constexpr int16_t api_key = 18, min_version = 0, max_version = 0, first_flexible = 0;

  Uuid id;
  int8_t resource_type = 0;
  std::string resource_name;
  int8_t pattern_type = 0;
  std::string principal;
  std::string host;
  int8_t operation = 0;
  int8_t permission_type = 0;
  void fields(Codec& c) {
    c.field("id", id).field("resource_type", resource_type).field("resource_name", resource_name);
    c.field("pattern_type", pattern_type).field("principal", principal).field("host", host);
    c.field("operation", operation).field("permission_type", permission_type);
  }
};

/// A broker lost its session. Replaced by BrokerRegistrationChangeRecord.
struct FenceBrokerRecord {
  static constexpr const char* type_name = "FenceBrokerRecord";
  static constexpr int16_t api_key = 7, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t id = 0;
  int64_t epoch = 0;
  void fields(Codec& c) { c.field("id", id).field("epoch", epoch); }
};

/// A broker serves again. Replaced by BrokerRegistrationChangeRecord.
struct UnfenceBrokerRecord {
  static constexpr const char* type_name = "UnfenceBrokerRecord";
  static constexpr int16_t api_key = 8, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t id = 0;
  int64_t epoch = 0;
  void fields(Codec& c) { c.field("id", id).field("epoch", epoch); }
};

/// A topic was deleted.
struct RemoveTopicRecord {
  static constexpr const char* type_name = "RemoveTopicRecord";
  static constexpr int16_t api_key = 9, min_version = 0, max_version = 0, first_flexible = 0;

  Uuid topic_id;
  void fields(Codec& c) { c.field("topic_id", topic_id); }
};

/// A delegation token exists.
struct DelegationTokenRecord {
  static constexpr const char* type_name = "DelegationTokenRecord";
  static constexpr int16_t api_key = 10, min_version = 0, max_version = 0, first_flexible = 0;

  std::string owner;
  std::string requester;
  std::vector<std::string> renewers;
  int64_t issue_timestamp = 0;
  int64_t max_timestamp = 0;
  int64_t expiration_timestamp = 0;
  std::string token_id;
  void fields(Codec& c) {
    c.field("owner", owner).field("requester", requester).field("renewers", renewers);
    c.field("issue_timestamp", issue_timestamp).field("max_timestamp", max_timestamp);
    c.field("expiration_timestamp", expiration_timestamp).field("token_id", token_id);
  }
};

/// A user has a SCRAM credential.
struct UserScramCredentialRecord {
  static constexpr const char* type_name = "UserScramCredentialRecord";
  static constexpr int16_t api_key = 11, min_version = 0, max_version = 0, first_flexible = 0;

  std::string name;
  int8_t mechanism = 0;
  Slice salt = Slice::empty();
  Slice stored_key = Slice::empty();
  Slice server_key = Slice::empty();
  int32_t iterations = 0;
  void fields(Codec& c) {
    c.field("name", name).field("mechanism", mechanism).field("salt", salt, always().not_null());
    c.field("stored_key", stored_key, always().not_null());
    c.field("server_key", server_key, always().not_null()).field("iterations", iterations);
  }
};

/// A feature is finalized at a level.
struct FeatureLevelRecord {
  static constexpr const char* type_name = "FeatureLevelRecord";
  static constexpr int16_t api_key = 12, min_version = 0, max_version = 0, first_flexible = 0;

  std::string name;
  int16_t feature_level = 0;
  void fields(Codec& c) { c.field("name", name).field("feature_level", feature_level); }
};

/// A quota of an entity was set or removed.
struct ClientQuotaRecord {
  static constexpr const char* type_name = "ClientQuotaRecord";
  static constexpr int16_t api_key = 14, min_version = 0, max_version = 0, first_flexible = 0;

  struct EntityData {
    std::string entity_type;
    std::optional<std::string> entity_name = "";
    void fields(Codec& c) { c.field("entity_type", entity_type).field("entity_name", entity_name); }
  };

  std::vector<EntityData> entity;
  std::string key;
  double value = 0;
  bool remove = false;
  void fields(Codec& c) {
    c.field("entity", entity).field("key", key).field("value", value).field("remove", remove);
  }
};

/// Producer ids below this one are given out.
struct ProducerIdsRecord {
  static constexpr const char* type_name = "ProducerIdsRecord";
  static constexpr int16_t api_key = 15, min_version = 0, max_version = 0, first_flexible = 0;

  int32_t broker_id = 0;
  int64_t broker_epoch = -1;
  int64_t next_producer_id = 0;
  void fields(Codec& c) {
    c.field("broker_id", broker_id).field("broker_epoch", broker_epoch);
    c.field("next_producer_id", next_producer_id);
  }
};

/// An access rule was removed.
struct RemoveAccessControlEntryRecord {
  static constexpr const char* type_name = "RemoveAccessControlEntryRecord";
  static constexpr int16_t api_key = 19, min_version = 0, max_version = 0, first_flexible = 0;

  Uuid id;
  void fields(Codec& c) { c.field("id", id); }
};

/// What changed of a broker: fencing, controlled shutdown, directories.
struct BrokerRegistrationChangeRecord {
  static constexpr const char* type_name = "BrokerRegistrationChangeRecord";
  static constexpr int16_t api_key = 17, min_version = 0, max_version = 2, first_flexible = 0;

  int32_t broker_id = 0;
  int64_t broker_epoch = 0;
  int8_t fenced = 0;
  int8_t in_controlled_shutdown = 0;
  std::vector<Uuid> log_dirs;
  void fields(Codec& c) {
    c.field("broker_id", broker_id).field("broker_epoch", broker_epoch).tagged(0, "fenced", fenced);
    c.tagged(1, "in_controlled_shutdown", in_controlled_shutdown, since(1));
    c.tagged(2, "log_dirs", log_dirs, since(2));
  }
};

/// Nothing; keeps the high watermark of an idle quorum moving (KIP-835).
struct NoOpRecord {
  static constexpr const char* type_name = "NoOpRecord";
  static constexpr int16_t api_key = 20, min_version = 0, max_version = 0, first_flexible = 0;
  void fields(Codec&) {}
};

/// State of a migration from ZooKeeper; only ever "none" here.
struct ZkMigrationStateRecord {
  static constexpr const char* type_name = "ZkMigrationStateRecord";
  static constexpr int16_t api_key = 21, min_version = 0, max_version = 0, first_flexible = 0;

  int8_t zk_migration_state = 0;
  void fields(Codec& c) { c.field("zk_migration_state", zk_migration_state); }
};

/// A SCRAM credential was removed.
struct RemoveUserScramCredentialRecord {
  static constexpr const char* type_name = "RemoveUserScramCredentialRecord";
  static constexpr int16_t api_key = 22, min_version = 0, max_version = 0, first_flexible = 0;

  std::string name;
  int8_t mechanism = 0;
  void fields(Codec& c) { c.field("name", name).field("mechanism", mechanism); }
};

/// The records up to the end or abort take effect together (KIP-868).
struct BeginTransactionRecord {
  static constexpr const char* type_name = "BeginTransactionRecord";
  static constexpr int16_t api_key = 23, min_version = 0, max_version = 0, first_flexible = 0;

  std::optional<std::string> name;
  void fields(Codec& c) { c.tagged(0, "name", name); }
};

/// The metadata transaction took effect.
struct EndTransactionRecord {
  static constexpr const char* type_name = "EndTransactionRecord";
  static constexpr int16_t api_key = 24, min_version = 0, max_version = 0, first_flexible = 0;
  void fields(Codec&) {}
};

/// The metadata transaction did not take effect.
struct AbortTransactionRecord {
  static constexpr const char* type_name = "AbortTransactionRecord";
  static constexpr int16_t api_key = 25, min_version = 0, max_version = 0, first_flexible = 0;

  std::optional<std::string> reason;
  void fields(Codec& c) { c.tagged(0, "reason", reason); }
};

/// A delegation token was removed.
struct RemoveDelegationTokenRecord {
  static constexpr const char* type_name = "RemoveDelegationTokenRecord";
  static constexpr int16_t api_key = 26, min_version = 0, max_version = 0, first_flexible = 0;

  std::string token_id;
  void fields(Codec& c) { c.field("token_id", token_id); }
};

/// A controller entered the cluster.
struct RegisterControllerRecord {
  static constexpr const char* type_name = "RegisterControllerRecord";
  static constexpr int16_t api_key = 27, min_version = 0, max_version = 0, first_flexible = 0;

  struct ControllerEndpoint {
    std::string name;
    std::string host;
    uint16_t port = 0;
    int16_t security_protocol = 0;
    void fields(Codec& c) {
      c.field("name", name).field("host", host).field("port", port);
      c.field("security_protocol", security_protocol);
    }
  };

  struct ControllerFeature {
    std::string name;
    int16_t min_supported_version = 0;
    int16_t max_supported_version = 0;
    void fields(Codec& c) {
      c.field("name", name).field("min_supported_version", min_supported_version);
      c.field("max_supported_version", max_supported_version);
    }
  };

  int32_t controller_id = 0;
  Uuid incarnation_id;
  bool zk_migration_ready = false;
  std::vector<ControllerEndpoint> end_points;
  std::vector<ControllerFeature> features;
  void fields(Codec& c) {
    c.field("controller_id", controller_id).field("incarnation_id", incarnation_id);
    c.field("zk_migration_ready", zk_migration_ready).field("end_points", end_points);
    c.field("features", features);
  }
};

/// A topic's partitions lose their eligible leader replicas; an empty name means every topic (KIP-966).
struct ClearElrRecord {
  static constexpr const char* type_name = "ClearElrRecord";
  static constexpr int16_t api_key = 28, min_version = 0, max_version = 0, first_flexible = 0;

  std::string topic_name;
  void fields(Codec& c) { c.field("topic_name", topic_name); }
};

}  // namespace kt::wire
