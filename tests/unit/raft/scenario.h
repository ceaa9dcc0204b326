#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/raft/sim_node.h"

namespace kt::raft::sim {

/// A quorum that does only what it is told, command by command, and says what it does. Nothing is lost,
/// delayed or flushed unless a command says so. A node's state is told when it changes. Times are Kafka's
/// defaults: election 1000..2000 ms, fetch 2000 ms, wait 500 ms.
class Scenario {
 public:
  explicit Scenario(uint64_t seed = 0) : seed_(seed) {}

  /// Carries out one line; returns what happened, in lines.
  std::string run(const std::string& command);
  /// The node that has committed something in the newest epoch in which anybody has; 0: nobody leads.
  int32_t leader() const;

 private:
  struct Message {
    int32_t from, to;
    std::string text;
    Event event;              // for `to`
    uint64_t request_id = 0;  // of a request
  };
  using Words = std::vector<std::string>;

  void nodes(const Words& words);
  void quorum(const Words& words);
  void start(int32_t id);
  void crash(int32_t id);
  void advance(int64_t ms);
  void later(int64_t ms);
  void deliver(const Words& links);
  void deliver(Message message);
  void drop(const Words& links);
  void lose(const Message& message);
  void settle();
  void flush(int32_t id);
  void propose(int32_t id, int32_t count);
  void status();
  void show_log(int32_t id);
  void describe(int32_t id);
  void give(int32_t id, const Event& event);
  void tell(const Effects& effects);
  void say(std::string line) { out_ += line + "\n"; }
  SimNode& node(int32_t id) { return nodes_.at(id); }

  const uint64_t seed_;
  Wire wire_;
  std::map<int32_t, SimNode> nodes_;
  std::map<int32_t, SimNode::PendingFlush> flushes_;
  std::deque<Message> messages_;
  Words cut_;                            // links on which nothing gets through
  std::map<uint64_t, Message> asked_;    // requests by token
  std::map<int32_t, std::string> told_;  // each node's state when it was last told
  int64_t now_ms_ = 0;
  uint64_t next_token_ = 1, next_value_ = 1;
  std::string out_;
};

}  // namespace kt::raft::sim
