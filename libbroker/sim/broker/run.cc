#include "libbroker/sim/broker/run.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "libbroker/node/node.h"
#include "libbroker/sim/broker/broker_program.h"
#include "libbroker/sim/broker/cluster_watch.h"
#include "libbroker/sim/broker/draw.h"
#include "libbroker/sim/broker/group_asker.h"
#include "libbroker/sim/broker/operator_client.h"
#include "libbroker/sim/broker/producer_client.h"
#include "libbroker/sim/broker/reader_client.h"
#include "libbroker/sim/broker/replica_logs.h"
#include "libbroker/sim/history/checker.h"

namespace kt::sim {
namespace {

constexpr int64_t up_ms_max = 120'000;     // until something is acknowledged
constexpr int64_t faulty_ms = 45'000;      // from then on
constexpr int64_t healed_ms_min = 10'000;  // clients go on for so long
constexpr int64_t in_sync_ms_max = 90'000, progress_ms_max = 60'000;
constexpr int64_t answered_ms_max = 200'000;  // after the last fault: delivery.timeout.ms and some
constexpr int64_t caught_up_ms_max = 120'000;
constexpr int64_t agreed_ms_max = 60'000;
constexpr uint64_t events_max = 10'000'000;
constexpr uint32_t replicas_max = 3;
constexpr int64_t look_ms = 100;
constexpr int64_t failing_ms_max = 2'000;  // after the last fault of a disk

/// A run under way.
class Scenario {
 public:
  explicit Scenario(const RunOptions& options)
      : options_(options),
        rng_(options.seed),
        profile_(choose_profile()),
        nodes_(choose_nodes()),
        world_options_(draw_options(profile_, rng_)),
        properties_(draw_properties(profile_, world_options_, std::min(nodes_, replicas_max), rng_)),
        workload_options_(draw_workload(world_options_.net, rng_)),
        workload_(workload_options_, draw_topics(workload_options_, rng_),
                  [this] { return world_.scheduler().now_ns(); }),
        world_(rng_.next(), world_options_),
        watch_(
            world_, nodes_, std::min(nodes_, voters_max(profile_)),
            [this](std::string what) { workload_.violated(std::move(what)); }, teller()) {
    workload_.committed_end = [this](const TopicPartition& of) { return watch_.committed_end(of); };
    workload_.kill_broker = [this](uint32_t id) {
      world_.after(0, [this, id] { world_.machine(id).kill(); });
    };
    workload_.start_broker = [this](uint32_t id) { world_.after(0, [this, id] { world_.start(id); }); };
    if (options.sink) world_.trace().set_sink(options.sink);
    add_machines();
    const FaultOptions faults = draw_broker_faults(profile_, rng_, world_.size(), nodes_);
    if (profile_ != Profile::quiet) plan_ = plan_faults(rng_, faults, faulty_ms);
    if (options.plan) plan_ = *options.plan;
    add("operator", operator_program(brokers_, workload_));  // whom no fault strikes but the network's
    add("asker", group_asker_program(brokers_, workload_));
    world_.set_check([this] { watch_.look(); });
  }

  RunResult go() {
    NetFaults net = world_options_.net;
    net.loss = net.reset = net.zombie = never;  // until it is up
    world_.network().links().set_faults(net);
    world_.start_all();
    if (wait_for([this] { return workload_.acknowledged > 0; }, up_ms_max, "nothing is acknowledged")) {
      tell("the faults begin");
      world_.network().links().set_faults(world_options_.net);
      schedule(world_, plan_, hooks());
      run_for(faulty_ms);
      tell("the faults end");
      heal();
      if (!is_endless_) finish();
    }
    return result();
  }

 private:
  Profile choose_profile() {
    const Profile drawn = draw_profile(rng_);  // drawn even when it is given, so that all else stays
    return options_.profile.value_or(drawn);
  }
  uint32_t choose_nodes() {
    const uint32_t drawn = draw_nodes(profile_, rng_);
    return options_.nodes.value_or(drawn);
  }

  ClusterWatch::Told teller() {
    if (!options_.tell) return {};
    return [this](std::string what) { tell(std::move(what)); };
  }
  void tell(std::string what) {
    if (options_.tell) options_.tell(world_.scheduler().now_ns(), std::move(what));
  }

  Machine& add(const std::string& host, Program program) {
    Machine& machine = world_.add(host, std::move(program));
    if (machine.id() >= nodes_) clients_.push_back(machine.id());
    return machine;
  }

  void add_machines() {
    watch_brokers_.serving = [this] { ++starts_; };
    watch_brokers_.failed = [this](Machine& machine, const Error& error) {
      on_broker_failed(machine, error);
    };
    std::vector<std::string> hosts{"broker"};
    while (hosts.size() < nodes_) hosts.push_back(fmt::format("broker{}", hosts.size() + 1));
    for (const std::string& host : hosts) {
      metadata::ConfigMap properties = properties_;
      brokers_.push_back({host, 9092});
      const auto id = static_cast<int32_t>(brokers_.size());
      properties.merge(nodes_ == 1
                           ? single_node_properties(host)
                           : cluster_node_properties(hosts, id, std::min(nodes_, voters_max(profile_))));
      add(host, broker_program(std::move(properties), options_.mutants, watch_brokers_));
    }
    add("admin", admin_program(brokers_, workload_));
    add("producer1", producer_program(brokers_, workload_));
    add("producer2", producer_program(brokers_, workload_));
    add("reader", reader_program(brokers_, workload_));
    add("member1", member_program(brokers_, workload_));
    add("member2", member_program(brokers_, workload_));
  }

  /// A broker whose disk fails ends. As nobody may trust what the kernel says it has written, the machine
  /// starts anew too.
  void on_broker_failed(Machine& machine, const Error& error) {
    tell(fmt::format("{} fails: {}", machine.host(), error.message));
    if (!machine.disk().has_power()) return;  // it is about to be killed
    const bool may_fail = spoiled_.contains(machine.id()) && world_.now_ms() < failing_until_ms_;
    if (!may_fail) workload_.violated("a broker failed: " + error.message);
    world_.after(0, [this, &machine] {
      machine.power_off();
      world_.after(world_options_.restart_ms, [this, id = machine.id()] { world_.start(id); });
    });
  }

  PlanHooks hooks() {
    return {.may_strike = [this](const PlannedFault& fault) { return may_strike(fault); },
            .struck =
                [this](const PlannedFault& fault) {
                  ++faults_;
                  tell(fault.text());
                },
            .operate = [this](const PlannedFault& fault) { workload_.asked_operations.push_back(fault); }};
  }

  /// Where brokers may lose what they had, one that does not stop cleanly is taken for one that has lost it,
  /// by Kafka's controller too (KIP-966): another has to have everything, and to have stopped cleanly if it
  /// did.
  bool may_strike(const PlannedFault& fault) {
    const bool is_broker = fault.victim < nodes_;
    switch (fault.fault) {
      case Fault::disk_full:
      case Fault::disk_error:
      case Fault::flush_error:
        spoiled_.insert(fault.victim);
        return is_broker;
      case Fault::kill:
      case Fault::terminate:  // it leaves the ISR to who the metadata takes for alive
      case Fault::power_off:
      case Fault::wipe:
        if (!loses_records(profile_) || !is_broker) return true;
        break;
      default:
        return true;
    }
    if (!watch_.may_lose(fault.victim)) return false;
    watch_.loses(fault.victim);
    return true;
  }

  void heal() {
    world_.heal();
    failing_until_ms_ = world_.now_ms() + failing_ms_max;
    workload_.asked_operations.clear();
    workload_.is_settling = true;
    workload_.forget_progress();
  }

  /// Nothing goes wrong any more: what was promised for then.
  void finish() {
    run_for(healed_ms_min);
    wait_until([this] { return workload_.is_settled ? "" : "the operator is not done"; }, answered_ms_max);
    wait_until([this] { return watch_.out_of_sync(); }, in_sync_ms_max);
    wait_until([this] { return who_does_not_get_on(); }, progress_ms_max);
    workload_.is_over = true;
    wait_for([this] { return workload_.is_ready && workload_.open_bursts == 0; }, answered_ms_max,
             "not everything sent is answered");
    wait_for([this] { return has_group_caught_up(); }, caught_up_ms_max,
             "the group does not read to the end");
    world_.start(world_.add("final", final_reader_program(brokers_, workload_, is_read_)).id());
    wait_for([this] { return is_read_; }, caught_up_ms_max, "the final reader does not come to its end");
    for (const uint32_t client : clients_) world_.machine(client).kill();
    wait_until([this] { return who_disagrees(); }, agreed_ms_max);
    compare();
  }

  std::string who_does_not_get_on() {
    std::vector<std::string> all{"the group's reading", "the group's commits", "a reader's commits"};
    for (const WorkloadTopic& topic : workload_.topics()) {
      all.push_back("a reader of " + topic.name);
      for (int32_t p = 0; p < topic.partitions; ++p)
        for (const char* const producer : {"producer1", "producer2"})
          all.push_back(fmt::format("{} to {}-{}", producer, topic.name, p));
    }
    for (const std::string& who : all)
      if (!workload_.has_progressed(who)) return fmt::format("{} does not get on", who);
    return "";
  }

  bool has_group_caught_up() {
    return std::ranges::all_of(workload_.acknowledged_end, [this](const auto& end) {
      return workload_.group_end[end.first] >= end.second;
    });
  }

  /// Followers have what their leaders have, and all nodes know the same metadata.
  std::string who_disagrees() {
    const metadata::Image& image = watch_.newest();
    for (uint32_t machine = 0; machine < nodes_; ++machine) {
      node::Node* node = node_of(world_.machine(machine));
      if (!node || !node->replica_manager()) return fmt::format("broker {} does not run", machine + 1);
      if (!(node->committed_image() == image))
        return fmt::format("broker {} has other metadata", machine + 1);
    }
    for (const auto& [id, topic] : image.topics) {
      for (const auto& [index, partition] : topic->partitions) {
        std::optional<int64_t> end;
        for (const int32_t broker : partition->replicas) {
          const auto shard = node_of(world_.machine(static_cast<uint32_t>(broker - 1)))
                                 ->replica_manager()
                                 ->table()
                                 .find(id, index);
          const auto standing = shard ? std::optional((*shard)->standing()) : std::nullopt;
          if (!standing || standing->high_watermark != end.value_or(standing->end) ||
              standing->end != standing->high_watermark)
            return fmt::format("{}-{} on broker {} ends elsewhere", topic->name, index, broker);
          end = standing->end;
        }
      }
    }
    return "";
  }

  void compare() {
    const auto is_compacted = [](const std::string& topic) {
      return topic == "table" || metadata::is_internal_topic(topic);
    };
    const auto is_retained = [this](const std::string& topic) {
      const auto found = std::ranges::find(workload_.topics(), topic, &WorkloadTopic::name);
      return found != workload_.topics().end() && found->is_retained;
    };
    compare_replicas(world_, watch_.newest(), is_compacted, is_retained,
                     [this](std::string what) { workload_.violated(std::move(what)); });
    for (const auto& [topic, possible] : workload_.possible_min_isr) {
      const auto& config = watch_.newest().config(metadata::ResourceType::topic, topic);
      const auto found = config.find("min.insync.replicas");
      const std::string value = found == config.end() ? "unset" : found->second;
      if (!possible.contains(value))
        workload_.violated(
            fmt::format("min.insync.replicas of {} is {} after another was acknowledged", topic, value));
    }
  }

  void run_for(int64_t ms) {
    (void)run_until([] { return false; }, ms);
  }

  bool wait_for(const std::function<bool()>& is_met, int64_t ms, std::string_view otherwise) {
    const auto outcome = run_until(is_met, ms);
    if (outcome == World::Outcome::out_of_time)
      workload_.violated(fmt::format("{} within {} s", otherwise, ms / 1'000));
    return outcome == World::Outcome::met;
  }

  /// A run in which somebody is busy for ever is over, and has failed.
  World::Outcome run_until(const std::function<bool()>& is_met, int64_t ms) {
    if (is_endless_) return World::Outcome::out_of_events;
    const uint64_t left = events_max - std::min(events_max, world_.scheduler().events());
    const auto outcome = world_.run_until(is_met, {.ms = ms, .events = left});
    is_endless_ = outcome == World::Outcome::out_of_events;
    if (is_endless_) workload_.violated(fmt::format("it does not come to an end in {} events", events_max));
    return outcome;
  }

  /// Until nothing is missing; asked now and then.
  void wait_until(const std::function<std::string()>& what_is_missing, int64_t ms) {
    std::string missing = what_is_missing();
    for (int64_t waited_ms = 0; !missing.empty() && waited_ms < ms && !is_endless_; waited_ms += look_ms) {
      run_for(look_ms);
      missing = what_is_missing();
    }
    if (!missing.empty() && !is_endless_)
      workload_.violated(fmt::format("{} after {} s", missing, ms / 1'000));
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
            .nodes = nodes_,
            .plan = plan_,
            .faults = faults_,
            .trace_hash = world_.trace().hash(),
            .events = world_.scheduler().events(),
            .simulated_ms = world_.now_ms(),
            .starts = starts_,
            .acknowledged = workload_.acknowledged,
            .polled = workload_.polled,
            .committed = workload_.committed,
            .leader_changes = watch_.leader_changes(),
            .elections = watch_.controllers()};
  }

  const RunOptions& options_;
  SeededRng rng_;
  const Profile profile_;
  const uint32_t nodes_;
  const WorldOptions world_options_;
  const metadata::ConfigMap properties_;
  const WorkloadOptions workload_options_;
  BrokerWatch watch_brokers_;
  std::vector<Endpoint> brokers_;
  std::vector<uint32_t> clients_;
  std::set<uint32_t> spoiled_;  // machines whose disks have failed
  int64_t failing_until_ms_ = INT64_MAX;
  uint64_t starts_ = 0, faults_ = 0;
  Workload workload_;
  bool is_read_ = false, is_endless_ = false;
  FaultPlan plan_;
  World world_;  // its machines refer to the rest
  ClusterWatch watch_;
};

}  // namespace

RunResult run(const RunOptions& options) { return Scenario(options).go(); }

FaultPlan shrink(const RunOptions& options, const RunResult& failed) {
  return shrink(failed.plan, [&](const FaultPlan& plan) {
    RunOptions again = options;
    again.plan = plan;
    again.sink = {};
    again.tell = {};
    return !run(again).violations.empty();
  });
}

}  // namespace kt::sim
