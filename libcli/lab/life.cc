#include "libcli/lab/life.h"

#include <fmt/core.h>

#include <algorithm>
#include <csignal>
#include <limits>
#include <utility>

namespace kt::lab {
namespace {

constexpr std::string_view state_names[] = {"down", "starting", "up", "paused", "stopping"};

std::string is_already(const NodeStatus& node) {
  return fmt::format("{} is {}", node.spec.name(), name_of(node.state));
}

}  // namespace

std::string_view name_of(NodeState state) { return state_names[static_cast<size_t>(state)]; }

Life::Life(const Spec& spec, int64_t now_ms, int64_t ttl_ms) : now_ms_(now_ms), ends_ms_(now_ms + ttl_ms) {
  for (const NodeSpec& node : spec.nodes) {
    NodeStatus status;
    status.spec = node;
    status.since_ms = now_ms;
    nodes_.push_back(std::move(status));
  }
}

std::vector<Effect> Life::begin(int64_t now_ms) {
  now_ms_ = now_ms;
  effects_.push_back(Record{-1, "lab begins"});
  for (NodeStatus& node : nodes_) spawn(node);
  return std::exchange(effects_, {});
}

std::vector<Effect> Life::step(const Event& event, int64_t now_ms) {
  now_ms_ = now_ms;
  std::visit([this](const auto& e) { on(e); }, event);
  answer_those_who_await();
  if (is_ending_) go_on_ending();
  return std::exchange(effects_, {});
}

int64_t Life::deadline_ms() const {
  int64_t deadline_ms = is_ending_ ? std::numeric_limits<int64_t>::max() : ends_ms_;
  for (const NodeStatus& node : nodes_) {
    if (node.state == NodeState::stopping) deadline_ms = std::min(deadline_ms, node.since_ms + stop_ms_max);
  }
  return deadline_ms;
}

void Life::on(const Asked& asked) {
  if (asked.verb == Verb::down) {
    waiting_.push_back({asked.client, Verb::down, {}});
    return end();
  }
  if (is_ending_) return answer(asked.client, "the lab is on its way down");
  if (asked.verb == Verb::await) return waiting_.push_back({asked.client, Verb::await, {}});
  if (asked.verb == Verb::start && !asked.node) {  // all that are down
    for (NodeStatus& node : nodes_) {
      if (node.state == NodeState::down) spawn(node);
    }
    return waiting_.push_back({asked.client, Verb::await, {}});
  }
  NodeStatus* node = find(asked.node.value_or(-1));
  if (!node) return answer(asked.client, fmt::format("the lab has no node {}", asked.node.value_or(-1)));
  ask_node(asked, *node);
}

void Life::ask_node(const Asked& asked, NodeStatus& node) {
  const bool is_down = node.state == NodeState::down, is_paused = node.state == NodeState::paused;
  const auto wait = [&] { waiting_.push_back({asked.client, asked.verb, asked.node}); };
  switch (asked.verb) {
    case Verb::kill:
      if (is_down) return answer(asked.client, is_already(node));
      return wait(), kill(node, asked.signal);
    case Verb::stop:
      if (is_down) return answer(asked.client, is_already(node));
      return wait(), stop(node);
    case Verb::restart:
      wait();
      return is_down ? spawn(node) : stop(node);
    case Verb::start:
      if (!is_down) return answer(asked.client, is_already(node));
      return wait(), spawn(node);
    case Verb::pause:
      if (node.state != NodeState::up) return answer(asked.client, is_already(node));
      return wait(), effects_.push_back(Signal{node.spec.id, SIGSTOP});
    case Verb::resume:
      if (!is_paused) return answer(asked.client, is_already(node));
      return wait(), effects_.push_back(Signal{node.spec.id, SIGCONT});
    default:
      return answer(asked.client, "that cannot be asked of a node");
  }
}

void Life::on(const Gone& gone) {
  for (const Waiting& w : waiting_) {
    NodeStatus* node = w.client == gone.client && w.verb == Verb::start ? find(w.node.value_or(-1)) : nullptr;
    if (node && node->is_new) kill(*node, SIGKILL);
  }
  std::erase_if(waiting_, [&](const Waiting& w) { return w.client == gone.client; });
}

void Life::on(const Started& started) { find(started.node)->pid = started.pid; }

void Life::on(const Ready& ready) {
  NodeStatus& node = *find(ready.node);
  node.is_new = false;
  if (node.state != NodeState::starting) return;
  become(node, NodeState::up);
  answer_waiting([&](const Waiting& w) -> std::optional<std::string> {
    if (w.node != ready.node || (w.verb != Verb::start && w.verb != Verb::restart)) return std::nullopt;
    return "";
  });
}

void Life::on(const Halted& halted) {
  NodeStatus& node = *find(halted.node);
  if (node.state == NodeState::stopping || node.state == NodeState::down) return;
  become(node, NodeState::paused);
  answer_waiting([&](const Waiting& w) -> std::optional<std::string> {
    return w.node == halted.node && w.verb == Verb::pause ? std::optional<std::string>("") : std::nullopt;
  });
}

void Life::on(const Continued& continued) {
  NodeStatus& node = *find(continued.node);
  if (node.state != NodeState::paused) return;
  become(node, NodeState::up);
  answer_waiting([&](const Waiting& w) -> std::optional<std::string> {
    return w.node == continued.node && w.verb == Verb::resume ? std::optional<std::string>("") : std::nullopt;
  });
}

void Life::on(const Exited& exited) {
  NodeStatus& node = *find(exited.node);
  const bool was_starting = node.state == NodeState::starting;
  node.pid = 0;
  node.ended = exited.how;
  become(node, NodeState::down);
  bool comes_back = false;
  answer_waiting([&](const Waiting& w) -> std::optional<std::string> {
    if (w.verb == Verb::await && was_starting)
      return fmt::format("{} ended before it served: {}", node.spec.name(), exited.how);
    if (w.node != exited.node) return std::nullopt;
    if (w.verb == Verb::kill || w.verb == Verb::stop) return "";
    if (w.verb == Verb::restart && !was_starting && !node.is_new) return comes_back = true, std::nullopt;
    return fmt::format("{} ended: {}", node.spec.name(), exited.how);
  });
  if (comes_back && !is_ending_) spawn(node);
  if (!node.is_new) return;
  effects_.push_back(Forget{exited.node});
  on(Forgotten{exited.node});
}

void Life::on(const Added& added) {
  if (is_ending_) return answer(added.client, "the lab is on its way down");
  if (find(added.node.id)) return answer(added.client, fmt::format("the lab has a node {}", added.node.id));
  NodeStatus status;
  status.spec = added.node;
  status.since_ms = now_ms_;
  status.is_new = true;
  nodes_.push_back(std::move(status));
  waiting_.push_back({added.client, Verb::start, added.node.id});
  spawn(nodes_.back());
}

void Life::on(const Forgotten& forgotten) {
  std::erase_if(nodes_, [&](const NodeStatus& node) {
    return node.spec.id == forgotten.node && node.state == NodeState::down;
  });
}

void Life::on(const StopSignal&) {
  if (!is_ending_) return end();
  for (NodeStatus& node : nodes_) {
    if (node.state != NodeState::down) kill(node, SIGKILL);
  }
}

void Life::on(const Tick&) {
  if (now_ms_ >= ends_ms_ && !is_ending_) {
    effects_.push_back(Record{-1, "its time is over"});
    end();
  }
  for (NodeStatus& node : nodes_) {
    if (node.state != NodeState::stopping || now_ms_ < node.since_ms + stop_ms_max) continue;
    effects_.push_back(Record{node.spec.id, "did not stop in time"});
    kill(node, SIGKILL);
    node.since_ms = now_ms_;  // it may take long to die, as one does that waits for its disk
  }
}

void Life::spawn(NodeStatus& node) {
  become(node, NodeState::starting);
  ++node.starts;
  effects_.push_back(Spawn{node.spec.id});
}

void Life::stop(NodeStatus& node) {
  if (node.state == NodeState::stopping || node.state == NodeState::down) return;
  const bool was_paused = node.state == NodeState::paused;
  become(node, NodeState::stopping);
  effects_.push_back(Signal{node.spec.id, SIGTERM});
  if (was_paused) effects_.push_back(Signal{node.spec.id, SIGCONT});
}

void Life::kill(NodeStatus& node, int signal) {
  effects_.push_back(Record{node.spec.id, fmt::format("signal {}", signal)});
  become(node, NodeState::stopping);
  effects_.push_back(Signal{node.spec.id, signal});
}

void Life::end() {
  if (is_ending_) return;
  is_ending_ = true;
  effects_.push_back(Record{-1, "lab ends"});
  answer_waiting([](const Waiting& w) -> std::optional<std::string> {
    if (w.verb == Verb::down) return std::nullopt;
    return "the lab went down";
  });
  for (NodeStatus& node : nodes_) {
    if (!node.spec.is_controller) stop(node);
  }
}

void Life::go_on_ending() {
  const auto is_over = [](const NodeStatus& node) { return node.state == NodeState::down; };
  const bool brokers_are =
      std::ranges::all_of(nodes_, [&](const NodeStatus& n) { return n.spec.is_controller || is_over(n); });
  if (!brokers_are) return;
  for (NodeStatus& node : nodes_) stop(node);
  if (is_finished_ || !std::ranges::all_of(nodes_, is_over)) return;
  is_finished_ = true;
  answer_waiting([](const Waiting&) { return std::optional<std::string>(""); });
  effects_.push_back(Finish{});
}

void Life::become(NodeStatus& node, NodeState state) {
  if (node.state == state) return;
  node.state = state;
  node.since_ms = now_ms_;
  const bool tells_why = state == NodeState::down && !node.ended.empty();
  effects_.push_back(
      Record{node.spec.id, std::string(name_of(state)) + (tells_why ? ": " + node.ended : "")});
}

void Life::answer(uint64_t client, std::string error) {
  effects_.push_back(Answer{client, std::move(error)});
}

template <class F>
void Life::answer_waiting(F outcome) {
  std::erase_if(waiting_, [&](const Waiting& w) {
    auto error = outcome(w);
    if (error) answer(w.client, std::move(*error));
    return error.has_value();
  });
}

void Life::answer_those_who_await() {
  const bool all_serve =
      std::ranges::none_of(nodes_, [](const NodeStatus& n) { return n.state == NodeState::starting; });
  if (!all_serve) return;
  answer_waiting([this](const Waiting& w) -> std::optional<std::string> {
    if (w.verb != Verb::await) return std::nullopt;
    for (const NodeStatus& node : nodes_) {
      if (node.state == NodeState::down)
        return fmt::format("{} ended before it served: {}", node.spec.name(), node.ended);
    }
    return "";
  });
}

NodeStatus* Life::find(int32_t id) {
  const auto found = std::ranges::find_if(nodes_, [id](const NodeStatus& n) { return n.spec.id == id; });
  return found == nodes_.end() ? nullptr : &*found;
}

}  // namespace kt::lab
