#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/counter.h"
#include "libbroker/base/net.h"
#include "libbroker/net/fifo.h"
#include "libbroker/net/frame_reader.h"
#include "libbroker/net/memory_budget.h"
#include "libbroker/net/reply.h"

namespace kt::net {

class ServerConnection;

/// Where the requests of a server's connections go. Called on each connection's loop.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  virtual void on_opened(ServerConnection&) {}
  /// One request, without its size. An exception means that the peer is broken: its connection ends.
  virtual void on_request(ServerConnection& from, Slice frame, Reply reply) = 0;
  /// The oldest request that this was not told of is done, its answer next to be sent: once per request, in
  /// their order.
  virtual void on_answered(ServerConnection&) {}
  /// The peer's first four bytes are not the size of a frame but, perhaps, a word ("ruok" to a ZooKeeper's
  /// port): what to answer before the connection ends; nothing by default.
  virtual std::string answer_to_word(std::string_view four_bytes) {
    return static_cast<void>(four_bytes), "";
  }
  /// The last call for this connection.
  virtual void on_closed(ServerConnection&, std::string_view reason) { static_cast<void>(reason); }
};

struct ServerLimits {
  uint32_t frame_bytes_max = 100 << 20;  // socket.request.max.bytes
  size_t open_requests_max = 32;         // begun and not yet answered
  size_t turn_requests_max = 128;  // begun in a row, before other connections of the loop have their turn
  size_t unsent_bytes_max = 110 << 20;    // of answers, 2 x fetch.max.bytes; then no further request begins
  int64_t idle_ms_max = 10 * 60 * 1000;   // connections.max.idle.ms; negative: for ever
  int64_t stalled_frame_ms_max = 30'000;  // a frame was begun, and not a byte came
};

struct ConnectionCounters {
  Counter opened, open, requests, responses, received_bytes, sent_bytes, bad_frames, idle_closed;
};

/// What all connections of one listener on one loop share; outlives them.
struct ServerLoop {
  ServerLoop(Loop& loop_, MemoryBudget& budget_, Dispatcher& dispatcher_, const ServerLimits& limits_)
      : loop(loop_), budget(budget_), dispatcher(dispatcher_), limits(limits_) {}
  Loop& loop;
  MemoryBudget& budget;
  Dispatcher& dispatcher;
  const ServerLimits limits;
  ConnectionCounters counters;
  std::vector<std::byte> landing = std::vector<std::byte>(FrameReader::landing_bytes);
};

/// What the dispatcher knows of a connection: its principal, its client's name, ...
struct ConnectionState {
  virtual ~ConnectionState() = default;
};

/// The server's end of a connection: frames in, answers out. Requests begin in arrival order and are answered
/// in arrival order, whichever is ready first. All calls are on the loop. A connection that ends says so by
/// Dispatcher::on_closed, from the loop and never from inside a call; it may be destroyed there or at any
/// other time between callbacks, and replies that are still about do nothing then.
class ServerConnection final : private Stream::Handler {
 public:
  ServerConnection(ServerLoop& home, std::unique_ptr<Stream> stream);
  ~ServerConnection() override;

  /// Begins to read.
  void start();
  /// No further request begins for so long; the latest end of several counts. Throttling: answer, then mute.
  void mute(int64_t delay_ms);
  /// For use in on_request: no further request begins before this one is answered (SASL).
  void hold_until_answered();
  /// Holds from the next frame on: less before authentication, more after.
  void set_frame_bytes_max(uint32_t bytes) { reader_.set_frame_bytes_max(bytes); }
  /// No further request begins; closes when the begun ones are answered and the peer has taken the answers.
  void close_when_answered(std::string reason);
  /// Closes now; what is unsent is lost.
  void close(std::string reason);

  size_t open_requests() const { return open_.size(); }
  Endpoint local() const { return local_; }
  Endpoint peer() const { return peer_; }
  Loop& loop() const { return home_.loop; }

  std::unique_ptr<ConnectionState> state;  // the dispatcher's

 private:
  class Anchor;
  struct OpenRequest {
    bool is_done = false;
    std::optional<std::vector<Piece>> answer;
  };

  std::span<std::byte> read_buffer() override;
  void on_read(size_t count) override;
  void on_drained() override;
  void on_closed(std::string_view reason) override;

  void refuse(const BadFrame& bad);
  void answer(uint64_t request, std::optional<std::vector<Piece>> bytes);
  void turn();
  void schedule_turn();
  void begin(Slice frame);
  void take_answers();
  void send_out();
  bool may_begin() const;
  void update_reading();
  void wait_for_budget();
  void watch_idle();
  void watch_frame();
  void finish_close();

  ServerLoop& home_;
  std::unique_ptr<Stream> stream_;
  const Endpoint local_, peer_;
  const std::shared_ptr<Anchor> anchor_;  // what replies and posted tasks hold; forgets this at destruction
  FrameReader reader_;
  Fifo<Slice> unstarted_;
  Fifo<OpenRequest> open_;
  uint64_t first_open_ = 0;    // the number of open_.front(); requests are numbered from 0
  std::vector<Piece> out_;     // answers in order, to be sent at the end of this turn
  size_t answered_bytes_ = 0;  // of answers that were not handed to the stream yet

  size_t mutes_ = 0;
  std::optional<uint64_t> held_by_;  // the request that has to be answered first
  bool is_turning_ = false;
  bool is_turn_scheduled_ = false;
  bool is_reading_ = true;
  bool is_waiting_for_budget_ = false;
  bool is_ending_ = false;   // close_when_answered
  bool is_closing_ = false;  // on_closed is on its way
  std::string close_reason_;

  uint64_t activity_ = 0;
  uint64_t activity_at_idle_check_ = 0, activity_at_frame_check_ = 0;
  size_t unsent_at_idle_check_ = 0;
  int idle_checks_ = 0;
  Timers::Id idle_timer_ = 0, frame_timer_ = 0;
};

}  // namespace kt::net
