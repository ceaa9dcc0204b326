#include "libbroker/sim/broker/operator_client.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "libbroker/client/cluster.h"
#include "libbroker/sim/broker/client_setup.h"
#include "libbroker/sim/broker/passing_topic.h"
#include "libbroker/sim/broker/profile.h"
#include "libbroker/sim/chance.h"
#include "libbroker/wire/21_delete_records.h"
#include "libbroker/wire/43_elect_leaders.h"
#include "libbroker/wire/44_incremental_alter_configs.h"
#include "libbroker/wire/45_alter_partition_reassignments.h"

namespace kt::sim {
namespace {

constexpr int64_t look_ms = 100;
constexpr int32_t delete_ms_max = 2'000;
constexpr const char* min_isr = "min.insync.replicas";
constexpr int8_t topic_resource = 2, set_config = 0;

class Operator {
 public:
  Operator(Machine& machine, std::vector<Endpoint> brokers, Workload& workload)
      : machine_(machine),
        brokers_(std::move(brokers)),
        workload_(workload),
        cluster_(machine.loop(), machine.net(), machine.clock(), cluster_options(brokers_, workload)),
        passing_(machine, brokers_, workload) {
    machine_.loop().post([this] { next(); });
  }

 private:
  void next_later() {
    machine_.loop().after(look_ms, [this] { next(); });
  }

  void done() {
    ++workload_.operations;
    next_later();
  }

  void next() {
    if (workload_.is_settled) return;
    if (workload_.is_settling) return settle();
    if (workload_.asked_operations.empty() || !workload_.is_ready) return next_later();
    const PlannedFault asked = workload_.asked_operations.front();
    workload_.asked_operations.pop_front();
    SeededRng rng(asked.seed);
    if (asked.operation == operations::elect) return elect();
    if (asked.operation == operations::reassign) return reassign(rng);
    if (asked.operation == operations::configure)
      return configure(any_topic(rng), std::to_string(between(rng, 1, 3)), [this] { done(); });
    if (asked.operation == operations::trim) return trim(rng);
    std::optional<uint32_t> absent;
    if (asked.operation == operations::recreate_unseen)
      absent = static_cast<uint32_t>(rng.below(brokers_.size()));
    passing_.recreate(absent, [this] { done(); });
  }

  const std::string& any_topic(Rng& rng) {
    return workload_.topics()[rng.below(workload_.topics().size())].name;
  }

  void elect() {
    wire::ElectLeadersRequest request;
    request.topic_partitions.reset();  // all
    cluster_.call<wire::ElectLeadersResponse>(client::Target::controller(), std::move(request),
                                              [this](const Result<wire::ElectLeadersResponse>&) { done(); });
  }

  void reassign(Rng& rng) {
    std::vector<int32_t> ids;
    for (size_t i = 0; i < brokers_.size(); ++i) ids.push_back(static_cast<int32_t>(i) + 1);
    for (size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[rng.below(i)]);
    // Two replicas or three: with fewer a loss of one would be a loss of all.
    ids.resize(std::min<size_t>(ids.size(), 2 + rng.below(2)));
    wire::AlterPartitionReassignmentsRequest request;
    request.topics.push_back({.name = rng.below(4) == 0 ? "__consumer_offsets" : any_topic(rng)});
    auto& one = request.topics.back().partitions.emplace_back();
    if (rng.below(4) != 0) one.replicas = ids;  // otherwise: what is under way is given up
    cluster_.call<wire::AlterPartitionReassignmentsResponse>(
        client::Target::controller(), std::move(request),
        [this](const Result<wire::AlterPartitionReassignmentsResponse>&) { done(); });
  }

  /// Deletes what is old of a topic that may lose it, up to anywhere: inside of a batch, too.
  void trim(Rng& rng) {
    const auto topic = std::ranges::find(workload_.topics(), true, &WorkloadTopic::is_retained);
    const TopicPartition partition{topic->name, static_cast<int32_t>(rng.below(topic->partitions))};
    const int64_t before = between(rng, 0, workload_.committed_end(partition));
    cluster_.refresh({{partition.topic}}, false, [=, this](const Result<const client::Topology*>& topology) {
      const auto leader =
          topology ? (*topology)->leader_of(partition.topic, partition.partition) : std::nullopt;
      if (!leader) return done();
      wire::DeleteRecordsRequest request{.timeout_ms = delete_ms_max};
      request.topics.push_back({partition.topic, {{partition.partition, before}}});
      cluster_.call<wire::DeleteRecordsResponse>(
          client::Target::node(leader->node_id), std::move(request),
          [this](const Result<wire::DeleteRecordsResponse>&) { done(); });
    });
  }

  /// Tells the workload which values the topic may have then: one of which nobody knows what became may still
  /// come.
  void configure(const std::string& topic, const std::string& value, std::function<void()> then) {
    wire::IncrementalAlterConfigsRequest request;
    request.resources.push_back({.resource_type = topic_resource, .resource_name = topic});
    request.resources.back().configs.push_back({min_isr, set_config, value});
    auto& loose = workload_.loose_min_isr[topic];
    loose.insert(value);
    workload_.possible_min_isr[topic].insert(value);
    cluster_.call<wire::IncrementalAlterConfigsResponse>(
        client::Target::controller(), std::move(request),
        [this, topic, value, &loose,
         then = std::move(then)](const Result<wire::IncrementalAlterConfigsResponse>& answer) {
          const bool is_done = answer && answer->responses.size() == 1 &&
                               answer->responses.front().error_code == ErrorCode::none;
          is_set_ = is_done;
          if (is_done) {
            loose.erase(loose.find(value));
            auto& possible = workload_.possible_min_isr[topic];
            possible = {loose.begin(), loose.end()};
            possible.insert(value);
          }
          then();
        });
  }

  /// Topics that were never touched have what brokers have.
  void settle() {
    for (const auto& [topic, values] : workload_.possible_min_isr) {
      if (settled_.contains(topic)) continue;
      const std::string usual = std::to_string(std::min<size_t>(brokers_.size(), 3) / 2 + 1);
      return configure(topic, usual, [this, topic = topic] {
        if (is_set_ || tries_++ > tries_max) settled_.insert(topic);
        next_later();
      });
    }
    workload_.is_settled = true;
  }

  static constexpr int tries_max = 100;
  Machine& machine_;
  const std::vector<Endpoint> brokers_;
  Workload& workload_;
  client::Cluster cluster_;
  PassingTopic passing_;
  std::set<std::string> settled_;
  bool is_set_ = false;  // the last configuration that was asked for
  int tries_ = 0;
};

}  // namespace

Program operator_program(std::vector<Endpoint> brokers, Workload& workload) {
  return [brokers = std::move(brokers), &workload](Machine& machine) -> Process {
    return std::make_shared<Operator>(machine, brokers, workload);
  };
}

}  // namespace kt::sim
