#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/net.h"
#include "libbroker/base/rng.h"
#include "libbroker/fault/board.h"
#include "libbroker/fault/lane.h"

namespace kt::fault {

/// What a connection of a lab's node needs besides its stream; outlives it.
struct FaultServices {
  Board& board;
  Clock& clock;
  uint64_t seed = 0;  // of jitter
};

/// A connection that obeys the board. Faults between two nodes are seen to by the one that connected, in both
/// directions; those between clients and a node, by that node. While no fault is about its link, bytes go
/// where they would have gone without it, and it only keeps count of frames.
class FaultStream final : public Stream, private Stream::Handler {
 public:
  /// `peer`: the node it is connected to; none: it was accepted, from whom its first request will tell.
  FaultStream(const FaultServices& services, Loop& loop, std::unique_ptr<Stream> stream,
              std::optional<int32_t> peer);
  ~FaultStream() override = default;

  void start(Stream::Handler& handler) override;
  void send(std::vector<Piece> pieces) override;
  size_t unsent_bytes() const override;
  void pause_reading(bool paused) override;
  Endpoint local() const override { return local_; }
  Endpoint peer() const override { return at_; }

 private:
  std::span<std::byte> read_buffer() override;
  void on_read(size_t count) override;
  void on_drained() override;
  void on_closed(std::string_view reason) override;

  bool is_accepted() const { return !connected_to_; }
  void look_at_orders();
  Verdict judge(const FrameHead& head, bool is_request, bool is_new);
  void learn_request(FrameHead& head);
  void learn_answer(FrameHead& head);
  /// Lets out what may leave; false when this was destroyed on the way.
  bool pump();
  bool pump_in();
  void pump_out();
  bool deliver(const Piece& piece);
  void wake_at(int64_t due_ns);
  void wake_soon();
  void break_off();
  void update_reading();

  const FaultServices services_;
  Loop& loop_;
  std::unique_ptr<Stream> stream_;  // null once it has ended
  const Endpoint local_, at_;
  const std::optional<int32_t> connected_to_;
  const int32_t self_;
  SeededRng rng_;
  Stream::Handler* handler_ = nullptr;
  std::shared_ptr<Board::Watcher> watcher_;  // the board holds it while it tells of a change
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // expires with this
  std::shared_ptr<const Orders> orders_;

  Lane in_, out_;
  std::deque<FrameHead> asked_;   // requests whose answers have not passed
  bool is_from_node_ = false;     // another node connected: it sees to faults between the two
  bool is_concerned_ = false;     // a fault is about this link
  bool reads_into_own_ = false;   // what is being read goes to landing_
  std::span<std::byte> reading_;  // where it goes
  std::vector<std::byte> landing_;
  std::deque<Slice> arrived_;       // released, and not yet taken by the handler
  std::optional<std::string> end_;  // why it ended, once what came before is out
  bool is_handler_paused_ = false, is_paused_ = false, owes_drained_ = false;
  std::optional<int64_t> wakes_at_ns_;
};

}  // namespace kt::fault
