#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libbroker/api/partition.h"
#include "libbroker/base/clock.h"
#include "libbroker/base/mutants.h"
#include "libbroker/base/result.h"
#include "libbroker/base/rng.h"
#include "libbroker/base/uuid.h"
#include "libbroker/wire/01_fetch.h"

namespace kt::api {

/// What a Fetch wants of one partition.
struct Wanted {
  std::shared_ptr<const std::string> topic;  // one for all partitions: a client's name may be of 32 KB
  Uuid topic_id;
  wire::FetchRequest::FetchPartition at;
};

/// The partitions that a reader goes on reading, so that it need not name them again (KIP-227). In the order
/// in which they are read: those that gave data move to the end, so that none starves.
class FetchSession {
 public:
  FetchSession(int32_t id, bool uses_topic_ids, bool is_privileged = false, int64_t created_ms = 0)
      : created_ms(created_ms), id_(id), uses_topic_ids_(uses_topic_ids), is_privileged_(is_privileged) {}
  int32_t id() const { return id_; }
  /// A follower's.
  bool is_privileged() const { return is_privileged_; }
  bool uses_topic_ids() const { return uses_topic_ids_; }

  void update(const wire::FetchRequest& request);
  std::vector<Wanted> wanted() const;
  bool is_empty() const { return parts_.empty(); }
  size_t size() const { return parts_.size(); }
  /// Takes out of an incremental answer what has not changed since the last one, and remembers the rest.
  void keep_changes(wire::FetchResponse& response, bool is_incremental, Mutants mutants = {});

  int32_t next_epoch = 1;
  const int64_t created_ms;
  int64_t last_used_ms = 0;
  std::weak_ptr<Waiter> waiting;  // the request that does, until the next one comes

 private:
  struct Part {
    Wanted wanted;
    int64_t high_watermark = -1, log_start_offset = -1;  // as last told
  };
  using Parts = std::list<Part>;
  struct Key {
    std::string_view topic;  // or its id, as the session has it
    Uuid topic_id;
    int32_t partition;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  /// Views the topic's name: what is kept in by_key_, that of its part.
  Key key_of(std::string_view topic, const Uuid& topic_id, int32_t partition) const;

  const int32_t id_;
  const bool uses_topic_ids_, is_privileged_;
  Parts parts_;
  std::unordered_map<Key, Parts::iterator, KeyHash> by_key_;
};

/// All sessions of a broker, at most `slots_max` (max.incremental.fetch.session.cache.slots), of which those
/// of consumers never take a follower's place. From any loop.
class FetchSessions {
 public:
  FetchSessions(Clock& clock, uint64_t seed, size_t slots_max, Mutants mutants = {})
      : clock_(clock), rng_(seed), slots_max_(slots_max), mutants_(mutants) {}

  /// One request's part in a session.
  struct Turn {
    std::shared_ptr<FetchSession> session;  // null: none, every partition is in the request
    bool is_incremental = false;
    int32_t next_epoch = 0;  // of the session, until another request comes
    std::vector<Wanted> wanted;
  };
  /// An earlier request of the session that still waits is woken, and waits no more. Errors:
  /// fetch_session_id_not_found, invalid_fetch_session_epoch, fetch_session_topic_id_error.
  Result<Turn> begin(const wire::FetchRequest& request, int16_t version, bool is_privileged);
  /// The turn's request is going to wait. False: the session's next one has come, and it must not.
  bool wait(const Turn& turn, std::weak_ptr<Waiter> waiter);
  /// Fills in the session id and leaves out what the reader knows.
  void end(const Turn& turn, wire::FetchResponse& response);
  /// As end(), for an answer without partitions: the session stands as before the request, and one that is
  /// new is dropped.
  void postpone(const Turn& turn, wire::FetchResponse& response);

 private:
  Result<Turn> go_on(const wire::FetchRequest& request, bool uses_topic_ids, bool is_privileged);
  std::shared_ptr<FetchSession> open(const wire::FetchRequest& request, bool uses_topic_ids,
                                     bool is_privileged, size_t partitions);
  bool make_room(bool is_privileged, size_t partitions, int64_t now_ms);

  static constexpr int64_t evictable_after_ms = 120'000;
  Clock& clock_;
  std::mutex mutex_;
  SeededRng rng_;
  const size_t slots_max_;
  const Mutants mutants_;
  std::map<int32_t, std::shared_ptr<FetchSession>> sessions_;
};

}  // namespace kt::api
