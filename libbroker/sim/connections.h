#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/sim/byte_queue.h"
#include "libbroker/sim/links.h"
#include "libbroker/sim/scheduler.h"

namespace kt::sim {

/// TCP as programs see it: what goes in on one side comes out on the other, whole and in order, in pieces of
/// any size, late, or not at all and then the connection breaks, on each side by itself. A connection that is
/// no longer known (its machine lost power) takes every call and does nothing.
class Connections {
 public:
  using Id = uint64_t;  // never used twice
  struct Party {
    uint32_t machine = 0;
    Endpoint at = {};
    Loop* loop = nullptr;  // all callbacks are posted here
  };

  Connections(Scheduler& scheduler, Trace& trace, Links& links, Rng& rng)
      : scheduler_(scheduler), trace_(trace), links_(links), rng_(rng) {}

  /// Side 0 is the one that connected.
  Id open(Party client, Party server);

  void start(Id id, size_t side, Stream::Handler& handler);
  void send(Id id, size_t side, const std::vector<Piece>& pieces);
  void pause_reading(Id id, size_t side, bool is_paused);
  /// The program lets go: what is on the way arrives, then the end; what is not yet is lost.
  void close(Id id, size_t side);
  size_t unsent_bytes(Id id, size_t side) const;

  /// The machine's kernel closes what a dead process held.
  void close_all(uint32_t machine);
  /// The machine lost power: its connections are forgotten and nobody is told.
  void forget_all(uint32_t machine);
  size_t count() const { return connections_.size(); }

 private:
  struct Segment {
    Slice bytes;  // none: the end of the stream
    int64_t arrives_ns = 0;
  };
  /// What one side sends.
  struct Pipe {
    ByteQueue unsent, unread;
    std::deque<Segment> on_the_way;
    size_t unacknowledged_bytes = 0;
    int64_t heard_ns = 0;         // when the sender began to wait, or last heard of an arrival
    int64_t last_arrival_ns = 0;  // of all that was sent: order is kept
    int64_t retransmission_ns = 0;
    bool is_end_received = false;
    bool owes_drained = false;
  };
  struct Side {
    Party party;
    Stream::Handler* handler = nullptr;  // none before start(), and after on_closed()
    bool is_open = true;                 // the program has not let go of its stream
    bool is_paused = false, is_told_of_end = false;
    bool is_woken = false;     // a deliver() is posted
    std::string failure = {};  // what to tell the program
    bool listens() const { return is_open && !is_told_of_end && failure.empty(); }
  };
  struct Connection {
    std::array<Side, 2> sides;
    std::array<Pipe, 2> pipes;  // by sending side
    Link link(size_t from) const { return {sides[from].party.machine, sides[1 - from].party.machine}; }
    uint16_t port() const { return sides[1].party.at.port; }
  };

  Connection* find(Id id);
  void transmit(Id id, Connection& connection, size_t from);
  void put_on_the_way(Id id, Connection& connection, size_t from, Slice bytes);
  void expect_arrival(Id id, const Connection& connection, size_t from);
  void arrive(Id id, size_t from);
  void receive(Id id, Connection& connection, size_t from, Slice bytes);
  void acknowledge(Id id, size_t from, size_t count);
  /// Tries again to get something through to or from a sender, which gives up when it has waited too long.
  void retransmit(Id id, Connection& connection, size_t from, Task again);
  /// Tells a side that its connection broke.
  void fail(Id id, size_t side, std::string_view reason);
  /// One side tells the other, if that can be reached.
  void send_reset(Id id, const Connection& connection, size_t from);
  void wake(Id id, Connection& connection, size_t side);
  void deliver(Id id, size_t side);
  /// The next callback that is due on a side; false when there is none.
  bool deliver_one(Id id, size_t side);
  static bool is_done(const Connection& connection);
  void forget_if_done(Id id);

  Scheduler& scheduler_;
  Trace& trace_;
  Links& links_;
  Rng& rng_;
  Id last_id_ = 0;
  std::map<Id, Connection> connections_;
};

}  // namespace kt::sim
