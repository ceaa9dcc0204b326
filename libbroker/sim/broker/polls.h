#pragma once
#include <vector>

#include "libbroker/client/consumer.h"
#include "libbroker/sim/broker/workload.h"

namespace kt::sim {

/// What a poll of one topic returned, as the history has it; empty for nothing. All of it has to be committed
/// (I12).
std::vector<Polled> polled_of(Workload& workload, const client::Consumer::Polled& polled);
/// Every partition of a topic.
std::set<TopicPartition> partitions_of(const WorkloadTopic& topic);
std::vector<Key> keys_of(const WorkloadTopic& topic);
/// The beginning of an operation, and with `type` its end.
Op op_at(int64_t time_ns, int32_t process, OpKind kind, OpType type = OpType::invoke);

/// One consumer's place in a history: a process after the other.
class ConsumerHistory {
 public:
  ConsumerHistory(Workload& workload, Recorder& recorder)
      : workload_(workload), recorder_(recorder), process_(recorder.new_process()) {}

  void new_process() { process_ = recorder_.new_process(); }
  /// Assigned, or subscribed to, all of the topic.
  void began(OpKind kind, const WorkloadTopic& topic);
  /// A poll that began then returned this; how many records that were.
  size_t polled(int64_t begun_ns, std::vector<Polled> polled);

 private:
  Workload& workload_;
  Recorder& recorder_;
  int32_t process_;
};

/// Commits of one consumer, and questions for what is committed, as operations of a process of their own.
class CommitHistory {
 public:
  using Then = std::function<void(Result<void>)>;
  /// `group` is the history's number for it.
  CommitHistory(Workload& workload, Recorder& recorder, uint32_t group, bool is_of_member = false)
      : workload_(workload),
        recorder_(recorder),
        group_(group),
        is_of_member_(is_of_member),
        process_(recorder.new_process()) {}

  void set_group(uint32_t group) { group_ = group; }
  /// Commits the consumer's position. Not while another call is under way.
  void commit(client::Consumer& consumer, Then then);
  void ask(client::Consumer& consumer, const std::set<TopicPartition>& of, Then then);
  /// Asks by `fetch`, which is called once, before this returns.
  void ask(const std::set<TopicPartition>& of,
           const std::function<void(client::Then<client::Offsets>)>& fetch, Then then);

 private:
  void end(Op op, Result<void> outcome, const Then& then);
  void check_order(const Op& begun, bool is_acknowledged);

  Workload& workload_;
  Recorder& recorder_;
  uint32_t group_;
  const bool is_of_member_;
  int32_t process_;
};

}  // namespace kt::sim
