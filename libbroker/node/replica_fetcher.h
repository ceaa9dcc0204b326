#pragma once
#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/api/partition.h"
#include "libbroker/base/clock.h"
#include "libbroker/base/net.h"
#include "libbroker/client/link.h"
#include "libbroker/node/fetch_session_handler.h"
#include "libbroker/node/lost_brokers.h"
#include "libbroker/node/partition_shard.h"
#include "libbroker/wire/01_fetch.h"

namespace kt::node {

/// Follows the partitions that one other broker leads: fetches them all over one connection and in one
/// session, one request at a time, the next once the answer to the last is in the logs. Partitions that join
/// meanwhile are named by a second request, which has the first one answered. What a round costs here goes by
/// what has changed, not by what is followed. On one data loop.
class ReplicaFetcher final : public api::Waiter, public std::enable_shared_from_this<ReplicaFetcher> {
 public:
  struct Options {
    int32_t node_id;
    int32_t wait_ms_max;          // replica.fetch.wait.max.ms
    int32_t bytes_min;            // replica.fetch.min.bytes
    int32_t bytes_max;            // replica.fetch.response.max.bytes
    int32_t partition_bytes_max;  // replica.fetch.max.bytes
    int64_t backoff_ms_max;       // replica.fetch.backoff.ms
    int64_t connect_timeout_ms;   // socket.connection.setup.timeout.ms
    int64_t request_timeout_ms;   // replica.socket.timeout.ms, beyond the wait
  };
  /// `broker_epoch` is this broker's own; below 0, while it is not registered, nothing is fetched.
  ReplicaFetcher(Loop& loop, Net& net, Clock& clock, Executor& disk_pool, const Options& options,
                 int32_t leader, std::shared_ptr<const std::atomic<int64_t>> broker_epoch,
                 std::shared_ptr<LostBrokers> lost);

  // On its loop.
  void lead_at(Endpoint at);
  /// From now on, in this leader epoch.
  void follow(std::shared_ptr<PartitionShard> shard, int32_t leader_epoch);
  void unfollow(const Uuid& topic_id, int32_t index) { forget({topic_id, index}); }
  /// Fetches what can be fetched now.
  void pump();
  /// Ends the connection; nothing is fetched any more.
  void stop();
  void wake() override { pump(); }

 private:
  using Key = FetchSessionHandler::Key;
  using Position = FetchSessionHandler::Position;
  struct Following {
    std::shared_ptr<PartitionShard> shard;
    int32_t leader_epoch;
    bool is_busy = false;  // its log is being cut, or the leader is asked where its own ends
    int64_t retry_at_ms = 0, backoff_ms = 0;
  };
  using Followings = std::list<Following>;  // in the order in which they are asked for
  /// What the next request says.
  struct Round {
    std::vector<FetchSessionHandler::Named> named;
    std::set<Key> resting;  // nothing is asked of them for now
    bool has_newcomers = false;
    bool awaits_flush = false;
    int64_t next_ms = INT64_MAX;  // when the first of those backing off may be named again
  };

  static constexpr int64_t backoff_ms_min = 20;
  static constexpr int64_t throttle_pause_ms = 100;
  static constexpr int in_flight_max = partition::Leader::fetches_in_flight_max;

  Followings::iterator find(const Key& key, int32_t leader_epoch);
  void forget(const Key& key);
  Round look(int64_t now_ms);
  void look_at(const Key& key, int64_t now_ms, Round& round);
  void send(const Round& round);
  void on_ready(const Result<client::Link*>& ready);
  void on_answer(uint64_t number, bool is_incremental, Result<wire::FetchResponse> response);
  void on_partition(Followings::iterator one, const Position& at, wire::FetchResponse::PartitionData& data);
  /// The log takes no batch of this leader's any more, or not this one: it may come whole the next time.
  void on_refused(Followings::iterator one, const Error& why);
  /// `next`: what is appended then.
  void cut(Followings::iterator one, const partition::LogCut& cut,
           std::optional<PartitionShard::FromLeader> next = std::nullopt);
  void settled(const Key& key, int32_t leader_epoch, const Result<void>& done);
  /// The leader's log does not have what comes next here: asks where it begins and ends.
  void ask_ends(Followings::iterator one, int64_t own_end);
  void ask_offset(const Key& key, int32_t leader_epoch, int64_t timestamp,
                  std::move_only_function<void(Followings::iterator, int64_t offset)> then);
  void back_off(Following& one);
  void back_off();
  /// Gives up what is under way, and begins a new session.
  void begin_anew();
  /// After what this loop has to do already, which may be more of the same.
  void pump_soon();
  void arm(int64_t at_ms);

  Clock& clock_;
  Executor& disk_pool_;
  const Options options_;
  const int32_t leader_;
  const std::shared_ptr<const std::atomic<int64_t>> broker_epoch_;
  const std::shared_ptr<LostBrokers> lost_;
  client::LinkServices services_;
  std::unique_ptr<client::Link> link_;
  Followings followings_;
  std::map<Key, Followings::iterator> by_key_;
  std::set<Key> due_;  // of which the leader may have to hear something new
  FetchSessionHandler session_;
  uint64_t session_number_ = 0;  // answers of earlier ones do not count
  int in_flight_ = 0;
  bool is_pump_posted_ = false, is_stopped_ = false;
  bool is_connected_ = false;  // it was when the last request left
  int64_t retry_at_ms_ = 0, backoff_ms_ = 0;
  int64_t armed_at_ms_ = INT64_MAX;
  Timers::Id timer_ = 0;
};

}  // namespace kt::node
