#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libcli/lab/spec.h"

namespace kt::lab {

/// How long a node that was told to stop may take before it is killed.
inline constexpr int64_t stop_ms_max = 10'000;

enum class NodeState : uint8_t { down, starting, up, paused, stopping };
std::string_view name_of(NodeState state);

struct NodeStatus {
  NodeSpec spec;
  NodeState state = NodeState::down;
  int64_t pid = 0;       // 0: no process
  int64_t since_ms = 0;  // when the state began
  int32_t starts = 0;
  std::string ended;  // how its last process ended: "exit 1", "signal 9"; empty before
  bool is_new = false;  // was added, and has not served yet
};

enum class Verb : uint8_t { kill, stop, start, restart, pause, resume, down, await };

// What happens to a lab.
struct Asked {
  uint64_t client;
  Verb verb;
  std::optional<int32_t> node;  // none: the whole lab
  int signal = 9;               // of kill
};
struct Gone {  // nobody waits for the answer any more
  uint64_t client;
};
struct Started {
  int32_t node;
  int64_t pid;
};
struct Ready {
  int32_t node;
};
struct Halted {  // by SIGSTOP
  int32_t node;
};
struct Continued {
  int32_t node;
};
struct Exited {
  int32_t node;
  std::string how;
};
struct Added {  // another node, which starts
  uint64_t client;
  NodeSpec node;
};
struct Forgotten {  // a node that is down and does not come back
  int32_t node;
};
struct StopSignal {};  // the supervisor was told to end; the second one means now
struct Tick {};
using Event =
    std::variant<Asked, Gone, Started, Ready, Halted, Continued, Exited, Added, Forgotten, StopSignal, Tick>;

// What is to be done about it.
struct Spawn {
  int32_t node;
  bool operator==(const Spawn&) const = default;
};
struct Signal {
  int32_t node;
  int signal;
  bool operator==(const Signal&) const = default;
};
struct Answer {
  uint64_t client;
  std::string error;  // empty: it was done
  bool operator==(const Answer&) const = default;
};
struct Record {  // a line of events.ndjson
  int32_t node;  // -1: the lab
  std::string what;
  bool operator==(const Record&) const = default;
};
struct Forget {  // a node that was added and never served
  int32_t node;
  bool operator==(const Forget&) const = default;
};
struct Finish {  // no process is left
  bool operator==(const Finish&) const = default;
};
using Effect = std::variant<Spawn, Signal, Answer, Record, Forget, Finish>;

/// What a lab's supervisor decides. A node goes
///
///     down -> starting -> up <-> paused     (from any of the last three) -> stopping -> down
///
/// and to down from anywhere when its process ends. A node that was added and ends before it has served is no
/// more, as if it had never been asked for; so is one that nobody waits for any more. At the end brokers stop
/// before controllers, which a controlled shutdown needs.
class Life {
 public:
  Life(const Spec& spec, int64_t now_ms, int64_t ttl_ms);

  /// The first step: every node is started.
  std::vector<Effect> begin(int64_t now_ms);
  std::vector<Effect> step(const Event& event, int64_t now_ms);
  /// A Tick is due by then.
  int64_t deadline_ms() const;

  const std::vector<NodeStatus>& nodes() const { return nodes_; }
  const NodeStatus* node(int32_t id) const { return const_cast<Life*>(this)->find(id); }
  bool is_ending() const { return is_ending_; }

 private:
  struct Waiting {  // a client, for a node to come to an end or to a beginning
    uint64_t client;
    Verb verb;
    std::optional<int32_t> node;
  };
  void on(const Asked& asked);
  void on(const Gone& gone);
  void on(const Started& started);
  void on(const Ready& ready);
  void on(const Halted& halted);
  void on(const Continued& continued);
  void on(const Exited& exited);
  void on(const Added& added);
  void on(const Forgotten& forgotten);
  void on(const StopSignal&);
  void on(const Tick&);

  void ask_node(const Asked& asked, NodeStatus& node);
  void spawn(NodeStatus& node);
  void stop(NodeStatus& node);
  void kill(NodeStatus& node, int signal);
  void end();  // what is up stops, in order
  void go_on_ending();
  void become(NodeStatus& node, NodeState state);
  void answer(uint64_t client, std::string error = {});
  /// Answers those who wait for what `is_met` says of them.
  template <class F>
  void answer_waiting(F outcome);
  void answer_those_who_await();
  NodeStatus* find(int32_t id);

  std::vector<NodeStatus> nodes_;
  std::vector<Waiting> waiting_;
  std::vector<Effect> effects_;
  int64_t now_ms_;
  int64_t ends_ms_;  // by itself
  bool is_ending_ = false;
  bool is_finished_ = false;
};

}  // namespace kt::lab
