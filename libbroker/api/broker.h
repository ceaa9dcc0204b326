#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libbroker/api/authorizer.h"
#include "libbroker/api/partition.h"
#include "libbroker/api/quotas.h"
#include "libbroker/base/clock.h"
#include "libbroker/metadata/broker_config.h"
#include "libbroker/metadata/image.h"
#include "libbroker/wire/19_create_topics.h"

namespace kt::api {

struct Asker;
class ControllerClient;
class Groups;
class FetchSessions;
class QuorumClient;

/// What handlers may ask of the node they run on. node/ is one; tests make their own. Everything here may be
/// used from any data loop.
class Broker {
 public:
  virtual ~Broker() = default;
  virtual Clock& clock() = 0;
  virtual const metadata::BrokerConfig& config() const = 0;
  /// The property file, with overrides: the static layer of DescribeConfigs.
  virtual const metadata::ConfigMap& properties() const = 0;
  virtual const std::string& cluster_id() const = 0;
  /// What a request that begins on that loop now goes by. On the loop.
  virtual std::shared_ptr<const metadata::Image> image(Loop& loop) = 0;
  virtual const metadata::FeatureRanges& supported_features() const = 0;
  virtual const Authorizer& authorizer() const = 0;
  virtual Quotas& quotas() = 0;
  /// The replica of that partition on this broker. Errors: not_leader_or_follower when there is none,
  /// kafka_storage_error when it lies in a log directory that is offline.
  virtual Result<std::shared_ptr<Partition>> find_partition(const Uuid& topic_id, int32_t partition) = 0;
  /// The active controller, on whichever node it is.
  virtual ControllerClient& controller() = 0;
  /// The controller of this node; not_controller while it is not the active one.
  virtual ControllerClient& local_controller() = 0;
  /// Asks the controller for a topic unless that is under way; the outcome is logged, nobody waits.
  virtual void create_once(const std::string& name, wire::CreateTopicsRequest request, int16_t version,
                           Asker asker) = 0;
  virtual Groups& groups() = 0;
  virtual FetchSessions& fetch_sessions() = 0;
  struct LogDirectory {
    std::string path;
    bool is_online = true;
    int64_t total_bytes = -1, usable_bytes = -1;
  };
  virtual std::vector<LogDirectory> log_directories() = 0;
  virtual QuorumClient& quorum() = 0;
  /// The node that leads the metadata quorum, as far as is known here; -1: nobody.
  virtual int32_t quorum_leader_id() const = 0;
  /// The quorum's level of kraft.version.
  virtual int16_t kraft_version() const = 0;
  /// That broker is dead, as its followers here have noticed; the metadata may not say so yet.
  virtual bool is_lost(int32_t broker_id) const = 0;
  /// A producer id that nobody ever had (KIP-98); later, when a new block has to come from the controller.
  virtual void next_producer_id(Loop& loop, std::move_only_function<void(Result<int64_t>)> then) = 0;
};

}  // namespace kt::api
