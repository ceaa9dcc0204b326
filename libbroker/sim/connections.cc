#include "libbroker/sim/connections.h"

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"

namespace kt::sim {
namespace {

constexpr int64_t ms = 1'000'000;  // in ns
constexpr int64_t retransmission_ns_min = 200 * ms, retransmission_ns_max = 5'000 * ms;
constexpr uint64_t pieces_max = 64;  // about: a large message in single bytes would be nothing but events
constexpr std::string_view reset_reason = "connection reset by peer";

}  // namespace

Connections::Connection* Connections::find(Id id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

Connections::Id Connections::open(Party client, Party server) {
  const Id id = ++last_id_;
  Connection& connection = connections_[id];
  connection.sides[0].party = std::move(client);
  connection.sides[1].party = std::move(server);
  return id;
}

size_t Connections::unsent_bytes(Id id, size_t side) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? 0 : found->second.pipes[side].unsent.size();
}

void Connections::start(Id id, size_t side, Stream::Handler& handler) {
  Connection* connection = find(id);
  if (!connection) return;
  KT_ASSERT(connection->sides[side].handler == nullptr && !connection->sides[side].is_told_of_end);
  connection->sides[side].handler = &handler;
  wake(id, *connection, side);
}

void Connections::pause_reading(Id id, size_t side, bool is_paused) {
  Connection* connection = find(id);
  if (!connection) return;
  connection->sides[side].is_paused = is_paused;
  if (!is_paused) wake(id, *connection, side);
}

void Connections::send(Id id, size_t side, const std::vector<Piece>& pieces) {
  Connection* connection = find(id);
  if (!connection || !connection->sides[side].listens()) return;
  Pipe& pipe = connection->pipes[side];
  for (const Piece& piece : pieces) {
    KT_ASSERT(std::holds_alternative<Slice>(piece));  // a simulated disk has no descriptors
    const Slice& slice = std::get<Slice>(piece);
    pipe.unsent.push(slice.owner ? slice : Slice::copy(slice.bytes));
  }
  transmit(id, *connection, side);
  if (!pipe.unsent.is_empty()) pipe.owes_drained = true;
}

void Connections::close(Id id, size_t side) {
  Connection* connection = find(id);
  if (!connection || !connection->sides[side].is_open) return;
  const bool is_whole = connection->sides[side].failure.empty();
  connection->sides[side].handler = nullptr;
  connection->sides[side].is_open = false;
  connection->pipes[1 - side].unread.clear();
  Pipe& pipe = connection->pipes[side];
  pipe.unsent.clear();
  if (is_whole) {
    if (links_.faults().zombie.roll(rng_)) {
      const int64_t late_ns = between(rng_, 0, links_.faults().zombie_ms_max * ms);
      for (Segment& segment : pipe.on_the_way) segment.arrives_ns += late_ns;
      pipe.last_arrival_ns = std::max(pipe.last_arrival_ns, scheduler_.now_ns()) + late_ns;
    }
    put_on_the_way(id, *connection, side, Slice{});
  }
  forget_if_done(id);
}

void Connections::close_all(uint32_t machine) {
  std::vector<std::pair<Id, size_t>> due;
  for (const auto& [id, connection] : connections_) {
    for (const size_t side : {0, 1}) {
      if (connection.sides[side].party.machine == machine) due.emplace_back(id, side);
    }
  }
  for (const auto& [id, side] : due) close(id, side);
}

void Connections::forget_all(uint32_t machine) {
  for (auto& [id, connection] : connections_) {
    for (const size_t side : {0, 1}) {
      if (connection.sides[side].party.machine != machine) continue;
      connection.sides[side].handler = nullptr;
      connection.sides[side].is_open = false;
      connection.pipes[side].unsent.clear();
      connection.pipes[1 - side].unread.clear();
    }
  }
  std::erase_if(connections_, [](const auto& entry) { return is_done(entry.second); });
}

bool Connections::is_done(const Connection& connection) {
  return !connection.sides[0].is_open && !connection.sides[1].is_open &&
         connection.pipes[0].on_the_way.empty() && connection.pipes[1].on_the_way.empty();
}

void Connections::forget_if_done(Id id) {
  const Connection* connection = find(id);
  if (connection && is_done(*connection)) connections_.erase(id);
}

// --- on the way

void Connections::transmit(Id id, Connection& connection, size_t from) {
  Pipe& pipe = connection.pipes[from];
  const NetFaults& faults = links_.faults();
  while (!pipe.unsent.is_empty() && pipe.unacknowledged_bytes + pipe.unread.size() < faults.window_bytes) {
    const uint64_t room = faults.window_bytes - pipe.unacknowledged_bytes - pipe.unread.size();
    const uint64_t chunk_max = std::max<uint64_t>(faults.chunk_bytes_max, pipe.unsent.size() / pieces_max);
    // The kernel's copy: what is on the way may outlive the process whose memory it came from.
    Slice bytes = Slice::copy(pipe.unsent.take(std::min(room, 1 + rng_.below(chunk_max))).bytes);
    if (faults.reset.roll(rng_)) {
      send_reset(id, connection, from);
      send_reset(id, connection, 1 - from);
    }
    put_on_the_way(id, connection, from, std::move(bytes));
  }
  Side& sender = connection.sides[from];
  if (!pipe.unsent.is_empty() || !std::exchange(pipe.owes_drained, false) || !sender.listens()) return;
  sender.party.loop->post([this, id, from] {
    const Connection* drained = find(id);
    if (drained && drained->sides[from].handler) drained->sides[from].handler->on_drained();
  });
}

void Connections::put_on_the_way(Id id, Connection& connection, size_t from, Slice bytes) {
  Pipe& pipe = connection.pipes[from];
  const int64_t now = scheduler_.now_ns();
  if (pipe.on_the_way.empty() && pipe.unacknowledged_bytes == 0) pipe.heard_ns = now;
  int64_t arrives_ns = now + links_.latency_ns(connection.link(from));
  if (links_.loses(connection.link(from)))
    arrives_ns += between(rng_, retransmission_ns_min, 4 * retransmission_ns_min);
  const int64_t transfer_ns = static_cast<int64_t>(bytes.size()) * 1'000 / links_.faults().bytes_per_us;
  pipe.last_arrival_ns = std::max(pipe.last_arrival_ns, arrives_ns) + transfer_ns;
  pipe.unacknowledged_bytes += bytes.size();
  pipe.on_the_way.push_back({std::move(bytes), pipe.last_arrival_ns});
  if (pipe.on_the_way.size() == 1) expect_arrival(id, connection, from);
}

void Connections::expect_arrival(Id id, const Connection& connection, size_t from) {
  scheduler_.at(connection.pipes[from].on_the_way.front().arrives_ns, "arrive", nullptr,
                [this, id, from] { arrive(id, from); });
}

void Connections::arrive(Id id, size_t from) {
  Connection* connection = find(id);
  if (!connection || connection->pipes[from].on_the_way.empty()) return;
  Pipe& pipe = connection->pipes[from];
  Segment& segment = pipe.on_the_way.front();
  const Link link = connection->link(from);
  segment.arrives_ns = std::max(segment.arrives_ns, links_.clogged_until_ns(link));
  if (segment.arrives_ns > scheduler_.now_ns()) return expect_arrival(id, *connection, from);
  if (!links_.passes(link, connection->port())) {
    return retransmit(id, *connection, from, [this, id, from] { arrive(id, from); });
  }
  pipe.retransmission_ns = 0;
  const Slice bytes = std::move(segment.bytes);
  pipe.on_the_way.pop_front();
  if (!pipe.on_the_way.empty()) expect_arrival(id, *connection, from);
  receive(id, *connection, from, bytes);
  forget_if_done(id);
}

void Connections::receive(Id id, Connection& connection, size_t from, Slice bytes) {
  const size_t to = 1 - from, count = bytes.size();
  trace_.note(scheduler_.now_ns(), "bytes", id * 2 + to, count);
  if (!connection.sides[to].listens()) {
    if (count > 0) send_reset(id, connection, to);
    return;
  }
  if (count == 0) connection.pipes[from].is_end_received = true;
  connection.pipes[from].unread.push(std::move(bytes));
  wake(id, connection, to);
  if (count == 0) return;
  scheduler_.after(links_.latency_ns(connection.link(to)), "ack",
                   [this, id, from, count] { acknowledge(id, from, count); });
}

void Connections::acknowledge(Id id, size_t from, size_t count) {
  Connection* connection = find(id);
  if (!connection) return;
  if (!links_.passes(connection->link(1 - from), connection->port())) {
    return retransmit(id, *connection, from, [this, id, from, count] { acknowledge(id, from, count); });
  }
  connection->pipes[from].unacknowledged_bytes -= count;
  connection->pipes[from].heard_ns = scheduler_.now_ns();
  transmit(id, *connection, from);
}

void Connections::retransmit(Id id, Connection& connection, size_t from, Task again) {
  Pipe& pipe = connection.pipes[from];
  if (scheduler_.now_ns() - pipe.heard_ns < links_.faults().give_up_ms * ms) {
    pipe.retransmission_ns =
        std::clamp(pipe.retransmission_ns * 2, retransmission_ns_min, retransmission_ns_max);
    return scheduler_.after(pipe.retransmission_ns, "retransmit", std::move(again));
  }
  pipe.on_the_way.clear();
  fail(id, from, "connection timed out");
  send_reset(id, connection, from);
  forget_if_done(id);
}

// --- at its end

void Connections::send_reset(Id id, const Connection& connection, size_t from) {
  const Link link = connection.link(from);
  scheduler_.after(links_.latency_ns(link), "reset", [this, id, from, link, port = connection.port()] {
    if (links_.passes(link, port)) fail(id, 1 - from, reset_reason);
  });
}

void Connections::fail(Id id, size_t side, std::string_view reason) {
  Connection* connection = find(id);
  if (!connection || !connection->sides[side].listens()) return;
  trace_.note(scheduler_.now_ns(), reason, id * 2 + side);
  connection->sides[side].failure = reason;
  connection->pipes[side].unsent.clear();
  connection->pipes[1 - side].unread.clear();
  wake(id, *connection, side);
}

void Connections::wake(Id id, Connection& connection, size_t side) {
  Side& woken = connection.sides[side];
  if (!woken.is_open || std::exchange(woken.is_woken, true)) return;
  woken.party.loop->post([this, id, side] { deliver(id, side); });
}

void Connections::deliver(Id id, size_t side) {
  Connection* connection = find(id);
  if (!connection) return;
  connection->sides[side].is_woken = false;
  while (deliver_one(id, side)) {
  }
}

bool Connections::deliver_one(Id id, size_t side) {
  Connection* connection = find(id);
  if (!connection || !connection->sides[side].handler) return false;
  Side& reader = connection->sides[side];
  Pipe& pipe = connection->pipes[1 - side];
  const bool is_at_end = pipe.is_end_received && pipe.unread.is_empty();
  if (!reader.failure.empty() || (is_at_end && !reader.is_paused)) {
    reader.is_told_of_end = true;
    std::exchange(reader.handler, nullptr)
        ->on_closed(reader.failure.empty() ? "end of stream" : std::string(reader.failure));
    return false;
  }
  if (reader.is_paused || pipe.unread.is_empty()) return false;
  const std::span<std::byte> into = reader.handler->read_buffer();
  if (into.empty()) return false;
  const size_t count = pipe.unread.read(into);
  transmit(id, *connection, 1 - side);
  reader.handler->on_read(count);
  return true;
}

}  // namespace kt::sim
