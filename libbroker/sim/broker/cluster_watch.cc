#include "libbroker/sim/broker/cluster_watch.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "libbroker/node/node.h"
#include "libbroker/node/quorum_messages.h"
#include "libbroker/node/quorum_state_file.h"
#include "libbroker/sim/broker/broker_program.h"

namespace kt::sim {
namespace {

int32_t id_of(uint32_t machine) { return static_cast<int32_t>(machine) + 1; }

void for_each_partition(const metadata::Image& image, const auto& visit) {
  for (const auto& [id, topic] : image.topics)
    for (const auto& [index, partition] : topic->partitions) visit(*topic, index, *partition);
}

}  // namespace

ClusterWatch::ClusterWatch(World& world, uint32_t brokers, uint32_t voters, Told violated, Told tell)
    : world_(world),
      voters_(voters),
      violated_(std::move(violated)),
      tell_(std::move(tell)),
      quorum_(
          voters, [this](std::string what) { violate(std::move(what)); }, tell_),
      brokers_(brokers) {}

void ClusterWatch::violate(std::string what) {
  if (said_.insert(what).second) violated_(std::move(what));
}

void ClusterWatch::look() {
  const auto machine = world_.scheduler().last_machine();
  if (!machine || *machine >= brokers_.size()) return;
  Machine& looked_at = world_.machine(*machine);
  if (!looked_at.is_running()) return;
  node::Node& node = *node_of(looked_at);
  // A process whose disk was cut off in the middle of its event may believe what is not so. It tells nobody,
  // but what followers tell its other threads, readers are still told.
  if (looked_at.disk().has_power()) {
    look_at_quorum(*machine, node);
    look_at_metadata(*machine, node);
  }
  look_at_replicas(*machine, node);
}

void ClusterWatch::look_at_quorum(uint32_t machine, const node::Node& node) {
  const node::MetadataQuorum* quorum = node.metadata_quorum();
  if (machine >= voters_ || !quorum || !quorum->is_open() || quorum->is_stopped()) return;
  if (std::string& path = brokers_[machine].quorum_state_path; path.empty())
    path = node::quorum_state_path(fmt::format("{}/{}-{}", node.config().metadata_log_dir,
                                               node::metadata_topic, node::metadata_partition));
  const auto medium = [this](uint32_t voter) {
    const std::string& path = brokers_[voter].quorum_state_path;
    const auto text = world_.machine(voter).disk().on_medium(path);
    return text ? node::parse_quorum_state(*text, path).value_or(raft::Ballot{}) : raft::Ballot{};
  };
  quorum_.look(machine, world_.machine(machine).starts(), *quorum, world_.scheduler().now_ns(), medium);
}

void ClusterWatch::look_at_metadata(uint32_t machine, const node::Node& node) {
  const metadata::Image& image = node.committed_image();
  int64_t& known = brokers_[machine].committed_offset;
  if (image.provenance.offset == std::exchange(known, image.provenance.offset)) return;
  const auto& at = image.provenance;
  const int32_t epoch = committed_.try_emplace(at.offset, at.epoch).first->second;
  if (epoch != at.epoch)
    violate(fmt::format("R3: broker {} has a batch of epoch {} at {} of the metadata, others one of {}",
                        id_of(machine), at.epoch, at.offset, epoch));
  if (at.offset > newest_.provenance.offset) learn(image);
}

void ClusterWatch::learn(const metadata::Image& image) {
  const metadata::Image before = std::exchange(newest_, image);
  for_each_partition(newest_,
                     [&](const metadata::Topic& topic, int32_t index, const metadata::Partition& now) {
                       const metadata::Partition* was = before.partition(topic.id, index);
                       if (was && was->partition_epoch == now.partition_epoch) return;
                       if (was && now.has_leader() && now.leader != was->leader) ++leader_changes_;
                       if (was) check_joiners({topic.id, index}, topic.name, *was, now);
                       const auto truth = truths_.find({topic.id, index});
                       if (truth != truths_.end()) check_members(truth->first, truth->second);
                     });
  if (tell_) tell_changes(before);
}

/// I16: who enters an ISR is the incarnation whose fetches its leader counted. One that registers again
/// leaves the ISR, which would be a change of its own.
void ClusterWatch::check_joiners(const PartitionKey& key, const std::string& topic,
                                 const metadata::Partition& was, const metadata::Partition& now) {
  const bool is_one_change = now.partition_epoch == was.partition_epoch + 1;
  if (!is_one_change || !was.has_leader() || now.isr.size() <= was.isr.size()) return;
  const auto leader = shard_of(was.leader, key);
  const auto asked_for = leader ? leader->asked_for_isr() : std::nullopt;
  if (!asked_for || asked_for->leader_epoch != was.leader_epoch ||
      asked_for->partition_epoch != was.partition_epoch)
    return;
  for (const auto& member : asked_for->isr) {
    const metadata::Broker* registered = newest_.broker(member.id);
    if (member.broker_epoch == -1 || (registered && registered->epoch == member.broker_epoch)) continue;
    violate(fmt::format("I16: broker {} enters the ISR of {}-{} by what it fetched in epoch {}, and is in {}",
                        member.id, topic, key.second, member.broker_epoch,
                        registered ? registered->epoch : -1));
  }
}

void ClusterWatch::tell_changes(const metadata::Image& before) {
  for_each_partition(
      newest_, [&](const metadata::Topic& topic, int32_t index, const metadata::Partition& now) {
        const metadata::Partition* was = before.partition(topic.id, index);
        if (was && *was == now) return;
        tell_(fmt::format("{}-{}: leader {} in epoch {}, replicas {}, isr {}{}", topic.name, index,
                          now.leader, now.leader_epoch, fmt::join(now.replicas, ","), fmt::join(now.isr, ","),
                          now.elr.empty() ? "" : fmt::format(", elr {}", fmt::join(now.elr, ","))));
      });
  for (const auto& [id, topic] : before.topics)
    if (!newest_.topic(id)) tell_(fmt::format("{} is deleted", topic->name));
  for (const auto& [id, broker] : newest_.brokers) {
    const metadata::Broker* was = before.broker(id);
    if (was && was->epoch == broker->epoch && was->fenced == broker->fenced) continue;
    tell_(fmt::format("broker {} is {}, in epoch {}", id, broker->fenced ? "fenced" : "unfenced",
                      broker->epoch));
  }
}

ClusterWatch::Truth& ClusterWatch::truth_of(const node::PartitionShard& shard) {
  Truth& truth = truths_[{shard.topic_id(), shard.index()}];
  if (truth.name.empty()) truth.name = fmt::format("{}-{}", shard.topic(), shard.index());
  return truth;
}

void ClusterWatch::look_at_replicas(uint32_t machine, node::Node& node) {
  if (!node.replica_manager()) return;
  std::vector<Seen>& replicas = brokers_[machine].replicas;
  const uint64_t starts = world_.machine(machine).starts();
  if (std::exchange(brokers_[machine].starts, starts) != starts) replicas.clear();
  size_t at = 0;
  node.replica_manager()->table().for_each([&](node::PartitionShard& shard) {
    // The table has them in the same order until one comes or goes.
    const PartitionKey key{shard.topic_id(), shard.index()};
    if (at == replicas.size() || replicas[at].shard != &shard || replicas[at].key != key) {
      replicas.resize(at);
      replicas.push_back({&shard, key, &truth_of(shard)});
    }
    ++at;
  });
  replicas.resize(at);
  for (Seen& seen : replicas)
    look_at_replica(machine, node.is_serving(), seen);  // which asks the table again
}

void ClusterWatch::look_at_replica(uint32_t machine, bool is_serving, Seen& seen) {
  auto now = seen.shard->standing();
  // Who comes back may find that it was elected while it was away, after it lost what it had: as long as it
  // is not registered anew it answers nobody, and then another leads.
  if (!is_serving) now.leader_epoch = -1;
  const auto before = std::exchange(seen.standing, now);
  Truth& truth = *seen.truth;
  if (now.leader_epoch >= 0 && now.leader_epoch != before.leader_epoch) {
    const auto [leader, is_new] = truth.leaders.try_emplace(now.leader_epoch, id_of(machine));
    if (leader->second != id_of(machine))
      violate(fmt::format("I1: brokers {} and {} lead {} in epoch {}", leader->second, id_of(machine),
                          truth.name, now.leader_epoch));
    // One that hears late of its election, when another has led after it, owes nothing of what that one
    // committed.
    const bool is_latest = std::next(leader) == truth.leaders.end();
    if (is_new && is_latest && now.end < truth.high_watermark)
      violate(fmt::format("I5: broker {} leads {} in epoch {} with a log that ends at {}, {} is committed",
                          id_of(machine), truth.name, now.leader_epoch, now.end, truth.high_watermark));
  }
  if (now.leader_epoch >= 0 && now.high_watermark > truth.high_watermark) {
    truth.high_watermark = now.high_watermark;
    check_members(seen.key, truth);
  } else if (now.end < before.end && now.end < truth.high_watermark) {
    check_members(seen.key, truth);
  }
}

/// Whether the metadata counts on what this broker's present process has.
bool ClusterWatch::is_member(const metadata::Partition& partition, int32_t id) const {
  const bool is_eligible =
      std::ranges::count(partition.isr, id) > 0 || std::ranges::count(partition.elr, id) > 0;
  const metadata::Broker* registered = newest_.broker(id);
  Machine& machine = world_.machine(static_cast<uint32_t>(id - 1));
  return is_eligible && registered && machine.is_running() && machine.disk().has_power() &&
         node_of(machine)->broker_epoch() == registered->epoch;
}

/// nullptr: its process is not running, or has no such replica.
std::shared_ptr<node::PartitionShard> ClusterWatch::shard_of(int32_t id, const PartitionKey& key) const {
  Machine& machine = world_.machine(static_cast<uint32_t>(id - 1));
  if (!machine.is_running()) return nullptr;
  node::Node& node = *node_of(machine);
  if (!node.replica_manager()) return nullptr;
  return node.replica_manager()->table().find(key.first, key.second).value_or(nullptr);
}

/// I4: who may be elected has all that is committed.
void ClusterWatch::check_members(const PartitionKey& key, const Truth& truth) {
  const metadata::Partition* partition = newest_.partition(key.first, key.second);
  if (!partition) return;
  for (uint32_t machine = 0; machine < brokers_.size(); ++machine) {
    if (!is_member(*partition, id_of(machine))) continue;
    const auto shard = shard_of(id_of(machine), key);
    if (!shard) continue;
    const int64_t end = shard->standing().end;
    if (end < truth.high_watermark)
      violate(fmt::format("I4: broker {} may lead {} and its log ends at {}, {} is committed", id_of(machine),
                          truth.name, end, truth.high_watermark));
  }
}

std::string ClusterWatch::out_of_sync() {
  std::string missing;
  for (const auto& [id, broker] : newest_.brokers)
    if (broker->fenced) missing = fmt::format("broker {} is fenced", id);
  for_each_partition(newest_, [&](const metadata::Topic& topic, int32_t index, const metadata::Partition& p) {
    if (p.has_leader() && p.isr.size() == p.replicas.size() && !p.is_reassigning()) return;
    missing = fmt::format("{}-{} has leader {}, replicas {}, isr {}{}", topic.name, index, p.leader,
                          fmt::join(p.replicas, ","), fmt::join(p.isr, ","),
                          p.is_reassigning() ? ", and is being moved" : "");
  });
  return missing;
}

int64_t ClusterWatch::committed_end(const TopicPartition& partition) const {
  const metadata::Topic* topic = newest_.topic(partition.topic);
  const auto truth = topic ? truths_.find({topic->id, partition.partition}) : truths_.end();
  return truth == truths_.end() ? 0 : truth->second.high_watermark;
}

bool ClusterWatch::may_lose(uint32_t machine) const {
  bool may = true;
  node::Node* node = node_of(world_.machine(machine));
  if (node && node->replica_manager()) {
    // What it asks of the controller may come through after its end, and leave it alone in an ISR.
    node->replica_manager()->table().for_each(
        [&](node::PartitionShard& shard) { may &= !shard.is_changing_isr(); });
  }
  for_each_partition(newest_, [&](const metadata::Topic&, int32_t, const metadata::Partition& partition) {
    may &= std::ranges::any_of(partition.isr, [&](int32_t id) {
      const Broker& holder = brokers_[static_cast<size_t>(id - 1)];
      const metadata::Broker* registered = newest_.broker(id);
      return id != id_of(machine) && registered &&
             (!holder.lost_epoch || registered->epoch > *holder.lost_epoch);
    });
  });
  return may;
}

void ClusterWatch::loses(uint32_t machine) {
  const metadata::Broker* registered = newest_.broker(id_of(machine));
  brokers_[machine].lost_epoch = registered ? registered->epoch : -1;
}

}  // namespace kt::sim
