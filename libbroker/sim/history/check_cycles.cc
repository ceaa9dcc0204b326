#include <algorithm>
#include <utility>

#include "libbroker/sim/history/checks.h"

namespace kt::sim {
namespace {

/// Who must come before whom, operations being numbered by their rows.
class Graph {
 public:
  Graph(size_t nodes, std::vector<std::pair<uint32_t, uint32_t>> edges) : first_(nodes + 1) {
    std::ranges::sort(edges);
    const auto rest = std::ranges::unique(edges);
    edges.erase(rest.begin(), rest.end());
    for (const auto& [from, to] : edges) ++first_[from + 1];
    for (size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
    to_.reserve(edges.size());
    for (const auto& [from, to] : edges) to_.push_back(to);
  }
  size_t nodes() const { return first_.size() - 1; }
  std::span<const uint32_t> after(uint32_t node) const {
    return std::span(to_).subspan(first_[node], first_[node + 1] - first_[node]);
  }

 private:
  std::vector<uint32_t> first_, to_;
};

/// Tarjan's strongly connected components of more than one node, without recursion.
class Components {
 public:
  explicit Components(const Graph& graph)
      : graph_(graph), number_(graph.nodes()), low_(graph.nodes()), is_open_(graph.nodes()) {
    for (uint32_t node = 0; node < graph.nodes(); ++node) {
      if (number_[node] == 0 && !graph.after(node).empty()) visit(node);
    }
  }
  const std::vector<std::vector<uint32_t>>& found() const { return found_; }

 private:
  struct Step {
    uint32_t node, next_edge;
  };

  void visit(uint32_t root) {
    enter(root);
    while (!path_.empty()) {
      Step& step = path_.back();
      const auto after = graph_.after(step.node);
      if (step.next_edge == after.size()) {
        leave();
        continue;
      }
      const uint32_t next = after[step.next_edge++];
      if (number_[next] == 0) {
        enter(next);
      } else if (is_open_[next]) {
        low_[step.node] = std::min(low_[step.node], number_[next]);
      }
    }
  }
  void enter(uint32_t node) {
    number_[node] = low_[node] = ++last_number_;
    is_open_[node] = true;
    open_.push_back(node);
    path_.push_back({node, 0});
  }
  void leave() {
    const uint32_t node = path_.back().node;
    path_.pop_back();
    if (!path_.empty()) low_[path_.back().node] = std::min(low_[path_.back().node], low_[node]);
    if (low_[node] != number_[node]) return;
    const auto begin = std::ranges::find(open_.rbegin(), open_.rend(), node).base() - 1;
    for (auto at = begin; at != open_.end(); ++at) is_open_[*at] = false;
    if (open_.end() - begin > 1) found_.emplace_back(begin, open_.end());
    open_.erase(begin, open_.end());
  }

  const Graph& graph_;
  std::vector<uint32_t> number_, low_;
  std::vector<bool> is_open_;
  std::vector<uint32_t> open_;
  std::vector<Step> path_;
  uint32_t last_number_ = 0;
  std::vector<std::vector<uint32_t>> found_;
};

/// A shortest cycle through one of a component's nodes.
std::vector<uint32_t> cycle_in(const Graph& graph, std::vector<uint32_t> component) {
  std::ranges::sort(component);
  const auto number = [&](uint32_t node) {
    return static_cast<size_t>(std::ranges::lower_bound(component, node) - component.begin());
  };
  constexpr size_t unseen = SIZE_MAX;
  std::vector<size_t> came_from(component.size(), unseen);
  std::vector<size_t> queue = {0};
  for (size_t i = 0; i < queue.size(); ++i) {
    for (const uint32_t next : graph.after(component[queue[i]])) {
      const size_t at = number(next);
      if (at == component.size() || component[at] != next || came_from[at] != unseen) continue;
      came_from[at] = queue[i];
      if (at != 0) queue.push_back(at);
    }
  }
  std::vector<uint32_t> cycle;
  for (size_t at = came_from[0]; at != 0; at = came_from[at]) cycle.push_back(component[at]);
  cycle.push_back(component[0]);
  std::ranges::reverse(cycle);
  return cycle;
}

using Edges = std::vector<std::pair<uint32_t, uint32_t>>;

/// Rows that can lie on a cycle: something must lead to them, and something away.
struct Ends {
  std::vector<bool> sends, polls;
  explicit Ends(const History& history) : sends(history.rows().size()), polls(history.rows().size()) {
    for (uint32_t row = 0; row < sends.size(); ++row) {
      for (const auto& mop : history.mops(history.rows()[row])) {
        if (mop.kind == MopKind::send) sends[row] = true;
        if (mop.kind == MopKind::poll && mop.parts > 0) polls[row] = true;
      }
    }
  }
};

/// The writer of each value a poll returned comes before the poll's operation.
void add_reads(const Knowledge& known, bool orders_writes, Edges& edges) {
  const auto rows = known.history.rows();
  const Ends ends(known.history);
  for (uint32_t row = 0; row < rows.size(); ++row) {
    if (!ends.sends[row]) continue;
    known.history.for_each_poll(rows[row], [&](Key key, std::span<const Read> reads) {
      for (const Read& read : reads) {
        const auto* write = known.writes[key].find(read.value);
        if (!write || write->row == row || !(ends.polls[write->row] || orders_writes)) continue;
        if (edges.empty() || edges.back() != std::pair(write->row, row)) edges.emplace_back(write->row, row);
      }
    });
  }
}

/// The writer of what comes before a value in the log comes before the value's writer.
void add_writes(const Knowledge& known, Edges& edges) {
  for (Key key = 0; key < known.orders.size(); ++key) {
    const Writes::Write* before = nullptr;
    for (uint32_t at = 0; at < known.orders[key].size(); ++at) {
      const auto* write = known.writes[key].find(known.orders[key].at(at).value);
      if (before && write && before->row != write->row) edges.emplace_back(before->row, write->row);
      before = write;
    }
  }
}

void report_cycles(const Knowledge& known, Anomaly anomaly, Edges edges, Report& report) {
  const Graph graph(known.history.rows().size(), std::move(edges));
  const Components components(graph);
  for (const auto& component : components.found()) {
    Case found{.anomaly = anomaly};
    for (const uint32_t row : cycle_in(graph, component))
      found.ops.push_back(known.history.rows()[row].index);
    report.add(std::move(found));
  }
}

}  // namespace

void check_cycles(const Knowledge& known, const Promises& promises, Report& report) {
  Edges writes, all;
  if (promises.orders_writes) add_writes(known, writes);
  add_reads(known, promises.orders_writes, all);
  if (all.empty() && writes.empty()) return;
  all.insert(all.end(), writes.begin(), writes.end());
  report_cycles(known, Anomaly::write_cycle, std::move(writes), report);
  report_cycles(known, Anomaly::information_cycle, std::move(all), report);
}

}  // namespace kt::sim
