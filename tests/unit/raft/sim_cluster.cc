#include "tests/unit/raft/sim_cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/unit/raft/text.h"

namespace kt::raft::sim {

Cluster::Cluster(ClusterOptions options) : options_(options), rng_(options.seed * 2 + 1), checker_(nodes_) {
  // Each seed has its own weather: one where everything always fails would never get anywhere.
  if (chance(700)) weather_.loss = rng_.below(150);
  if (chance(500)) weather_.doubling = rng_.below(100);
  if (chance(300)) weather_.straggling = rng_.below(50);
  if (chance(500)) weather_.torn_step = rng_.below(5);
  weather_.delay_ms_max = chance(500) ? up_to(5) : up_to(60);
  weather_.flush_ms_max = chance(500) ? up_to(3) : up_to(80);
  weather_.fault_ms_max = chance(500) ? up_to(500) : up_to(3000);
  weather_.proposal_ms_max = 10 + up_to(200);
  make_nodes();
}

void Cluster::make_nodes() {
  const bool is_dynamic = chance(500);  // kraft.version 1
  std::vector<Voter> voters;
  const auto key = [](int32_t id) { return ReplicaKey{id, Uuid{1, static_cast<uint64_t>(id)}}; };
  for (int32_t id = 1; id <= options_.voters; ++id) {
    const std::vector<Endpoint> endpoints{{"CONTROLLER", "node", static_cast<uint16_t>(9000 + id)}};
    voters.push_back({.key = is_dynamic ? key(id) : ReplicaKey{id}, .endpoints = endpoints});
  }
  const VoterHistory::Entry first{.kraft_version = is_dynamic, .voters = VoterSet(voters)};
  const size_t count = static_cast<size_t>(options_.voters) + rng_.below(3);
  nodes_.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const auto id = static_cast<int32_t>(i) + 1;
    const bool is_voter = id <= options_.voters;
    Options options{.self = key(id),
                    .cluster_id = "sim",
                    .listeners = is_voter ? voters[i].endpoints : std::vector<Endpoint>{},
                    .election_timeout_ms = 200,
                    .election_backoff_ms_max = 200,
                    .fetch_timeout_ms = 400,
                    .request_timeout_ms = 250,
                    .retry_backoff_ms = 20,
                    .fetch_wait_ms_max = 100,
                    .seed = rng_.next(),
                    .mutants = options_.mutants};
    nodes_.emplace_back(std::move(options), first, wire_);
  }
  lives_.resize(count);
  paused_until_.resize(count);
  next_tick_.resize(count, INT64_MAX);
}

void Cluster::after(int64_t delay_ms, std::function<void()> action) {
  queue_.push({now_ms_ + delay_ms, next_number_++, std::move(action)});
}

Outcome Cluster::run() {
  for (size_t node = 0; node < nodes_.size(); ++node) crash(node, up_to(300));
  after(1, [this] { fault(); });
  after(1, [this] { propose(); });
  after(options_.faults_ms, [this] { calm_down(); });
  const int64_t end_ms = options_.faults_ms + options_.calm_ms_max;
  while (!checker_.violation() && !queue_.empty()) {
    if (is_calm_ && is_well()) break;
    Item item = queue_.top();
    queue_.pop();
    if (item.at_ms > end_ms) {
      checker_.fail("L1: healed, and yet not well");
      break;
    }
    now_ms_ = item.at_ms;
    item.action();
  }
  outcome_.violation = checker_.violation();
  outcome_.committed = checker_.committed();
  outcome_.elections = checker_.elections();
  return outcome_;
}

void Cluster::give(size_t node, const Event& event) {
  if (paused_until_[node] > now_ms_)
    return give_later(node, lives_[node], paused_until_[node] - now_ms_, event);
  const bool is_torn = !is_calm_ && chance(weather_.torn_step);
  ++outcome_.events;
  note(static_cast<uint64_t>(now_ms_) << 16 | node << 8 | event.index());
  SimNode::Output output = nodes_[node].step(event, now_ms_, is_torn ? rng_.below(3) : SIZE_MAX);
  if (options_.is_traced)
    fmt::print("{} {} {} -> {}{}\n", now_ms_, node + 1, text_of(event), text_of(nodes_[node].raft()),
               output.died ? " DIED" : "");
  if (output.died) return crash(node, up_to(500));
  for (const Effects& effects : output.effects) {
    checker_.after_step(nodes_[node], effects, now_ms_);
    outcome_.truncations += effects.truncate_to.has_value();
    outcome_.installs += effects.snapshot && effects.snapshot->last;
  }
  note(static_cast<uint64_t>(nodes_[node].raft().epoch()) << 32 ^
       static_cast<uint64_t>(nodes_[node].raft().high_watermark()));
  take_output(node, std::move(output));
}

void Cluster::give_later(size_t node, uint64_t life, int64_t delay_ms, Event event) {
  after(delay_ms, [this, node, life, event = std::move(event)] {
    if (nodes_[node].is_up() && lives_[node] == life) give(node, event);
  });
}

void Cluster::take_output(size_t node, SimNode::Output output) {
  if (output.flush) {
    const auto [report, mark] = *output.flush;
    after(up_to(weather_.flush_ms_max), [this, node, life = lives_[node], report, mark] {
      if (!nodes_[node].is_up() || lives_[node] != life) return;
      nodes_[node].disk().flush(mark);
      give(node, report);
    });
  }
  for (const auto& [token, answer] : output.answers) reply(node, token, answer);
  for (const SentRequest& sent : output.send) send(node, sent);
  schedule_tick(node);
}

void Cluster::schedule_tick(size_t node) {
  const int64_t deadline_ms = std::max(nodes_[node].raft().deadline_ms(), now_ms_ + 1);
  if (nodes_[node].raft().deadline_ms() == INT64_MAX || deadline_ms == next_tick_[node]) return;
  next_tick_[node] = deadline_ms;
  after(deadline_ms - now_ms_, [this, node, life = lives_[node], deadline_ms] {
    if (!nodes_[node].is_up() || lives_[node] != life || next_tick_[node] != deadline_ms) return;
    next_tick_[node] = INT64_MAX;
    give(node, Tick{});
  });
}

/// Delivers once, or later, or twice, or never; who sent it hears of a failure, or does not.
void Cluster::transport(size_t from, size_t to, std::function<void()> deliver, std::function<void()> fail) {
  if (is_cut(from, to) || (!is_calm_ && chance(weather_.loss))) {
    if (chance(500)) after(up_to(weather_.delay_ms_max), std::move(fail));
    return;
  }
  if (!is_calm_ && chance(weather_.doubling)) after(up_to(weather_.delay_ms_max * 3), deliver);
  if (!is_calm_ && chance(weather_.straggling)) return after(up_to(3000), std::move(deliver));
  after(up_to(weather_.delay_ms_max), std::move(deliver));
}

void Cluster::send(size_t from, const SentRequest& sent) {
  const auto to = static_cast<size_t>(sent.to - 1);
  const auto fail = [this, from, life = lives_[from], id = sent.request_id] {
    if (nodes_[from].is_up() && lives_[from] == life) give(from, Replied{id, Failed{}});
  };
  const auto refuse = [this, from, life = lives_[from], id = sent.request_id] {
    if (nodes_[from].is_up() && lives_[from] == life) give(from, Replied{id, Failed{.is_refused = true}});
  };
  const auto deliver = [this, from, to, life = lives_[from], sent, refuse] {
    if (!nodes_[to].is_up()) return refuse();
    const uint64_t token = next_token_++;
    askers_[token] = {from, life, sent.request_id, sent.request};
    give(to, Received{token, sent.request});
  };
  transport(from, to, deliver, fail);
}

void Cluster::reply(size_t from, uint64_t token, const Reply& reply) {
  const auto found = askers_.find(token);
  if (found == askers_.end()) return checker_.fail(fmt::format("{} answers a request twice", from + 1));
  const Asker asker = std::move(found->second);
  askers_.erase(found);
  if (const auto* vote = std::get_if<VoteReply>(&reply))
    checker_.on_vote(nodes_[from], std::get<VoteRequest>(asker.request), *vote);
  const auto deliver = [this, asker, reply] {
    if (nodes_[asker.node].is_up() && lives_[asker.node] == asker.life)
      give(asker.node, Replied{asker.request_id, reply});
  };
  const auto fail = [this, asker] {
    if (nodes_[asker.node].is_up() && lives_[asker.node] == asker.life)
      give(asker.node, Replied{asker.request_id, Failed{}});
  };
  transport(from, asker.node, deliver, fail);
}

void Cluster::fault() {
  if (is_calm_) return;
  const size_t node = rng_.below(nodes_.size());
  const bool is_up = nodes_[node].is_up();
  const bool is_awake = is_up && paused_until_[node] <= now_ms_;
  switch (rng_.below(10)) {
    case 0:
    case 1:
      partition();
      break;
    case 2:
    case 3:
      cut_.clear();
      break;
    case 4:
    case 5:
      if (is_up) crash(node, chance(500) ? up_to(100) : up_to(2000));
      break;
    case 6:
      if (chance(200))  // the power fails everywhere
        for (size_t other = 0; other < nodes_.size(); ++other)
          if (nodes_[other].is_up()) crash(other, up_to(300));
      break;
    case 7:
      paused_until_[node] = now_ms_ + up_to(800);
      break;
    case 8:
      if (!is_awake) break;
      if (const auto taken = nodes_[node].take_snapshot()) give(node, *taken);
      if (!nodes_[node].is_up() || chance(500)) break;
      if (const auto trimmed = nodes_[node].trim()) give(node, *trimmed);
      break;
    case 9:
      if (is_awake) {
        give(node, Resign{});
        after(up_to(200), [this, node, life = lives_[node]] {
          if (nodes_[node].is_up() && lives_[node] == life) crash(node, up_to(300));
        });
      }
      break;
  }
  after(up_to(weather_.fault_ms_max), [this] { fault(); });
}

/// Cuts links: one node off, two halves apart, some one way only, or a few at random.
void Cluster::partition() {
  const size_t alone = rng_.below(nodes_.size());
  const uint64_t side = rng_.next();
  const uint64_t shape = rng_.below(4);
  for (size_t from = 0; from < nodes_.size(); ++from) {
    for (size_t to = 0; to < nodes_.size(); ++to) {
      const bool is_apart = shape == 0   ? from == alone || to == alone
                            : shape == 1 ? (side >> from & 1) != (side >> to & 1)
                            : shape == 2 ? from == alone
                                         : chance(200);
      if (from != to && is_apart) cut_.insert({from, to});
    }
  }
}

/// Stops the node, if it runs, and starts it again later.
void Cluster::crash(size_t node, int64_t down_ms) {
  if (nodes_[node].is_up()) {
    nodes_[node].crash(rng_);
    if (options_.is_traced) fmt::print("{} {} crashed, for {} ms\n", now_ms_, node + 1, down_ms);
    checker_.on_crash(nodes_[node]);
    ++outcome_.crashes;
  }
  next_tick_[node] = INT64_MAX;
  const uint64_t life = ++lives_[node];
  after(down_ms, [this, node, life] {
    if (lives_[node] != life) return;
    nodes_[node].start(now_ms_);
    paused_until_[node] = 0;
    give(node, Tick{});
  });
}

void Cluster::propose() {
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (!nodes_[node].is_up() || !nodes_[node].raft().is_leader()) continue;
    const auto count = static_cast<int32_t>(1 + rng_.below(3));
    const Slice records = wire_.put({.count = count, .value = next_value_});
    next_value_ += static_cast<uint64_t>(count);
    give(node, Propose{next_value_, nodes_[node].raft().epoch(), records, count});
  }
  after(up_to(weather_.proposal_ms_max), [this] { propose(); });
}

void Cluster::calm_down() {
  is_calm_ = true;
  if (options_.is_traced) fmt::print("{} calm\n", now_ms_);
  cut_.clear();
  weather_.delay_ms_max = 5;
  weather_.flush_ms_max = 5;
  weather_.proposal_ms_max = 100;
  calm_target_ = checker_.committed() + 20;
  for (size_t node = 0; node < nodes_.size(); ++node) {
    paused_until_[node] = 0;
    // Who was asked to stop campaigns no more: everybody begins anew.
    if (chance(500) || !nodes_[node].is_up()) crash(node, up_to(100));
  }
}

/// Everybody has applied more than there was when the faults ended.
bool Cluster::is_well() const {
  return std::ranges::all_of(
      nodes_, [&](const SimNode& node) { return node.is_up() && node.applied() >= calm_target_; });
}

}  // namespace kt::raft::sim
