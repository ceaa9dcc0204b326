#include "tests/unit/raft/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "tests/unit/raft/text.h"

namespace kt::raft::sim {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// A link is "1->2", "1->*", "*->2", or "1-2" for both ways.
bool is_on(const std::vector<std::string>& links, int32_t from, int32_t to) {
  if (links.empty()) return true;
  const auto a = std::to_string(from), b = std::to_string(to);
  return std::ranges::any_of(links, [&](const std::string& link) {
    return link == a + "->" + b || link == a + "->*" || link == "*->" + b || link == a + "-" + b ||
           link == b + "-" + a;
  });
}

}  // namespace

std::string Scenario::run(const std::string& command) {
  out_.clear();
  Words words = words_of(command);
  const std::string verb = words.empty() ? "" : words.front();
  words.erase(words.begin());
  const auto number = [&](size_t i) { return std::stoi(words.at(i)); };
  if (verb == "nodes")
    nodes(words);
  else if (verb == "quorum")
    quorum(words);
  else if (verb == "start")
    start(number(0));
  else if (verb == "crash")
    crash(number(0));
  else if (verb == "advance")
    advance(number(0));
  else if (verb == "wake")
    advance(node(number(0)).raft().deadline_ms() - now_ms_);
  else if (verb == "later")
    later(number(0));
  else if (verb == "deliver")
    deliver(words);
  else if (verb == "drop")
    drop(words);
  else if (verb == "cut")
    cut_ = words;
  else if (verb == "heal")
    cut_.clear();
  else if (verb == "settle")
    settle();
  else if (verb == "flush")
    flush(number(0));
  else if (verb == "propose")
    propose(number(0), number(1));
  else if (verb == "snapshot")
    give(number(0), node(number(0)).take_snapshot().value());
  else if (verb == "trim")
    give(number(0), node(number(0)).trim().value());
  else if (verb == "resign")
    give(number(0), Resign{});
  else if (verb == "status")
    status();
  else if (verb == "log")
    show_log(number(0));
  else if (verb == "describe")
    describe(number(0));
  else
    say("no such command");
  return out_;
}

int32_t Scenario::leader() const {
  int32_t leader = 0, epoch = -1;
  for (const auto& [id, node] : nodes_) {
    const auto* role = node.is_up() ? std::get_if<Leader>(&node.raft().role()) : nullptr;
    if (!role || !role->knows_high_watermark || node.raft().epoch() <= epoch) continue;
    epoch = node.raft().epoch();
    leader = id;
  }
  return leader;
}

/// nodes VOTERS [OBSERVERS] [dynamic]: creates them, 1 to n, the observers last. dynamic: kraft.version 1.
void Scenario::nodes(const Words& words) {
  const bool is_dynamic = words.back() == "dynamic";
  const int32_t voters = std::stoi(words.at(0));
  const int32_t observers = words.size() > 1 && words[1] != "dynamic" ? std::stoi(words[1]) : 0;
  const auto key = [](int32_t id) { return ReplicaKey{id, Uuid{1, static_cast<uint64_t>(id)}}; };
  const auto endpoints = [](int32_t id) {
    return std::vector<Endpoint>{{"CONTROLLER", "localhost", static_cast<uint16_t>(9090 + id)}};
  };
  std::vector<Voter> set;
  for (int32_t id = 1; id <= voters; ++id)
    set.push_back({.key = is_dynamic ? key(id) : ReplicaKey{id}, .endpoints = endpoints(id)});
  const VoterHistory::Entry first{.kraft_version = is_dynamic, .voters = VoterSet(set)};
  for (int32_t id = 1; id <= voters + observers; ++id) {
    Options options{.self = key(id), .cluster_id = "c", .seed = seed_ * 1000 + static_cast<uint64_t>(id)};
    if (id <= voters) options.listeners = endpoints(id);
    nodes_.try_emplace(id, options, first, wire_);
  }
}

/// The same, started and with a leader, without a word on how it came to that.
void Scenario::quorum(const Words& words) {
  nodes(words);
  for (const auto& [id, _] : nodes_) start(id);
  const auto leads = [](const auto& entry) { return entry.second.raft().is_leader(); };
  while (std::ranges::none_of(nodes_, leads)) later(100);
  later(100);
}

void Scenario::start(int32_t id) {
  node(id).start(now_ms_);
  give(id, Tick{});
}

/// Loses what was not flushed; whoever waits for an answer of it sees the connection break.
void Scenario::crash(int32_t id) {
  struct Worst final : Rng {
    uint64_t next() override { return 0; }
  } worst;
  node(id).crash(worst);
  say(fmt::format("{} crashed, log ends at {}", id, text_of(node(id).disk().log().end())));
  flushes_.erase(id);
  told_.erase(id);
  std::vector<std::pair<int32_t, uint64_t>> unanswered;
  std::erase_if(messages_, [&](const Message& message) {
    const auto* reply = std::get_if<Replied>(&message.event);
    if (message.from == id && reply) unanswered.emplace_back(message.to, reply->request_id);
    return message.from == id || (message.to == id && reply);
  });
  std::erase_if(asked_, [&](const auto& entry) {
    const Message& asked = entry.second;
    if (asked.to == id) unanswered.emplace_back(asked.from, asked.request_id);
    return asked.to == id || asked.from == id;
  });
  for (const auto& [from, request_id] : unanswered)
    if (node(from).is_up()) give(from, Replied{request_id, Failed{}});
}

/// Lets time pass, with a tick for whoever asked for one.
void Scenario::advance(int64_t ms) {
  const int64_t until_ms = now_ms_ + ms;
  const auto deadline = [](const auto& entry) {
    return entry.second.is_up() ? entry.second.raft().deadline_ms() : INT64_MAX;
  };
  while (true) {
    const auto next = std::ranges::min_element(nodes_, {}, deadline);
    if (deadline(*next) > until_ms) break;
    now_ms_ = std::max(now_ms_, deadline(*next));
    give(next->first, Tick{});
  }
  now_ms_ = until_ms;
}

/// Lets time pass and everybody act, in steps of 10 ms; says only what it came to.
void Scenario::later(int64_t ms) {
  const int64_t until_ms = now_ms_ + ms;
  while (now_ms_ < until_ms) {
    advance(10);
    settle();
  }
  out_.clear();
  status();
}

/// Delivers what is under way, on these links; not what comes of it.
void Scenario::deliver(const Words& links) {
  std::deque<Message> now;
  std::swap(now, messages_);
  for (Message& message : now) {
    if (is_on(links, message.from, message.to))
      deliver(std::move(message));
    else
      messages_.push_back(std::move(message));
  }
}

void Scenario::deliver(Message message) {
  if (!cut_.empty() && is_on(cut_, message.from, message.to)) return lose(message);
  if (!node(message.to).is_up()) {
    if (message.request_id == 0) return;
    say(fmt::format("{}->{} {} refused", message.from, message.to, message.text));
    if (node(message.from).is_up())
      give(message.from, Replied{message.request_id, Failed{.is_refused = true}});
    return;
  }
  say(fmt::format("{}->{} {}", message.from, message.to, message.text));
  if (auto* received = std::get_if<Received>(&message.event)) {
    received->token = next_token_++;
    asked_[received->token] = message;
  }
  give(message.to, message.event);
}

/// What is under way on these links is lost.
void Scenario::drop(const Words& links) {
  std::deque<Message> now;
  std::swap(now, messages_);
  for (Message& message : now) {
    if (is_on(links, message.from, message.to))
      lose(message);
    else
      messages_.push_back(std::move(message));
  }
}

/// Whoever sent the request, or waits for the answer, sees the connection break.
void Scenario::lose(const Message& message) {
  say(fmt::format("{}->{} {} lost", message.from, message.to, message.text));
  const auto* reply = std::get_if<Replied>(&message.event);
  const int32_t asker = reply ? message.to : message.from;
  const uint64_t request_id = reply ? reply->request_id : message.request_id;
  if (node(asker).is_up()) give(asker, Replied{request_id, Failed{}});
}

/// Flushes and delivers until nothing more happens without time passing.
void Scenario::settle() {
  while (!messages_.empty() || !flushes_.empty()) {
    for (const auto& [id, _] : std::map(flushes_)) flush(id);
    deliver(Words{});
  }
}

void Scenario::flush(int32_t id) {
  const auto found = flushes_.find(id);
  if (found == flushes_.end()) return say("nothing to flush");
  const auto [report, mark] = found->second;
  flushes_.erase(found);
  node(id).disk().flush(mark);
  give(id, report);
}

void Scenario::propose(int32_t id, int32_t count) {
  const Slice records = wire_.put({.count = count, .value = next_value_});
  next_value_ += static_cast<uint64_t>(count);
  give(id, Propose{next_value_, node(id).raft().epoch(), records, count});
}

void Scenario::status() {
  for (auto& [id, node] : nodes_) say(fmt::format("{} {}", id, node.is_up() ? text_of(node.raft()) : "down"));
}

void Scenario::show_log(int32_t id) {
  const Log& log = node(id).disk().log();
  if (log.start.offset > 0) say(fmt::format("from snapshot {}", text_of(log.start)));
  for (const Batch& batch : log.batches)
    say(fmt::format("{}..{} epoch {} {}", batch.base_offset, batch.end_offset() - 1, batch.epoch,
                    batch.value == 0 ? "control" : fmt::format("values from {}", batch.value)));
}

void Scenario::describe(int32_t id) {
  const auto quorum = node(id).raft().describe(now_ms_);
  if (!quorum) return say(std::string(name_of(quorum.error().code)));
  say(fmt::format("leader {} epoch {} hw {}", quorum->leader_id, quorum->epoch, quorum->high_watermark));
  const auto lines = [&](const char* what, const std::vector<ReplicaProgress>& replicas) {
    for (const ReplicaProgress& replica : replicas)
      say(fmt::format("{} {} end {} fetched {} caught up {}", what, replica.key.id, replica.end_offset,
                      replica.last_fetch_ms, replica.last_caught_up_ms));
  };
  lines("voter", quorum->voters);
  lines("observer", quorum->observers);
}

void Scenario::give(int32_t id, const Event& event) {
  SimNode::Output output = node(id).step(event, now_ms_);
  if (!std::holds_alternative<Received>(event) && !std::holds_alternative<Replied>(event))
    say(fmt::format("{} {}", id, text_of(event)));
  for (const Effects& effects : output.effects) tell(effects);
  const std::string state = text_of(node(id).raft());
  if (std::exchange(told_[id], state) != state) say("  " + state);
  if (output.flush) flushes_[id] = *output.flush;
  for (auto& [token, reply] : output.answers) {
    if (!asked_.contains(token)) continue;  // whoever asked is gone
    const Message asked = asked_.at(token);
    asked_.erase(token);
    messages_.push_back({id, asked.from, "reply " + text_of(reply), Replied{asked.request_id, reply}});
  }
  for (SentRequest& sent : output.send)
    messages_.push_back({id, sent.to, text_of(sent.request), Received{0, sent.request}, sent.request_id});
}

void Scenario::tell(const Effects& effects) {
  const auto say_indented = [&](const std::string& line) { say("  " + line); };
  if (effects.persist) say_indented("persist " + text_of(*effects.persist));
  if (effects.truncate_to) say_indented(fmt::format("truncate to {}", *effects.truncate_to));
  for (const Append& append : effects.append) say_indented("append " + text_of(append));
  if (effects.snapshot)
    say_indented(fmt::format("snapshot {} bytes {}+{}{}", text_of(effects.snapshot->id),
                             effects.snapshot->position, effects.snapshot->bytes.size(),
                             effects.snapshot->last ? " last" : ""));
  if (effects.leadership && !effects.leadership->leader_id) say_indented("no leader");
  if (effects.leadership && effects.leadership->leader_id)
    say_indented(fmt::format("leader {}", *effects.leadership->leader_id));
  for (const Proposed& proposed : effects.proposed)
    if (proposed.error != ErrorCode::none) say_indented(fmt::format("refused {}", name_of(proposed.error)));
  for (const std::string& warning : effects.warnings) say_indented("warning: " + warning);
}

}  // namespace kt::raft::sim
