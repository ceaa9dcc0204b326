#include "libbroker/sim/broker/run.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "libbroker/sim/broker/broker_program.h"
#include "libbroker/sim/broker/producer_client.h"
#include "libbroker/sim/broker/reader_client.h"
#include "libbroker/sim/chance.h"
#include "libbroker/sim/history/checker.h"

namespace kt::sim {
namespace {

constexpr std::string_view profile_names[] = {"quiet", "kill", "power"};
static_assert(std::size(profile_names) == static_cast<size_t>(Profile::count));

constexpr int64_t faulty_ms = 20'000;
constexpr int64_t answered_ms_max = 200'000;  // after the last fault: delivery.timeout.ms and some
constexpr int64_t caught_up_ms_max = 120'000;
constexpr uint64_t events_max = 50'000'000;
constexpr int32_t partitions_max = 3;  // of a topic
constexpr uint32_t replicas_max = 3;

Profile draw_profile(Rng& rng) {
  const uint64_t draw = rng.below(10);
  return draw == 0 ? Profile::quiet : draw < 6 ? Profile::kill : Profile::power;
}

WorldOptions draw_options(Profile profile, Rng& rng) {
  WorldOptions options = draw_world(rng);
  options.machine.loops = 1 + static_cast<size_t>(between(rng, 1, 2));
  options.restart_ms = between(rng, 100, 1'000);
  if (profile == Profile::quiet) options.net.loss = options.net.reset = options.net.zombie = never;
  return options;
}

FaultOptions draw_broker_faults(Profile profile, Rng& rng, size_t machines, size_t brokers) {
  FaultOptions options;
  std::vector<Fault> faults{Fault::kill,      Fault::kill_at_write, Fault::kill_at_start, Fault::terminate,
                            Fault::partition, Fault::clog,          Fault::clock_jump,    Fault::pause};
  if (profile == Profile::power) {
    for (const Fault fault :
         {Fault::power_off, Fault::power_off_at_write, Fault::power_off_at_start, Fault::power_off_all}) {
      faults.push_back(fault);
    }
  }
  for (const Fault fault : faults) {
    if (rng.below(2) == 0) options.faults.push_back(fault);
  }
  if (options.faults.empty())
    options.faults.push_back(profile == Profile::power ? Fault::power_off : Fault::kill);
  // The brokers suffer most.
  for (uint32_t id = 0; id < machines; ++id)
    options.machines.insert(options.machines.end(), id < brokers ? 3 * machines / brokers : 1, id);
  options.period_ms_mean = 300 * (int64_t{1} << between(rng, 0, 3));
  options.duration_ms_mean = 50 * (int64_t{1} << between(rng, 0, 5));
  options.down_max = 2;
  return options;
}

/// What so many bytes need when nothing is lost: a round trip for each window, of whose segments the latest
/// counts.
int64_t transfer_ms(const NetFaults& net, int64_t bytes) {
  const int64_t round_trip_us = 2 * (net.latency_us_min + 2 * net.latency_us_mean);
  return (1 + bytes / net.window_bytes) * round_trip_us / 1'000;
}

WorkloadOptions draw_workload(const NetFaults& net, Rng& rng) {
  WorkloadOptions options;
  options.burst_pause_ms_mean = 50 * (int64_t{1} << between(rng, 0, 3));
  options.burst_records_max = 1u << between(rng, 0, 4);
  options.record_bytes_max = 1u << between(rng, 5, 10);
  options.producer_batch_bytes = 1 << between(rng, 8, 13);
  options.request_timeout_ms = 1'000 * between(rng, 1, 5);
  options.commit_interval_ms = 100 * (int64_t{1} << between(rng, 0, 3));
  options.codec = static_cast<uint32_t>(rng.below(5));
  // A client that gives up before a whole answer has come asks for the same again, for ever.
  options.request_timeout_ms = std::max(options.request_timeout_ms,
                                        transfer_ms(net, int64_t{partitions_max} * options.fetch_bytes_max));
  return options;
}

metadata::ConfigMap draw_topic_configs(const WorkloadOptions& workload, Rng& rng) {
  // A batch that no segment may hold would be refused.
  const int64_t batch_bytes_max = workload.producer_batch_bytes + workload.record_bytes_max + 200;
  return {{"segment.bytes", std::to_string(std::max(int64_t{1'000} << between(rng, 0, 5), batch_bytes_max))},
          {"index.interval.bytes", std::to_string(rng.below(2'000))},
          {"segment.index.bytes", std::to_string(64 << between(rng, 0, 5))},
          {"file.delete.delay.ms", std::to_string(between(rng, 0, 3'000))}};
}

std::vector<WorkloadTopic> draw_topics(const WorkloadOptions& workload, Rng& rng) {
  std::vector<WorkloadTopic> topics;
  topics.push_back({.name = "plain",
                    .partitions = static_cast<int32_t>(between(rng, 1, partitions_max)),
                    .configs = draw_topic_configs(workload, rng)});
  topics.push_back({.name = "table",
                    .configs = draw_topic_configs(workload, rng),
                    .record_keys = static_cast<uint32_t>(between(rng, 1, 20))});
  topics.back().configs.insert(
      {{"cleanup.policy", "compact"}, {"min.cleanable.dirty.ratio", "0.1"}, {"segment.ms", "2000"}});
  topics.back().promises.is_compacted = true;
  topics.push_back({.name = "short", .configs = draw_topic_configs(workload, rng), .is_retained = true});
  topics.back().configs.insert({"retention.bytes", std::to_string(between(rng, 5'000, 50'000))});
  topics.back().promises.is_compacted = true;  // old records go: the final reader checks which
  return topics;
}

/// What all brokers have in common.
metadata::ConfigMap draw_properties(Profile profile, const WorldOptions& world, Rng& rng) {
  metadata::ConfigMap properties;
  properties["kt.io.threads"] = std::to_string(world.machine.loops - 1);
  properties["auto.create.topics.enable"] = "false";
  properties["offsets.topic.num.partitions"] = std::to_string(between(rng, 1, 3));
  properties["offsets.topic.segment.bytes"] = std::to_string(1'000 << between(rng, 0, 8));
  properties["metadata.log.segment.bytes"] = std::to_string(1'000 << between(rng, 0, 8));
  properties["log.retention.check.interval.ms"] = std::to_string(between(rng, 200, 5'000));
  properties["replica.high.watermark.checkpoint.interval.ms"] = std::to_string(between(rng, 100, 5'000));
  properties["group.initial.rebalance.delay.ms"] = std::to_string(between(rng, 0, 500));
  properties["group.min.session.timeout.ms"] = "1000";
  if (profile == Profile::power) properties["log.flush.interval.messages"] = "1";
  return properties;
}

/// What the brokers of a cluster have in common, besides.
metadata::ConfigMap draw_cluster_properties(int32_t replicas, Rng& rng) {
  metadata::ConfigMap properties;
  properties["default.replication.factor"] = std::to_string(replicas);
  properties["offsets.topic.replication.factor"] = std::to_string(replicas);
  properties["min.insync.replicas"] = std::to_string(replicas / 2 + 1);
  properties["replica.lag.time.max.ms"] = std::to_string(between(rng, 1'000, 10'000));
  properties["replica.fetch.wait.max.ms"] = std::to_string(between(rng, 50, 500));
  properties["broker.heartbeat.interval.ms"] = std::to_string(between(rng, 200, 1'000));
  properties["broker.session.timeout.ms"] = std::to_string(between(rng, 2'000, 6'000));
  return properties;
}

/// A run under way.
class Scenario {
 public:
  explicit Scenario(const RunOptions& options)
      : rng_(options.seed),
        profile_(choose_profile(options)),
        world_options_(draw_options(profile_, rng_)),
        properties_(draw_properties(profile_, world_options_, rng_)),
        workload_options_(draw_workload(world_options_.net, rng_)),
        workload_(workload_options_, draw_topics(workload_options_, rng_),
                  [this] { return world_.scheduler().now_ns(); }),
        world_(rng_.next(), world_options_) {
    if (options.sink) world_.trace().set_sink(options.sink);
    add_machines(options.nodes, options.mutants);
    const FaultOptions faults = draw_broker_faults(profile_, rng_, world_.size(), options.nodes);
    if (profile_ != Profile::quiet) plan_ = plan_faults(rng_, faults, faulty_ms);
    if (options.plan) plan_ = *options.plan;
  }

  RunResult go() {
    world_.start_all();
    schedule(world_, plan_);
    world_.run_for(faulty_ms);
    world_.heal();
    workload_.is_over = true;
    wait_for([this] { return workload_.is_ready && workload_.open_bursts == 0; }, answered_ms_max,
             "not everything sent is answered");
    wait_for([this] { return has_group_caught_up(); }, caught_up_ms_max,
             "the group does not read to the end");
    world_.start(world_.add("final", final_reader_program(brokers_, workload_, is_read_)).id());
    wait_for([this] { return is_read_; }, caught_up_ms_max, "the final reader does not come to its end");
    return result();
  }

 private:
  Profile choose_profile(const RunOptions& options) {
    const Profile drawn = draw_profile(rng_);  // drawn even when it is given, so that all else stays
    return options.profile.value_or(drawn);
  }

  void add_machines(uint32_t nodes, Mutants mutants) {
    watch_.serving = [this] { ++starts_; };
    watch_.failed = [this](Machine& machine, const Error& error) {
      if (machine.disk().has_power()) workload_.violated("a broker failed: " + error.message);
    };
    metadata::ConfigMap common = properties_;
    if (nodes > 1)
      common.merge(draw_cluster_properties(static_cast<int32_t>(std::min(nodes, replicas_max)), rng_));
    std::vector<std::string> hosts{"broker"};
    while (hosts.size() < nodes) hosts.push_back(fmt::format("broker{}", hosts.size() + 1));
    for (const std::string& host : hosts) {
      metadata::ConfigMap properties = common;
      brokers_.push_back({host, 9092});
      properties.merge(nodes == 1 ? single_node_properties(host)
                                  : cluster_node_properties(hosts, static_cast<int32_t>(brokers_.size())));
      world_.add(host, broker_program(std::move(properties), mutants, watch_));
    }
    world_.add("admin", admin_program(brokers_, workload_));
    world_.add("producer1", producer_program(brokers_, workload_));
    world_.add("producer2", producer_program(brokers_, workload_));
    world_.add("reader", reader_program(brokers_, workload_));
    world_.add("member1", member_program(brokers_, workload_));
    world_.add("member2", member_program(brokers_, workload_));
  }

  bool has_group_caught_up() {
    return std::ranges::all_of(workload_.acknowledged_end, [this](const auto& end) {
      return workload_.group_end[end.first] >= end.second;
    });
  }

  void wait_for(const std::function<bool()>& is_met, int64_t ms, std::string_view otherwise) {
    if (world_.run_until(is_met, {.ms = ms, .events = events_max}) == World::Outcome::met) return;
    workload_.violated(fmt::format("{} within {} s", otherwise, ms / 1'000));
  }

  void check(std::string_view name, Recorder& recorder, const Promises& promises) {
    const Report report = kt::sim::check(recorder.take(), promises);
    if (!report.is_valid()) workload_.violated(fmt::format("{}:\n{}", name, report.text()));
  }

  RunResult result() {
    for (WorkloadTopic& topic : workload_.topics()) check(topic.name, topic.recorder, topic.promises);
    check("the group", workload_.group_history(), {.is_subscribed = true, .is_polled_to_end = true});
    return {.violations = workload_.violations(),
            .profile = profile_,
            .plan = plan_,
            .trace_hash = world_.trace().hash(),
            .events = world_.scheduler().events(),
            .simulated_ms = world_.now_ms(),
            .starts = starts_,
            .acknowledged = workload_.acknowledged,
            .polled = workload_.polled,
            .committed = workload_.committed};
  }

  SeededRng rng_;
  const Profile profile_;
  const WorldOptions world_options_;
  const metadata::ConfigMap properties_;
  const WorkloadOptions workload_options_;
  BrokerWatch watch_;
  std::vector<Endpoint> brokers_;
  uint64_t starts_ = 0;
  Workload workload_;
  bool is_read_ = false;
  FaultPlan plan_;
  World world_;  // its machines refer to the rest
};

}  // namespace

std::string_view name_of(Profile profile) { return profile_names[static_cast<size_t>(profile)]; }

std::optional<Profile> parse_profile(std::string_view name) {
  const auto found = std::ranges::find(profile_names, name);
  if (found == std::end(profile_names)) return std::nullopt;
  return static_cast<Profile>(found - std::begin(profile_names));
}

RunResult run(const RunOptions& options) { return Scenario(options).go(); }

FaultPlan shrink(const RunOptions& options, const RunResult& failed) {
  return shrink(failed.plan, [&](const FaultPlan& plan) {
    RunOptions again = options;
    again.plan = plan;
    again.sink = {};
    return !run(again).violations.empty();
  });
}

}  // namespace kt::sim
