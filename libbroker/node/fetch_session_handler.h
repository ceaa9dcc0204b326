#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "libbroker/base/uuid.h"
#include "libbroker/wire/01_fetch.h"

namespace kt::node {

/// A follower's side of its fetch session with one leader (KIP-227): what the leader has been told of each
/// partition, so that a request names only what is new. Pure. A request may follow another before that one is
/// answered, once the session is open.
class FetchSessionHandler {
 public:
  using Key = std::pair<Uuid, int32_t>;  // topic id, partition
  /// Where a follower's log is, as a request says it.
  struct Position {
    int32_t leader_epoch = -1;
    int64_t offset = -1;
    int32_t last_epoch = -1;
    int64_t log_start = -1;
    bool operator==(const Position&) const = default;
  };
  struct Named {
    Key key;
    Position at;
  };

  /// The leader knows the partitions that it was told of, and a request names those that are to change.
  bool is_open() const { return id_ != no_session && next_epoch_ != opening; }
  /// The leader has no room for a session: every request names every partition.
  bool is_refused() const { return is_refused_; }
  bool is_told(const Key& key, const Position& at) const;
  bool is_told_of(const Key& key, int32_t leader_epoch) const;
  /// How many partitions the leader reads with each request.
  size_t size() const { return told_.size(); }
  /// The leader is not to read it any more; the next request says so.
  void forget(const Key& key);
  /// Makes `request` the next of the session: in one that is open of what is new, else of all that there is.
  /// Returns its number.
  uint64_t write(wire::FetchRequest& request, const std::vector<Named>& named, int32_t partition_bytes_max);
  /// Where a request said that a partition was, itself or by leaving it out; none when it did not, or a later
  /// one has said something else since.
  std::optional<Position> said(const Key& key, uint64_t number) const;
  /// An answer has come, with this session id.
  void answered(int32_t session_id);
  /// The session is lost: the next request opens another and closes this one.
  void restart();
  /// The leader is another process, perhaps.
  void reset();

 private:
  static constexpr int32_t no_session = 0, opening = 0;
  struct Told {
    Position at;
    uint64_t number;  // of the request that said so
  };

  int32_t id_ = no_session, next_epoch_ = opening;
  bool is_refused_ = false;
  uint64_t last_number_ = 0;
  std::map<Key, Told> told_;
  std::set<Key> forgotten_;
};

}  // namespace kt::node
