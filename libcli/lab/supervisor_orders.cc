#include <fmt/core.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "libcli/lab/supervisor.h"

namespace kt::lab {
namespace {

using nlohmann::json;

}  // namespace

bool Supervisor::change(uint64_t client, const Request& request) {
  const std::string& ask = request.ask;
  if (ask == "tend") return relay(client, request), true;
  if (ask == "add" && request.added) return add_node(client, *request.added), true;
  if (ask == "remove" && request.node) return remove_node(client, *request.node), true;
  if (ask == "fault" && request.fault) {
    clients_[client].fault = faults_.add(*request.fault, request.for_ms, clock_.monotonic_ms());
    carry_out(Record{-1, fmt::format("fault {}: {}", *clients_[client].fault, request.fault->text)});
  } else if (ask == "heal") {
    if (!faults_.heal(request.id))
      return reply(client, {.error = fmt::format("there is no fault {}", *request.id), .nodes = {}}), true;
    carry_out(
        Record{-1, request.id ? fmt::format("fault {} is healed", *request.id) : "all faults are healed"});
  } else if (ask == "clock" && request.clock) {
    faults_.change_clock(*request.clock, clock_.wall_ms());
    carry_out(Record{-1, "the clock is set"});
  } else {
    return false;
  }
  clients_[client].version = faults_.version();
  give_orders();
  return true;
}

void Supervisor::give_orders() {
  for (const auto& [id, child] : children_) {
    if (child.pid > 0) give_orders(id);
  }
}

/// The last ones are all that counts: they wait, and others with them, while half a line is on its way.
void Supervisor::give_orders(int32_t node) {
  Child& child = children_[node];
  child.orders_are_due = !child.unsent.empty();
  const NodeStatus* status = life_.node(node);
  if (status && !child.orders_are_due)
    tell(node, fault::to_line(faults_.orders_for(spec_, status->spec, status->starts)));
}

void Supervisor::tell(int32_t node, const std::string& line) {
  children_[node].unsent += line;
  send_rest(node);
}

/// Never waits for a node, which may be frozen: what the channel has no room for goes when it reads on.
void Supervisor::send_rest(int32_t node) {
  const auto found = children_.find(node);
  if (found == children_.end() || found->second.unsent.empty()) return;
  Child& child = found->second;
  std::string& rest = child.unsent;
  const auto sent = ::send(child.control.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) {
    rest.erase(0, static_cast<size_t>(sent));
  } else if (errno != EAGAIN && errno != EINTR) {  // it is gone, or is about to be
    ::dprintf(STDERR_FILENO, "node %d is not told: %s\n", node, rest.c_str());
    rest.clear();
    child.orders_are_due = false;
  }
  if (rest.empty() && child.orders_are_due) give_orders(node);
}

void Supervisor::add_node(uint64_t client, const NodeSpec& node) {
  if (life_.is_ending()) return reply(client, {.error = "the lab is on its way down", .nodes = {}});
  if (spec_.find(node.id))
    return reply(client, {.error = fmt::format("the lab has a node {}", node.id), .nodes = {}});
  auto port = ReservedPorts::take(std::span(&node.port, 1));
  if (!port) return reply(client, {.error = port.error().message, .nodes = {}});
  ports_.add(std::move(*port));
  spec_.nodes.push_back(node);
  faults_.nodes_changed();
  give_orders();
  decide(Added{client, node});
}

void Supervisor::remove_node(uint64_t client, int32_t node) {
  const NodeStatus* status = life_.node(node);
  if (!status || status->state != NodeState::down)
    return reply(client, {.error = fmt::format("node {} is not down", node), .nodes = {}});
  carry_out(Record{node, "removed"});
  decide(Forgotten{node});
  forget(node);
  reply(client, {.error = {}, .nodes = {}});
}

void Supervisor::forget(int32_t node) {
  children_.erase(node);
  if (const NodeSpec* spec = spec_.find(node)) ports_.release(spec->port);
  std::erase_if(spec_.nodes, [node](const NodeSpec& spec) { return spec.id == node; });
  faults_.nodes_changed();
  give_orders();
}

/// Has a node do some work; its answer is the client's.
void Supervisor::relay(uint64_t client, const Request& request) {
  const NodeStatus* status = life_.node(request.node.value_or(-1));
  if (!status)
    return reply(client,
                 {.error = fmt::format("the lab has no node {}", request.node.value_or(-1)), .nodes = {}});
  if (status->state != NodeState::up)
    return reply(
        client, {.error = fmt::format("{} is {}", status->spec.name(), name_of(status->state)), .nodes = {}});
  clients_[client].asks = status->spec.id;
  const json line = {
      {"tend", request.tend}, {"topic", request.topic}, {"partition", request.partition}, {"ticket", client}};
  tell(status->spec.id, line.dump() + "\n");
}

void Supervisor::read_node(int32_t node) {
  const auto child = children_.find(node);
  if (child == children_.end()) return;
  char part[4096];
  const ssize_t bytes = ::recv(child->second.control.get(), part, sizeof part, MSG_DONTWAIT);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (bytes <= 0) {
    child->second.control = net::OwnedDescriptor();
    return;
  }
  std::string& line = child->second.line;
  line.append(part, static_cast<size_t>(bytes));
  for (size_t end; (end = line.find('\n')) != line.npos; line.erase(0, end + 1))
    hear(node, line.substr(0, end));
}

void Supervisor::hear(int32_t node, const std::string& line) {
  const json said = json::parse(line, nullptr, false);
  if (!said.is_object()) return;
  if (said.contains("version")) {
    children_[node].heard = said.value("version", int64_t{0});
    return;
  }
  const auto client = said.value("ticket", uint64_t{0});
  const auto found = clients_.find(client);
  if (found != clients_.end() && found->second.asks == node)
    reply(client, {.error = said.value("error", ""), .nodes = {}});
}

void Supervisor::answer_those_heard() {
  std::vector<std::pair<uint64_t, Reply>> replies;
  for (const auto& [id, client] : clients_) {
    if (client.asks) {
      const NodeStatus* node = life_.node(*client.asks);
      if (!node || node->pid == 0)
        replies.emplace_back(
            id,
            Reply{.error = fmt::format("node {} ended before it had done it", *client.asks), .nodes = {}});
    }
    if (!client.version) continue;
    const bool is_heard = std::ranges::all_of(life_.nodes(), [&](const NodeStatus& node) {
      return node.state != NodeState::up || children_[node.spec.id].heard >= *client.version;
    });
    if (is_heard) replies.emplace_back(id, Reply{.error = {}, .nodes = {}, .id = client.fault});
  }
  for (const auto& [client, answer] : replies) reply(client, answer);
}

}  // namespace kt::lab
