#include <algorithm>
#include <map>
#include <set>

#include "tests/unit/controller/leader.h"

namespace kt::controller {
namespace {

using metadata::LeaderRecovery;
using metadata::Partition;
using Ids = std::vector<int32_t>;

bool has(const Ids& ids, int32_t id) { return std::ranges::count(ids, id) > 0; }

/// What a partition's replicas hold: records that are told apart by number. Followers are copies of their
/// leader as it was when they last fetched.
struct Logs {
  std::map<int32_t, std::vector<int>> of;
  std::vector<int> committed;

  bool holds_all(int32_t id) const {
    const auto log = of.find(id);
    if (log == of.end()) return committed.empty();
    return log->second.size() >= committed.size() &&
           std::equal(committed.begin(), committed.end(), log->second.begin());
  }
};

/// What must hold from one record of a partition to the next.
class Transitions {
 public:
  explicit Transitions(bool elr) : elr_(elr) {}

  void check(const std::vector<metadata::Record>& records) {
    for (const metadata::Record& record : records) {
      metadata::Image before = image_;
      metadata::ImageBuilder builder(image_);
      builder.apply(record);
      image_ = std::move(builder).freeze({});
      const auto* change = std::get_if<wire::PartitionChangeRecord>(&record);
      if (!change) continue;
      check(*before.topic(change->topic_id), change->partition_id,
            *before.partition(change->topic_id, change->partition_id),
            *image_.partition(change->topic_id, change->partition_id));
    }
  }

 private:
  void check(const metadata::Topic& topic, int32_t index, const Partition& before, const Partition& after) {
    const bool may_be_unclean = topic.name == "unclean";
    for (const int32_t id : after.isr) EXPECT_TRUE(has(after.replicas, id));
    for (const int32_t id : after.elr) EXPECT_TRUE(has(after.replicas, id) && !has(after.isr, id));
    EXPECT_TRUE(after.leader == metadata::no_leader || has(after.isr, after.leader));
    EXPECT_EQ(after.partition_epoch, before.partition_epoch + 1);
    const bool is_led_anew = after.leader_epoch == before.leader_epoch + 1;
    EXPECT_TRUE(is_led_anew || (after.leader_epoch == before.leader_epoch && after.leader == before.leader));
    EXPECT_EQ(leaders_.try_emplace({topic.id, index, after.leader_epoch}, after.leader).first->second,
              after.leader);
    const bool drops_replicas = after.replicas.size() < before.replicas.size();
    if (!elr_ || drops_replicas) {
      EXPECT_FALSE(after.isr.empty());
    }
    // A move ends when all that stay are in sync; one that is taken back drops what it added at once.
    Ids former = before.replicas;
    std::erase_if(former, [&](int32_t id) { return has(before.adding_replicas, id); });
    if (drops_replicas && after.replicas != former) {
      for (const int32_t id : after.replicas) EXPECT_TRUE(has(after.isr, id));
    }
    if (!elr_ && !may_be_unclean) {
      EXPECT_EQ(after.leader_recovery, LeaderRecovery::recovered);
    }
  }

  const bool elr_;
  metadata::Image image_;
  std::map<std::tuple<Uuid, int32_t, int32_t>, int32_t> leaders_;
};

/// Five brokers that start, crash, stop in order and come back, with or without the end of their logs;
/// leaders that say who is in sync; an operator that moves partitions and elects leaders. After each event
/// the records are held to the rules, and the data: who leads has everything that was committed. With ELR a
/// crash may lose what a broker has; without, Kafka counts on its disk.
class ReplicationWalk {
 public:
  explicit ReplicationWalk(uint64_t seed) : rng_(seed), elr_(seed % 2), transitions_(elr_) {
    if (elr_)
      cluster_.ask(wire::UpdateFeaturesRequest{
          .feature_updates = {{.feature = "eligible.leader.replicas.version", .max_version_level = 1}}});
    for (int32_t id = 0; id < brokers; ++id) start(id);
    heartbeats();
    cluster_.create_with("a", {{0, 1, 2}}, {{"min.insync.replicas", "2"}});
    cluster_.create_with("b", {{3, 4, 0}}, {{"min.insync.replicas", std::to_string(1 + rng_.below(3))}});
    cluster_.create_with("unclean", {{1, 2, 3}}, {{"unclean.leader.election.enable", "true"}});
    check();
  }

  void step() {
    cluster_.now_ms += static_cast<int64_t>(rng_.below(4000));
    heartbeats();
    cluster_.tick();
    event();
    check();
    for (const std::string& topic : topics) replicate(topic);
    check();
  }

  /// Everybody comes back, followers catch up, moves are completed, and the preferred replicas lead.
  void settle() {
    is_settling_ = true;
    for (int round = 0; round < 40; ++round) {
      cluster_.now_ms += 4000;
      for (int32_t id = 0; id < brokers; ++id)
        if (!is_up(id)) start(id);
      heartbeats();
      cluster_.tick();
      check();
      for (const std::string& topic : topics) expand(topic);
      check();
    }
    cluster_.now_ms += 400'000;
    heartbeats();
    cluster_.tick();
    cluster_.tick();
    check();
    for (const std::string& topic : topics) {
      const Partition& p = cluster_.partition(topic);
      EXPECT_EQ(std::set(p.isr.begin(), p.isr.end()), std::set(p.replicas.begin(), p.replicas.end()))
          << topic;
      EXPECT_FALSE(p.is_reassigning()) << topic;
      EXPECT_EQ(p.leader, p.preferred_replica()) << topic;
    }
  }

  std::map<std::string, int> counts;

 private:
  static constexpr int32_t brokers = 5;
  static inline const std::vector<std::string> topics = {"a", "b", "unclean"};
  enum class Life { up, stopping, crashed, stopped };
  struct Broker {
    Life life = Life::stopped;
    uint64_t incarnation = 0;
    int64_t epoch = -1;
  };

  bool is_up(int32_t id) const {
    return brokers_[static_cast<size_t>(id)].life == Life::up ||
           brokers_[static_cast<size_t>(id)].life == Life::stopping;
  }
  /// Whether anybody leads, and its broker runs.
  bool serves(int32_t id) const { return id != metadata::no_leader && is_up(id); }

  void start(int32_t id) {
    Broker& broker = brokers_[static_cast<size_t>(id)];
    auto request = Cluster::registration(id, broker.incarnation + 1);
    if (broker.life == Life::stopped) request.previous_broker_epoch = broker.epoch;
    request.rack = std::to_string(id % 2);
    const auto reply = cluster_.ask(request);
    if (reply.error_code == ErrorCode::duplicate_broker_registration) return;  // until its session is over
    EXPECT_EQ(reply.error_code, ErrorCode::none);
    broker = {Life::up, broker.incarnation + 1, reply.broker_epoch};
    ++counts["starts"];
  }
  void heartbeats() {
    for (int32_t id = 0; id < brokers; ++id) {
      Broker& broker = brokers_[static_cast<size_t>(id)];
      if (!is_up(id)) continue;
      auto request = cluster_.heartbeat(id);
      request.want_shut_down = broker.life == Life::stopping;
      request.want_fence = !is_settling_ && broker.life == Life::up && rng_.below(60) == 0;
      const auto reply = cluster_.ask(request);
      EXPECT_EQ(reply.error_code, ErrorCode::none);
      if (!reply.should_shut_down) continue;
      EXPECT_FALSE(leads_any(id));
      broker.life = Life::stopped;
      ++counts["stops"];
    }
  }
  bool leads_any(int32_t id) const {
    return std::ranges::any_of(topics, [&](const auto& t) { return cluster_.partition(t).leader == id; });
  }

  void event() {
    const auto id = static_cast<int32_t>(rng_.below(brokers));
    Broker& broker = brokers_[static_cast<size_t>(id)];
    const std::string& topic = topics[rng_.below(topics.size())];
    switch (rng_.below(12)) {
      case 0:
      case 1:
        if (is_up(id)) crash(id);
        break;
      case 2:
        if (broker.life == Life::up) broker.life = Life::stopping;
        break;
      case 3:
      case 4:
      case 5:
        if (!is_up(id)) start(id);
        break;
      case 6:
        return cluster_.fail_over();
      case 7:
        return elect();
      case 8:
        return alter_reassignment(topic, std::nullopt);
      case 9:
        return alter_reassignment(topic, some_replicas());
      default:
        break;
    }
  }
  void crash(int32_t id) {
    brokers_[static_cast<size_t>(id)].life = Life::crashed;
    ++counts["crashes"];
    if (!elr_ || rng_.below(2)) return;
    for (auto& [topic, logs] : logs_)
      if (const auto log = logs.of.find(id); log != logs.of.end())
        log->second.resize(rng_.below(log->second.size() + 1));
  }
  Ids some_replicas() {
    Ids ids = {0, 1, 2, 3, 4};
    for (size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[rng_.below(i)]);
    ids.resize(2 + rng_.below(3));
    return ids;
  }
  void alter_reassignment(const std::string& topic, std::optional<Ids> replicas) {
    const bool cancels = !replicas;
    const auto reply = cluster_.ask(wire::AlterPartitionReassignmentsRequest{
        .topics = {{.name = topic, .partitions = {{0, std::move(replicas)}}}}});
    if (reply.responses.at(0).partitions.at(0).error_code == ErrorCode::none)
      ++counts[cancels ? "cancels" : "moves"];
  }
  void elect() {
    const size_t before = cluster_.log.size();
    cluster_.ask(wire::ElectLeadersRequest{.topic_partitions = std::nullopt});
    if (cluster_.log.size() > before) ++counts["elections"];
  }

  /// The leader appends, followers fetch, what all in sync have is committed, and who is in sync is said
  /// anew.
  void replicate(const std::string& topic) {
    const Partition now = cluster_.partition(topic);
    if (!serves(now.leader)) return;
    Logs& logs = logs_[topic];
    auto& leaders = logs.of[now.leader];
    if (rng_.below(2)) leaders.push_back(++next_record_);
    for (const int32_t id : now.replicas)
      if (is_up(id) && (has(now.isr, id) || rng_.below(2))) logs.of[id] = leaders;
    commit(topic, now);
    Ids isr;
    for (const int32_t id : now.replicas)
      if (id == now.leader || (is_up(id) && logs.of[id] == leaders && rng_.below(8) > 0)) isr.push_back(id);
    say(topic, isr);
  }
  void expand(const std::string& topic) {
    const Partition now = cluster_.partition(topic);
    if (!serves(now.leader)) return;
    Logs& logs = logs_[topic];
    Ids isr;
    for (const int32_t id : now.replicas)
      if (cluster_.image().is_active(id) && is_up(id)) {
        logs.of[id] = logs.of[now.leader];
        isr.push_back(id);
      }
    say(topic, isr);
  }
  void say(const std::string& topic, const Ids& isr) {
    Leader leader(cluster_, topic);
    const auto answer = leader.wants(isr);
    const bool is_due = answer.error_code == ErrorCode::none ||
                        answer.error_code == ErrorCode::new_leader_elected ||
                        answer.error_code == ErrorCode::ineligible_replica;
    EXPECT_TRUE(is_due) << name_of(answer.error_code);
    if (answer.error_code == ErrorCode::new_leader_elected) ++counts["leaders moved away"];
  }
  void commit(const std::string& topic, const Partition& now) {
    const auto min_isr = std::min(
        now.replicas.size(),
        static_cast<size_t>(std::stoi(
            cluster_.image().config(metadata::ResourceType::topic, topic).contains("min.insync.replicas")
                ? cluster_.image().config(metadata::ResourceType::topic, topic).at("min.insync.replicas")
                : "1")));
    if (elr_ && now.isr.size() < min_isr) return;
    Logs& logs = logs_[topic];
    const auto& leaders = logs.of[now.leader];
    size_t end = leaders.size();
    for (const int32_t id : now.isr) {
      const auto& log = logs.of[id];
      end = std::min(end, static_cast<size_t>(std::ranges::mismatch(log, leaders).in1 - log.begin()));
    }
    if (end <= logs.committed.size()) return;
    logs.committed.assign(leaders.begin(), leaders.begin() + static_cast<std::ptrdiff_t>(end));
    ++counts["commits"];
  }

  void check() {
    transitions_.check({cluster_.log.begin() + static_cast<std::ptrdiff_t>(checked_), cluster_.log.end()});
    checked_ = cluster_.log.size();
    for (const std::string& topic : topics) {
      const Partition& p = cluster_.partition(topic);
      Logs& logs = logs_[topic];
      std::erase_if(logs.of, [&](const auto& log) { return !has(p.replicas, log.first); });
      if (!p.has_leader()) continue;
      EXPECT_TRUE(cluster_.image().is_active(p.leader));
      const bool may_have_lost = p.leader_recovery == LeaderRecovery::recovering || topic == "unclean";
      if (std::exchange(epochs_[topic], p.leader_epoch) != p.leader_epoch && may_have_lost) {
        if (!logs.holds_all(p.leader)) ++counts["losses that were allowed"];
        logs.committed = logs.of[p.leader];
      }
      // One that crashed and is still taken for alive answers nobody.
      const bool loses = serves(p.leader) && topic != "unclean" && !logs.holds_all(p.leader);
      EXPECT_FALSE(loses) << topic << ": " << cluster_.show(topic);
    }
  }

  SeededRng rng_;
  const bool elr_;
  Cluster cluster_;
  Transitions transitions_;
  std::vector<Broker> brokers_ = std::vector<Broker>(brokers);
  std::map<std::string, Logs> logs_;
  std::map<std::string, int32_t> epochs_;
  size_t checked_ = 0;
  bool is_settling_ = false;
  int next_record_ = 0;
};

TEST(ReplicationWalk, NothingCommittedIsLostAndAllComesBack) {
  std::map<std::string, int> counts;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ReplicationWalk walk(seed);
    for (int i = 0; i < 200; ++i) {
      walk.step();
      if (testing::Test::HasFailure()) return;
    }
    walk.settle();
    for (const auto& [what, count] : walk.counts) counts[what] += count;
    if (testing::Test::HasFailure()) return;
  }
  // The walk goes everywhere.
  for (const char* what : {"starts", "stops", "crashes", "moves", "cancels", "elections",
                           "leaders moved away", "losses that were allowed"})
    EXPECT_GT(counts[what], 50) << what;
  EXPECT_GT(counts["commits"], 5000);
}

}  // namespace
}  // namespace kt::controller
