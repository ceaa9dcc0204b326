#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "libbroker/base/mutants.h"
#include "libbroker/base/rng.h"
#include "tests/unit/raft/sim_checker.h"
#include "tests/unit/raft/sim_node.h"

namespace kt::raft::sim {

struct ClusterOptions {
  uint64_t seed = 0;
  int voters = 3;
  Mutants mutants = {};
  int64_t faults_ms = 20'000;    // how long things go wrong
  bool is_traced = false;        // prints every step
  int64_t calm_ms_max = 20'000;  // within which everything must then be well
};

struct Outcome {
  std::optional<std::string> violation = {};
  uint64_t trace_hash = 0;
  uint64_t events = 0;
  int64_t committed = 0;
  size_t elections = 0;
  uint64_t truncations = 0, installs = 0, crashes = 0;
};

/// A quorum in one thread and in virtual time. The network loses, delays, doubles and cuts off; nodes crash,
/// lose what was not flushed, pause and come back. The seed draws how much of each. After the faults
/// everything is healed, and must work.
class Cluster {
 public:
  explicit Cluster(ClusterOptions options);
  Outcome run();

 private:
  struct Weather {  // chances in a thousand, and times
    uint64_t loss = 0, doubling = 0, straggling = 0, torn_step = 0;
    int64_t delay_ms_max = 1, flush_ms_max = 1, fault_ms_max = 1, proposal_ms_max = 1;
  };
  struct Item {
    int64_t at_ms;
    uint64_t number;
    std::function<void()> action;
    bool operator>(const Item& other) const {
      return std::pair(at_ms, number) > std::pair(other.at_ms, other.number);
    }
  };
  struct Asker {
    size_t node;
    uint64_t life, request_id;
    Request request;
  };

  void make_nodes();
  void after(int64_t delay_ms, std::function<void()> action);
  bool chance(uint64_t in_a_thousand) { return rng_.below(1000) < in_a_thousand; }
  int64_t up_to(int64_t max) { return 1 + static_cast<int64_t>(rng_.below(static_cast<uint64_t>(max))); }
  void note(uint64_t number) { outcome_.trace_hash = (outcome_.trace_hash ^ number) * 0x9E3779B97F4A7C15; }

  void give(size_t node, const Event& event);
  void give_later(size_t node, uint64_t life, int64_t delay_ms, Event event);
  void take_output(size_t node, SimNode::Output output);
  void transport(size_t from, size_t to, std::function<void()> deliver, std::function<void()> fail);
  void send(size_t from, const SentRequest& sent);
  void reply(size_t from, uint64_t token, const Reply& reply);
  void schedule_tick(size_t node);
  bool is_cut(size_t from, size_t to) const { return cut_.contains({from, to}); }

  void fault();
  void partition();
  void crash(size_t node, int64_t down_ms);
  void propose();
  void calm_down();
  bool is_well() const;

  const ClusterOptions options_;
  SeededRng rng_;
  Weather weather_;
  Wire wire_;
  std::vector<SimNode> nodes_;
  Checker checker_;
  std::vector<uint64_t> lives_;  // how often each node was started
  std::vector<int64_t> paused_until_;
  std::vector<int64_t> next_tick_;
  std::set<std::pair<size_t, size_t>> cut_;
  std::map<uint64_t, Asker> askers_;  // by token
  std::priority_queue<Item, std::vector<Item>, std::greater<>> queue_;
  int64_t now_ms_ = 0;
  uint64_t next_number_ = 0, next_token_ = 1, next_value_ = 1;
  Outcome outcome_;
  bool is_calm_ = false;
  int64_t calm_target_ = 0;
};

}  // namespace kt::raft::sim
