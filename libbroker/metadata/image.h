#pragma once
#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libbroker/base/uuid.h"
#include "libbroker/metadata/config_def.h"
#include "libbroker/metadata/listeners.h"
#include "libbroker/metadata/records.h"
#include "libbroker/metadata/shared_map.h"

namespace kt::metadata {

/// A value that versions of an image share. Never null; equal when what it holds is equal.
template <class T>
class Shared {
 public:
  explicit Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}
  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  friend bool operator==(const Shared& a, const Shared& b) {
    if (a.value_ == b.value_) return true;
    if constexpr (std::equality_comparable<T>)
      return *a == *b;
    else
      return same_record(*a, *b);
  }

 private:
  std::shared_ptr<const T> value_;
};

/// What a partition's `leader` is when it has none.
inline constexpr int32_t no_leader = -1;
enum class LeaderRecovery : int8_t { recovered = 0, recovering = 1 };

/// Directory ids that are no directory (KIP-858).
inline constexpr Uuid directory_migrating{0, 0}, directory_unassigned{0, 1}, directory_lost{0, 2};

/// One partition's replicas and leader.
struct Partition {
  std::vector<int32_t> replicas;  // in order of preference
  std::vector<Uuid> directories;  // of each replica
  std::vector<int32_t> isr;
  std::vector<int32_t> elr;             // out of the ISR, but safe to elect (KIP-966)
  std::vector<int32_t> last_known_elr;  // the last leader, when neither ISR nor ELR has anyone
  std::vector<int32_t> removing_replicas, adding_replicas;
  int32_t leader = no_leader;
  LeaderRecovery leader_recovery = LeaderRecovery::recovered;
  int32_t leader_epoch = 0;
  int32_t partition_epoch = 0;

  bool operator==(const Partition&) const = default;
  bool has_leader() const { return leader != no_leader; }
  int32_t preferred_replica() const { return replicas.empty() ? no_leader : replicas.front(); }
  bool is_reassigning() const { return !removing_replicas.empty() || !adding_replicas.empty(); }
};

struct Topic {
  std::string name;
  Uuid id;
  SharedMap<int32_t, Shared<Partition>> partitions;

  bool operator==(const Topic&) const = default;
  /// nullptr when there is none.
  const Partition* partition(int32_t index) const {
    const auto* found = partitions.find(index);
    return found ? &**found : nullptr;
  }
};

/// The levels of a feature that a node speaks.
struct FeatureRange {
  int16_t min = 0, max = 0;
  bool operator==(const FeatureRange&) const = default;
};
using FeatureRanges = std::map<std::string, FeatureRange, std::less<>>;

struct Broker {
  int32_t id = 0;
  int64_t epoch = 0;
  Uuid incarnation;
  std::vector<Endpoint> endpoints;
  FeatureRanges features;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> directories;  // sorted

  bool operator==(const Broker&) const = default;
  /// nullptr when it has no such listener.
  const Endpoint* endpoint(std::string_view listener) const;
  bool has_online(const Uuid& directory) const;
};

struct ControllerNode {
  int32_t id = 0;
  Uuid incarnation;
  std::vector<Endpoint> endpoints;
  FeatureRanges features;
  bool operator==(const ControllerNode&) const = default;
};

/// What configuration may belong to, numbered as in ConfigRecord.
enum class ResourceType : int8_t {
  unknown = 0,
  topic = 2,
  broker = 4,
  broker_logger = 8,
  client_metrics = 16,
  group = 32
};
struct ConfigResource {
  ResourceType type = ResourceType::unknown;
  std::string name;  // broker: its id, or empty for all brokers
  auto operator<=>(const ConfigResource&) const = default;
};

/// Whom a quota limits: types ("user", "client-id", "ip") with names, none for the default.
using QuotaEntity = std::map<std::string, std::optional<std::string>>;
using ScramUser = std::pair<std::string, int8_t>;  // name, mechanism

/// The record up to which an image goes.
struct Provenance {
  int64_t offset = -1;
  int32_t epoch = 0;
  int64_t timestamp_ms = -1;
};

/// What the metadata log says up to one of its records. Immutable; made by ImageBuilder. Copying takes a few
/// pointers.
struct Image {
  Provenance provenance;
  SharedMap<Uuid, Shared<Topic>> topics;
  SharedMap<std::string, Uuid> topic_ids;  // by name
  SharedMap<int32_t, Shared<Broker>> brokers;
  SharedMap<int32_t, Shared<ControllerNode>> controllers;
  SharedMap<ConfigResource, Shared<ConfigMap>> configs;
  SharedMap<std::string, int16_t> features;  // finalized levels, metadata.version among them
  std::optional<int64_t> next_producer_id;   // none: no block was given out
  SharedMap<QuotaEntity, Shared<std::map<std::string, double>>> quotas;
  SharedMap<Uuid, Shared<wire::AccessControlEntryRecord>> acls;
  SharedMap<ScramUser, Shared<wire::UserScramCredentialRecord>> scram_credentials;
  SharedMap<std::string, Shared<wire::DelegationTokenRecord>> delegation_tokens;  // by token id
  /// Records of a metadata transaction that has not ended (KIP-868); they have no effect yet.
  std::shared_ptr<const std::vector<Record>> open_transaction;

  /// Same content, wherever it was read from.
  bool operator==(const Image& other) const;

  /// nullptr when there is none.
  const Topic* topic(const Uuid& id) const;
  const Topic* topic(std::string_view name) const;
  const Broker* broker(int32_t id) const;
  const ControllerNode* controller(int32_t id) const;
  const Partition* partition(const Uuid& topic_id, int32_t index) const;
  /// Empty when nothing is set.
  const ConfigMap& config(ResourceType type, std::string_view name) const;
  /// 0: not finalized.
  int16_t feature(std::string_view name) const;
  int16_t metadata_version() const { return feature("metadata.version"); }
  /// Registered and unfenced.
  bool is_alive(int32_t broker_id) const;
  /// Alive and not shutting down: may be elected and enter an ISR.
  bool is_active(int32_t broker_id) const;

  /// The records that make this image from nothing, in the order of Kafka's snapshots.
  void for_each_record(const std::function<void(const Record&)>& emit) const;
  std::vector<Record> to_records() const;
};

/// The record that makes `partition` from nothing.
wire::PartitionRecord partition_record(const Uuid& topic_id, int32_t index, const Partition& partition,
                                       int16_t metadata_version);

/// Topics that belong to the brokers themselves.
bool is_internal_topic(std::string_view name);

}  // namespace kt::metadata
