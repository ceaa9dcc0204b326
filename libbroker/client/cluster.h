#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/loop.h"
#include "libbroker/base/net.h"
#include "libbroker/base/result.h"
#include "libbroker/client/link.h"
#include "libbroker/wire/03_metadata.h"

namespace kt::client {

struct ClusterOptions {
  std::vector<Endpoint> bootstrap;      // bootstrap.servers; at least one
  std::string client_id;                // client.id
  int64_t connect_timeout_ms = 10'000;  // socket.connection.setup.timeout.ms
  int64_t request_timeout_ms = 30'000;  // request.timeout.ms
  int64_t retry_backoff_ms = 100;       // retry.backoff.ms
};

/// Which broker a request goes to. A controller that Metadata names but nobody can connect to, since Kafka's
/// brokers name dead ones too, is asked for again every retry.backoff.ms within the request's timeout.
struct Target {
  enum class Kind { any, controller, node } kind = Kind::any;
  int32_t node_id = -1;
  static Target any() { return {}; }
  static Target controller() { return {Kind::controller}; }
  static Target node(int32_t id) { return {Kind::node, id}; }
};

/// Requests of one lane to one broker share a connection, on which brokers answer in order: what waits there
/// (a long poll, a member joining) holds up what comes after it.
enum class Lane : uint8_t { general, fetch, group };

struct CallOptions {
  int64_t timeout_ms = 0;       // 0: request.timeout.ms
  int16_t version_max = 32767;  // to ask in an older version
  Lane lane = Lane::general;
};

/// What clients know of a cluster: its brokers, and the topics asked for.
struct Topology {
  struct Broker {
    Endpoint at;
    std::optional<std::string> rack;
  };
  std::string cluster_id;
  int32_t controller_id = -1;
  std::map<int32_t, Broker> brokers;
  std::map<std::string, wire::MetadataResponse::MetadataResponseTopic>
      topics;  // partitions by ascending index

  /// The leader of a partition and its epoch, when known and alive.
  struct Leader {
    int32_t node_id, epoch;
  };
  std::optional<Leader> leader_of(const std::string& topic, int32_t partition) const;
};

/// Connections to one Kafka cluster, and its topology. Everything happens on one loop; callbacks never run
/// inside the call that was given them. Each connection learns by ApiVersions what its broker serves, and
/// requests go out in the newest version that both sides know.
class Cluster {
 public:
  Cluster(Loop& loop, Net& net, Clock& clock, ClusterOptions options);
  ~Cluster();
  Cluster(const Cluster&) = delete;

  /// Sends one request; `then` gets the answer. Errors: network_exception with a sentence naming the address
  /// (nobody answers, or the connection was lost), request_timed_out, unsupported_version,
  /// unknown_server_error for an answer that does not decode. Error codes within the answer are the caller's
  /// business.
  template <class Response, class Request>
  void call(Target target, Request request, Then<Response> then, CallOptions options = {});

  /// Sends one request that the broker does not answer (Produce with acks=0); `then` is told when it has
  /// left. Errors: network_exception, unsupported_version.
  template <class Request>
  void cast(Target target, Request request, Then<void> then, CallOptions options = {});

  /// Asks for the topology: these topics, all of them (nullopt), or none. Topics asked for before are kept.
  void refresh(std::optional<std::vector<std::string>> topics, bool allow_auto_topic_creation,
               Then<const Topology*> then);
  const Topology& topology() const { return topology_; }
  /// What the last broker told of the cluster does not hold, and it may never hear: another is asked the next
  /// time, if one can be reached by then.
  void distrust();
  const ClusterOptions& options() const { return options_; }
  Loop& loop() { return services_.loop; }
  Clock& clock() { return clock_; }

  /// What the broker at `target` serves, by API key.
  void versions(Target target, Then<std::map<int16_t, std::pair<int16_t, int16_t>>> then);

 private:
  template <class Request>
  std::shared_ptr<Call> call_of(Request request, const CallOptions& options) const;
  void route(Target target, Lane lane, std::shared_ptr<Call> call);
  /// Bootstrap addresses, and those of the brokers that are known.
  std::vector<Endpoint> known_addresses() const;
  /// A broker that is connected, else the first of those known that can be.
  void with_any(std::move_only_function<void(Result<Link*>)> then);
  /// Tries the addresses from `index` on, then gives up naming them all.
  void try_each(std::vector<Endpoint> candidates, size_t index, std::string failures,
                std::move_only_function<void(Result<Link*>)> then);
  void with_node(int32_t node_id, Lane lane, bool may_refresh,
                 std::move_only_function<void(Result<Link*>)> then);
  void with_controller(Lane lane, int64_t deadline_ms, std::move_only_function<void(Result<Link*>)> then);
  void learn(wire::MetadataResponse response, bool is_of_all_topics);
  Link& link(const Endpoint& at, Lane lane);

  Clock& clock_;
  const ClusterOptions options_;
  LinkServices services_;
  Topology topology_;
  std::map<std::pair<Lane, Endpoint>, std::unique_ptr<Link>> links_;
  size_t turn_ = 0;  // whose it is, of those who may be asked
  bool is_distrusted_ = false;
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>();  // expires with this
};

template <class Request>
std::shared_ptr<Call> Cluster::call_of(Request request, const CallOptions& options) const {
  return client::call_of(std::move(request), options_.client_id,
                         options.timeout_ms > 0 ? options.timeout_ms : options_.request_timeout_ms,
                         options.version_max);
}

template <class Response, class Request>
void Cluster::call(Target target, Request request, Then<Response> then, CallOptions options) {
  auto call = call_of(std::move(request), options);
  answer_to<Response>(*call, [then = std::move(then)](Result<Response> response, int16_t) mutable {
    then(std::move(response));
  });
  route(target, options.lane, std::move(call));
}

template <class Request>
void Cluster::cast(Target target, Request request, Then<void> then, CallOptions options) {
  auto call = call_of(std::move(request), options);
  call->is_answered = false;
  call->then = [then = std::move(then)](Result<Slice> sent, int32_t, int16_t) mutable {
    if (!sent) return then(fail(std::move(sent.error())));
    then({});
  };
  route(target, options.lane, std::move(call));
}

}  // namespace kt::client
