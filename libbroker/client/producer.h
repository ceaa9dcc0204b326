#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/loop.h"
#include "libbroker/base/result.h"
#include "libbroker/base/slice.h"
#include "libbroker/base/topic_partition.h"
#include "libbroker/base/uuid.h"
#include "libbroker/client/cluster.h"
#include "libbroker/client/topology_watch.h"
#include "libbroker/producing/partitioner.h"
#include "libbroker/producing/sender.h"
#include "libbroker/wire/00_produce.h"

namespace kt::client {

/// Producer settings; names and defaults are Kafka's (ProducerConfig).
struct ProducerOptions {
  producing::Options sending = {};        // batch.size, linger.ms, acks, compression.type ...
  int32_t request_timeout_ms = 30'000;    // request.timeout.ms
  int64_t max_block_ms = 60'000;          // max.block.ms
  int64_t metadata_max_age_ms = 300'000;  // metadata.max.age.ms
  bool ignores_keys = false;              // partitioner.ignore.keys
  bool takes_turns = false;               // without a key: partition after partition, as before KIP-480
  std::optional<uint64_t> first_turn = {};  // with whose turn that begins; none: anyone's
  uint64_t seed = 0;                      // of the choice of partitions
};

/// A record to send. Its bytes are copied when it enters a batch.
struct ProducerRecord {
  std::string topic;
  std::optional<int32_t> partition = {};  // none: by key, or sticky
  std::optional<int64_t> timestamp = {};  // milliseconds since 1970; none: now
  Slice key = {};                         // null: none
  Slice value = {};                       // null: a tombstone
  std::vector<std::pair<std::string, Slice>> headers = {};
};

/// Where a record came to lie.
struct RecordMetadata {
  TopicPartition to;
  int64_t offset = -1;     // -1: not known (acks=0)
  int64_t timestamp = -1;  // the broker's, or the record's own
};

/// Sends records to the leaders of their partitions. On the cluster's loop, like its callbacks, which never
/// run inside the call that was given them and may destroy the producer. Destroying it drops what was not
/// sent, without a call. The cluster outlives it.
///
/// Without acks=all, or with more than 5 requests in flight, idempotence is off, as in Java.
class Producer {
 public:
  using Done = Then<RecordMetadata>;

  Producer(Cluster& cluster, ProducerOptions options);
  ~Producer();
  Producer(const Producer&) = delete;

  /// Where topic's metadata or buffer.memory is missing, the record waits, and all that are sent after it,
  /// for at most max.block.ms; see is_blocked(). Errors: request_timed_out with Java's sentence;
  /// message_too_large; what the broker answers.
  void send(ProducerRecord record, Done done);
  /// Whether records wait to enter the buffer. A polite caller stops until when_unblocked().
  bool is_blocked() const { return !parked_.empty(); }
  /// Calls `then` once, when no record waits to enter the buffer.
  void when_unblocked(Task then);
  /// Sends what was gathered without waiting for linger; `then` is called when every record sent so far is
  /// done.
  void flush(Task then);

 private:
  struct Parked {
    ProducerRecord record;
    Done done;
    int64_t since_ms;
    Error reason;  // why it waits
  };
  struct Waiter {
    Done done;
    int64_t timestamp;
  };
  struct Batch {
    std::vector<Waiter> waiters;  // by index
    int32_t left = 0;             // of those not delivered yet
  };
  struct Flush {
    size_t parked_left;       // records to enter the buffer first
    producing::BatchId last;  // then the last batch to wait for
    Task then;
  };
  struct Topic {
    int32_t partition_count = 0;
    std::vector<int32_t> available;  // partitions with a leader, or all when none has one
  };
  /// What a Produce request carries, to read its answer by.
  struct Sent {
    std::map<TopicPartition, producing::BatchId> batches;
    std::map<Uuid, std::string> names;
  };

  int64_t now_ms() { return cluster_.clock().monotonic_ms(); }
  /// Puts the record into a batch. False: it has to wait, for `reason`. A record that can never be sent is
  /// done.
  bool place(ProducerRecord& record, Done& done, Error& reason, int64_t now_ms);
  const Topic* topic_of(const std::string& name, Error& reason);
  int32_t partition_of(const ProducerRecord& record, const Topic& topic, size_t record_bytes);
  void unpark(int64_t now_ms);
  void finish_later(Done done, Error error);

  /// After all that happens in this turn of the loop: of a connection that ended, the requests fail one by
  /// one, and a batch that left between would overtake those whose failure is still to be told.
  void pump_soon();
  /// In it one time holds: what is not due when batches leave is still to come when the timer is set.
  void pump();
  void ask_producer_id();
  void send_batches(int64_t now_ms);
  bool send_to(int32_t node_id, int64_t now_ms);
  void on_answer(Sent sent, const Result<wire::ProduceResponse>& response);
  /// False when a callback has destroyed this.
  bool deliver();
  bool finish_flushes();
  bool finish_unblocked();
  void arm(int64_t now_ms);

  Cluster& cluster_;
  const ProducerOptions options_;
  producing::Sender sender_;
  producing::Partitioner partitioner_;
  TopologyWatch watch_;
  std::map<std::string, Topic> topics_;  // forgotten when the topology changes
  std::deque<Parked> parked_;
  std::map<producing::BatchId, Batch> batches_;
  std::deque<Flush> flushes_;
  std::vector<Task> unblocked_;
  std::map<int32_t, int32_t> in_flight_;  // requests, by node
  producing::BatchId last_batch_ = 0;
  bool is_pump_posted_ = false;
  bool is_asking_id_ = false;
  Timers::Id timer_ = 0, id_timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kt::client
