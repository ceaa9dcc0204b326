#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/net/fifo.h"
#include "libbroker/net/frame_reader.h"
#include "libbroker/net/memory_budget.h"

namespace kt::net {

/// The asking end of a connection: requests go out as they are sent, answers come back in the same order. All
/// calls and callbacks are on the loop; no callback is made from inside send(). The first failure, a timeout
/// included, ends the connection: an answer that is late would be taken for the next one's.
///
/// Answers count against `budget`, but never wait for it: they were asked for, and a heartbeat's answer must
/// not queue behind a fetch's. Destroying the connection, which a callback may do, forgets what is pending
/// without a call.
class ClientConnection final : private Stream::Handler {
 public:
  /// The response, header included, without its size. Errors: network_exception, request_timed_out; with a
  /// sentence.
  using Done = std::move_only_function<void(Result<Slice>)>;
  using Opened = std::move_only_function<void(Result<std::unique_ptr<ClientConnection>>)>;

  static void open(Net& net, Loop& loop, MemoryBudget& budget, const Endpoint& to, int64_t timeout_ms,
                   Opened opened);
  ClientConnection(Loop& loop, MemoryBudget& budget, std::unique_ptr<Stream> stream);
  ~ClientConnection() override;

  /// Sends a request, header included, without its size. `done` is called once, also when the connection has
  /// ended.
  void send(std::vector<Piece> request, int64_t timeout_ms, Done done);
  /// As send(), for a request that the server does not answer (Produce with acks=0).
  void send_without_answer(std::vector<Piece> request);
  /// Requests that were not answered yet.
  size_t in_flight() const { return pending_.size(); }
  size_t unsent_bytes() const { return stream_ ? stream_->unsent_bytes() : 0; }

  /// Ends the connection; everything pending fails, inside this call.
  void close(std::string_view reason);
  bool is_open() const { return stream_ != nullptr; }
  /// Called once when the connection has ended, after what was pending has failed.
  void on_end(Task ended) { ended_ = std::move(ended); }

  const Endpoint& local() const { return local_; }
  const Endpoint& peer() const { return peer_; }

 private:
  struct Pending {
    int32_t correlation_id = 0;
    Timers::Id timer = 0;
    int64_t timeout_ms = 0;
    bool is_late = false;
    Done done;
  };

  std::span<std::byte> read_buffer() override { return reader_.buffer(); }
  void on_read(size_t count) override;
  void on_closed(std::string_view reason) override { close(reason); }

  void write(std::vector<Piece> request);
  void send_out();
  void take_answer(Slice answer);
  void time_out(uint64_t request);

  Loop& loop_;
  std::unique_ptr<Stream> stream_;  // null once ended
  const Endpoint local_, peer_;
  std::vector<std::byte> landing_;
  FrameReader reader_;
  std::vector<Piece> out_;  // requests that callbacks sent while one read is worked off leave together
  bool is_working_off_ = false;
  Fifo<Pending> pending_;
  uint64_t first_pending_ = 0;  // the number of pending_.front()
  std::string end_reason_;
  Task ended_;
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>();  // expires with this
};

}  // namespace kt::net
