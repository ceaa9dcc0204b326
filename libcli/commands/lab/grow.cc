#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/wire/45_alter_partition_reassignments.h"
#include "libbroker/wire/64_unregister_broker.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/commands/lab/log_tail.h"
#include "libcli/commands/lab/node_files.h"
#include "libcli/commands/lab/partitions_meant.h"
#include "libcli/commands/lab/readiness.h"
#include "libcli/lab/ports.h"

namespace kt::cli::lab {
namespace {

using kt::lab::NodeSpec;
using kt::lab::Spec;
using Reassignments = wire::AlterPartitionReassignmentsRequest;

constexpr int64_t answer_ms_max = 30'000, drain_ms_max = 120'000, look_again_ms = 50;
constexpr int64_t forgotten_ms_max = 5'000;
constexpr int ports_tried_max = 20;
constexpr size_t log_lines_shown = 10;

/// The next id, and a port where the lab's own pattern has one.
NodeSpec next_broker(const Spec& spec) {
  NodeSpec next;
  for (const NodeSpec& node : spec.nodes) {
    if (node.is_controller || node.id < next.id) continue;
    next.id = node.id + 1;
    next.port = static_cast<uint16_t>(node.port + 1);
  }
  return next;
}

Result<void> start_broker(Chosen& lab, NodeSpec& node, Environment& environment) {
  for (int tried = 1;; ++tried) {
    lab.spec.nodes.push_back(node);
    if (auto made = make_node_files(lab.spec, node, lab.place, environment.disk, environment); !made)
      return made;
    const auto done = kt::lab::ask(lab.place, {.ask = "add", .node = {}, .added = node}, answer_ms_max);
    if (done) return {};
    const bool is_taken = done.error().message.starts_with("port ");
    if (!is_taken || tried == ports_tried_max) return fail(done.error());
    lab.spec.nodes.pop_back();
    node.port = kt::lab::random_port_base(environment.rng);
  }
}

/// The supervisor forgets by itself a broker that did not serve, which may take a moment; then what is left
/// of its files would be the next one's of this id.
void undo_add(const Chosen& lab, const NodeSpec& node, Environment& environment) {
  const auto is_there = [&] {
    const auto status = kt::lab::ask(lab.place, {.ask = "status", .node = {}}, answer_ms_max);
    if (!status) return status.error().code != ErrorCode::resource_not_found;  // it has not said
    return std::ranges::any_of(status->nodes, [&](const auto& it) { return it.spec.id == node.id; });
  };
  for (int64_t waited_ms = 0; is_there(); waited_ms += look_again_ms) {
    if (waited_ms >= forgotten_ms_max) return;
    ::poll(nullptr, 0, look_again_ms);
  }
  (void)environment.disk.remove(lab.place.node(node));  // the answer is why it did not serve
}

/// Where each replica on `broker` is to go: to the one that has the fewest, of those that have none of the
/// partition. Errors: there is none.
Result<Reassignments> moves_from(int32_t broker, const client::Topology& topology) {
  std::map<int32_t, int64_t> replicas;  // by broker
  for (const auto& [id, at] : topology.brokers) {
    if (id != broker) replicas[id] = 0;
  }
  for (const auto& [name, topic] : topology.topics) {
    for (const auto& partition : topic.partitions) {
      for (const int32_t id : partition.replica_nodes) {
        if (replicas.contains(id)) ++replicas[id];
      }
    }
  }
  Reassignments request;
  for (const auto& [name, topic] : topology.topics) {
    Reassignments::ReassignableTopic moved{.name = name, .partitions = {}};
    for (const auto& partition : topic.partitions) {
      auto nodes = partition.replica_nodes;
      const auto here = std::ranges::find(nodes, broker);
      if (here == nodes.end()) continue;
      auto fewest = replicas.end();
      for (auto it = replicas.begin(); it != replicas.end(); ++it) {
        const bool has_one = std::ranges::find(nodes, it->first) != nodes.end();
        if (!has_one && (fewest == replicas.end() || it->second < fewest->second)) fewest = it;
      }
      if (fewest == replicas.end())
        return fail(
            ErrorCode::invalid_replica_assignment,
            fmt::format("{}-{} has nowhere to go: each other broker has a copy (kt lab add makes another)",
                        name, partition.partition_index));
      *here = fewest->first;
      ++fewest->second;
      moved.partitions.push_back({.partition_index = partition.partition_index, .replicas = nodes});
    }
    if (!moved.partitions.empty()) request.topics.push_back(std::move(moved));
  }
  return request;
}

bool has_replicas(const client::Topology& topology, int32_t broker) {
  return std::ranges::any_of(topology.topics, [broker](const auto& named) {
    return std::ranges::any_of(named.second.partitions, [broker](const auto& partition) {
      return std::ranges::find(partition.replica_nodes, broker) != partition.replica_nodes.end();
    });
  });
}

void pause(Session& session, int64_t ms) {
  session.wait<bool>([&](auto done) { session.loop().after(ms, [done]() mutable { done(true); }); });
}

/// Moves all replicas off the broker, and waits until they are in sync where they have gone.
Result<void> drain(int32_t broker, Session& session, Clock& clock) {
  const int64_t deadline_ms = clock.monotonic_ms() + drain_ms_max;
  const auto before = session.topology(std::nullopt);
  if (!before) return fail(before.error());
  auto moves = moves_from(broker, **before);
  if (!moves) return fail(moves.error());
  if (moves->topics.empty()) return {};
  const auto answer =
      session.ask<wire::AlterPartitionReassignmentsResponse>(client::Target::controller(), std::move(*moves));
  if (!answer) return fail(answer.error());
  if (answer->error_code != ErrorCode::none)
    return fail(answer->error_code, answer->error_message.value_or(std::string(text_of(answer->error_code))));
  for (const auto& topic : answer->responses) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code != ErrorCode::none)
        return fail(partition.error_code, fmt::format("{}-{}: {}", topic.name, partition.partition_index,
                                                      partition.error_message.value_or("it is not moved")));
    }
  }
  for (;;) {
    const auto topology = session.topology(std::nullopt);
    if (topology && !has_replicas(**topology, broker)) return {};
    if (clock.monotonic_ms() >= deadline_ms)
      return fail(ErrorCode::request_timed_out,
                  fmt::format("broker {} has replicas still after {} ms", broker, drain_ms_max));
    pause(session, look_again_ms);
  }
}

}  // namespace

Exit add(const Options& options, Environment& environment, Streams& streams) {
  auto lab = choose_to_change(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  if (!lab->place.is_running())
    return refuse({ErrorCode::resource_not_found, "the lab is not running: kt lab up starts it"}, streams);
  if (lab->spec.brokers() >= kt::lab::brokers_max)
    return refuse(
        {ErrorCode::invalid_config, fmt::format("a lab has {} brokers at most", kt::lab::brokers_max)},
        streams);
  NodeSpec node = next_broker(lab->spec);
  node.rack = options.rack;
  const int64_t begun_ms = environment.clock.monotonic_ms();
  if (auto started = start_broker(*lab, node, environment); !started) {
    for (const std::string& line : last_lines(environment.disk, lab->place.node_log(node), log_lines_shown))
      streams.err << "  " << line << '\n';
    undo_add(*lab, node, environment);
    return refuse(started.error(), streams);
  }
  if (auto written = environment.disk.replace(lab->place.spec(), kt::lab::to_json(lab->spec)); !written) {
    for (const char* verb : {"kill", "remove"})  // a broker that lab.json has not is none
      (void)kt::lab::ask(lab->place, {.ask = verb, .node = node.id}, answer_ms_max);
    undo_add(*lab, node, environment);
    return refuse(written.error(), streams);
  }
  lab->lock = net::OwnedDescriptor();
  if (auto ready = wait_until_ready(lab->spec, environment, begun_ms + answer_ms_max); !ready)
    return refuse(ready.error(), streams);
  streams.out << fmt::format("{} serves on 127.0.0.1:{} after {} ms\n", node.name(),
                             lab->spec.find(node.id)->port, environment.clock.monotonic_ms() - begun_ms);
  return Exit::done;
}

Exit remove(const Options& options, Environment& environment, Streams& streams) {
  auto lab = choose_to_change(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const auto node = node_of(options.node, lab->spec, environment);
  if (!node) return refuse(node.error(), streams);
  if (node->is_controller || lab->spec.brokers() == 1)
    return refuse(
        {ErrorCode::invalid_config, node->is_controller ? node->name() + " is a controller, which stay"
                                                        : "the last broker stays: kt lab down ends the lab"},
        streams);
  const auto session = open_session(lab->spec, environment);
  if (!session) return refuse(session.error(), streams);
  if (options.drains) {
    if (auto drained = drain(node->id, **session, environment.clock); !drained)
      return refuse(drained.error(), streams);
  }
  const auto status = kt::lab::ask(lab->place, {.ask = "status", .node = {}}, answer_ms_max);
  if (!status) return refuse(status.error(), streams);
  const bool runs = std::ranges::any_of(status->nodes, [&](const kt::lab::NodeStatus& there) {
    return there.spec.id == node->id && there.pid != 0;
  });
  if (runs) {
    if (auto done = kt::lab::ask(lab->place, {.ask = "stop", .node = node->id}, answer_ms_max); !done)
      return refuse(done.error(), streams);
  }
  if (auto done = kt::lab::ask(lab->place, {.ask = "remove", .node = node->id}, answer_ms_max); !done)
    return refuse(done.error(), streams);
  wire::UnregisterBrokerRequest request;
  request.broker_id = node->id;
  const auto left =
      (*session)->ask<wire::UnregisterBrokerResponse>(client::Target::controller(), std::move(request));
  if (!left) refuse(left.error(), streams);  // the metadata remembers it, and that is all
  const std::string directory = lab->place.node(*node), name = node->name();
  std::erase_if(lab->spec.nodes, [id = node->id](const NodeSpec& spec) { return spec.id == id; });
  if (auto written = environment.disk.replace(lab->place.spec(), kt::lab::to_json(lab->spec)); !written)
    return refuse(written.error(), streams);
  if (auto removed = environment.disk.remove(directory); !removed) return refuse(removed.error(), streams);
  streams.out << fmt::format("{} has left the lab\n", name);
  return Exit::done;
}

}  // namespace kt::cli::lab
