#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libbroker/base/assert.h"
#include "libbroker/base/loop.h"
#include "libbroker/base/slice.h"

namespace kt::net {

/// Answers one request: once, now or later, on its connection's loop. Dropped unanswered, on any thread, it
/// closes the connection. When the connection is gone, all of this does nothing.
class Reply {
 public:
  /// Whoever waits for answers. dropped() comes from any thread, answer() from the loop.
  class Sink {
   public:
    virtual ~Sink() = default;
    /// `bytes` is null for a request that gets no answer (Produce with acks=0).
    virtual void answer(uint64_t request, std::optional<std::vector<Piece>> bytes) = 0;
    virtual void dropped(uint64_t request) = 0;
    /// No further request of the connection begins for so long. From the loop.
    virtual void mute(int64_t delay_ms) { static_cast<void>(delay_ms); }
    /// The loop to answer on; null when any will do.
    virtual Loop* loop() { return nullptr; }
  };
  using Outcome = std::move_only_function<void(std::optional<std::vector<Piece>>)>;

  Reply(std::shared_ptr<Sink> sink, uint64_t request) : sink_(std::move(sink)), request_(request) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&& other) noexcept {
    Reply dying(std::exchange(sink_, std::move(other.sink_)), std::exchange(request_, other.request_));
    return *this;
  }
  ~Reply() {
    if (sink_) std::exchange(sink_, nullptr)->dropped(request_);
  }

  /// The response, header included, without its size.
  void operator()(std::vector<Piece> response) { take_sink()->answer(request_, std::move(response)); }
  /// The request is done and its sender expects no response.
  void without_answer() { take_sink()->answer(request_, std::nullopt); }
  /// Throttles the asker: no further request of its connection begins for so long from now on. Before the
  /// answer.
  void mute(int64_t delay_ms) { sink_->mute(delay_ms); }
  /// Not yet answered.
  explicit operator bool() const { return sink_ != nullptr; }
  /// Where it has to be answered; null when anywhere will do.
  Loop* loop() const { return sink_->loop(); }

  /// For tests and for requests that did not come over a connection: `outcome` gets the answer, as
  /// Sink::answer has it, and is not called when the reply is dropped.
  static Reply to(Outcome outcome);

 private:
  std::shared_ptr<Sink> take_sink() {
    KT_ASSERT(sink_ != nullptr);  // answered twice
    return std::exchange(sink_, nullptr);
  }

  std::shared_ptr<Sink> sink_;
  uint64_t request_;
};

}  // namespace kt::net
