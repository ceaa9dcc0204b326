#include "tests/unit/raft/sim_node.h"

#include <fmt/format.h>

#include <charconv>

#include "libbroker/base/assert.h"

namespace kt::raft::sim {
namespace {

uint64_t number_in(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Slice Wire::put(const Batch& batch) {
  batches_.push_back(batch);
  return Slice::copy(std::to_string(batches_.size() - 1));
}

const Batch& Wire::get(const Slice& bytes) const { return batches_.at(number_in(bytes.text())); }

uint64_t next_state(uint64_t state, int32_t epoch, uint64_t value) {
  SeededRng mix(state ^ (value * 31 + static_cast<uint64_t>(epoch)));
  return mix.next();
}

SimNode::SimNode(Options options, VoterHistory::Entry first_voters, Wire& wire)
    : options_(std::move(options)), first_voters_(std::move(first_voters)), wire_(wire) {}

VoterHistory SimNode::voters() const {
  const auto snapshot = disk_.snapshots.find(disk_.log().start);
  VoterHistory history(snapshot == disk_.snapshots.end() ? first_voters_ : snapshot->second.voters);
  for (const Batch& batch : disk_.log().batches)
    if (batch.voters) history.add(batch.end_offset() - 1, batch.kraft_version, batch.voters);
  return history;
}

void SimNode::start(int64_t now_ms) {
  const Log& log = disk_.log();
  LogView::Restored restored{.start = log.start, .end_offset = log.end().offset};
  for (const Batch& batch : log.batches) restored.epochs.assign(batch.epoch, batch.base_offset);
  state_ = applied_ = 0;
  if (!disk_.snapshots.empty()) {
    const auto& [id, snapshot] = *disk_.snapshots.rbegin();
    restored.snapshot = id;
    state_ = snapshot.state;
    applied_ = id.offset;
  }
  raft_ = std::make_unique<Raft>(options_, Raft::Restored{disk_.ballot, LogView(restored), voters()}, now_ms);
}

void SimNode::crash(Rng& rng) {
  raft_.reset();
  disk_.crash(rng);
}

SimNode::Output SimNode::step(const Event& event, int64_t now_ms, size_t changes_max) {
  Output out;
  out.died = !carry_out(raft_->step(event, now_ms), now_ms, changes_max, out);
  return out;
}

/// False: died on the way.
bool SimNode::carry_out(Effects effects, int64_t now_ms, size_t& changes_left, Output& out) {
  const auto dies = [&] { return changes_left-- == 0; };
  out.effects.push_back(effects);
  if (effects.persist) {
    if (dies()) return false;
    disk_.ballot = *effects.persist;
  }
  if (effects.truncate_to) {
    if (dies()) return false;
    disk_.truncate(*effects.truncate_to);
  }
  for (const Append& batch : effects.append) {
    if (dies()) return false;
    append(batch);
  }
  if (effects.flush) out.flush = {*effects.flush, disk_.mark()};
  if (effects.high_watermark && !effects.snapshot) apply(*effects.high_watermark);
  for (const GivenAnswer& given : effects.answers)
    out.answers.emplace_back(given.token, as_received(given.answer));
  for (SentRequest& sent : effects.send) out.send.push_back(std::move(sent));
  if (!effects.snapshot || !take_chunk(*effects.snapshot)) return true;
  const LogEnd id = effects.snapshot->id;
  const VoterHistory::Entry& voters = disk_.snapshots.at(id).voters;
  const SnapshotInstalled installed{id, voters.kraft_version, voters.voters};
  return carry_out(raft_->step(installed, now_ms), now_ms, changes_left, out);
}

void SimNode::append(const Append& append) {
  if (const auto* start = std::get_if<EpochStart>(&append)) {
    disk_.append(
        {start->epoch, start->base_offset, start->count(), 0, start->kraft_version, start->new_voters});
  } else if (const auto* proposal = std::get_if<Proposal>(&append)) {
    Batch batch = wire_.get(proposal->records);
    batch.epoch = proposal->epoch;
    batch.base_offset = proposal->base_offset;
    disk_.append(std::move(batch));
  } else {
    disk_.append(wire_.get(std::get<Replicated>(append).bytes));
  }
}

/// True: the snapshot is complete and has replaced log and state.
bool SimNode::take_chunk(const SnapshotChunk& chunk) {
  if (chunk.position == 0) download_.clear();
  KT_ASSERT(chunk.position == static_cast<int64_t>(download_.size()));
  download_ += chunk.bytes.text();
  if (!chunk.last) return false;
  // Its voters travel in a batch behind a number, as control records do.
  const std::string_view text = download_;
  const Batch& header = wire_.get(Slice::view(text.substr(text.find(' ') + 1)));
  const Snapshot snapshot{
      number_in(text), {chunk.id.offset - 1, *header.kraft_version, *header.voters}, download_};
  disk_.snapshots[chunk.id] = snapshot;
  disk_.restart_at(chunk.id);
  state_ = snapshot.state;
  applied_ = chunk.id.offset;
  return true;
}

void SimNode::apply(int64_t high_watermark) {
  while (applied_ < high_watermark) {
    const Batch* batch = disk_.log().at(applied_);
    if (!batch) return;  // the checker sees it: committed, but not in the log
    state_ =
        next_state(state_, batch->epoch, batch->value + static_cast<uint64_t>(applied_ - batch->base_offset));
    ++applied_;
  }
}

std::optional<SnapshotTaken> SimNode::take_snapshot() {
  const Batch* last = disk_.log().at(applied_ - 1);
  if (!last) return std::nullopt;
  const LogEnd id{last->epoch, applied_};
  if (disk_.snapshots.contains(id)) return std::nullopt;
  VoterHistory voters = this->voters();
  voters.truncate(applied_);
  const VoterHistory::Entry entry{applied_ - 1, voters.last().kraft_version, voters.voters()};
  const Slice header = wire_.put({.kraft_version = entry.kraft_version, .voters = entry.voters});
  disk_.snapshots[id] = {state_, entry, fmt::format("{} {}", state_, header.text())};
  return SnapshotTaken{id};
}

std::optional<LogTrimmed> SimNode::trim() {
  if (disk_.snapshots.empty()) return std::nullopt;
  const LogEnd id = disk_.snapshots.rbegin()->first;
  disk_.trim(id);
  return LogTrimmed{id};
}

Reply SimNode::as_received(const Answer& answer) const {
  if (const auto* fetch = std::get_if<FetchAnswer>(&answer)) {
    FetchReply reply{.result = fetch->result};
    int64_t at = fetch->read_from;
    while (at < fetch->read_to && reply.batches.size() < fetch_batches_max) {
      const Batch* batch = disk_.log().at(at);
      KT_ASSERT(batch);
      reply.batches.push_back({batch->epoch, batch->base_offset, batch->end_offset() - 1, wire_.put(*batch),
                               batch->kraft_version, batch->voters});
      at = batch->end_offset();
    }
    return reply;
  }
  if (const auto* fetch = std::get_if<FetchSnapshotAnswer>(&answer)) {
    FetchSnapshotReply reply{.head = fetch->head, .snapshot = fetch->snapshot, .position = fetch->position};
    if (reply.head.error != ErrorCode::none) return reply;
    const auto found = disk_.snapshots.find(fetch->snapshot);
    if (found == disk_.snapshots.end()) {
      reply.head.error = ErrorCode::snapshot_not_found;
      return reply;
    }
    const std::string& bytes = found->second.bytes;
    reply.size = static_cast<int64_t>(bytes.size());
    reply.bytes =
        Slice::copy(std::string_view(bytes)).sub(static_cast<size_t>(fetch->position), chunk_bytes_max);
    return reply;
  }
  return std::visit(
      []<class A>(const A& same) -> Reply {
        if constexpr (std::is_constructible_v<Reply, A>) return same;
        return Failed{};
      },
      answer);
}

}  // namespace kt::raft::sim
