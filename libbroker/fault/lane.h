#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "libbroker/base/slice.h"
#include "libbroker/fault/frames.h"

namespace kt::fault {

/// What becomes of a frame.
struct Verdict {
  bool is_held = false;  // until the orders change
  bool is_lost = false;
  int64_t delay_ms = 0;          // asked for once a frame
  int64_t bytes_per_second = 0;  // 0: as fast as it goes
};

/// One direction of a connection. Bytes go in as they come; out they go, in order, as the verdict on their
/// frame has it.
class Lane {
 public:
  /// `is_new`: the frame is judged for the first time.
  using Judge = std::function<Verdict(const FrameHead& head, bool is_new)>;
  /// Completes what is known of a frame, in the order of frames: an answer's API is known from its request.
  using Learn = std::function<void(FrameHead& head)>;
  Lane(FrameCutter::Carries carries, Learn learn) : cutter_(carries), learn_(std::move(learn)) {}

  /// These bytes pass at once; only while is_idle().
  void follow(const Piece& piece);
  void follow(std::span<const std::byte> bytes);
  /// These bytes wait here.
  void take(Piece piece, int64_t now_ns);
  /// Nothing waits here.
  bool is_idle() const;
  size_t held_bytes() const { return held_bytes_; }
  /// No more bytes come, so what there is of a frame's head will never be one.
  void drop_half_head() {
    for (const Piece& half : half_head_) held_bytes_ -= size_of(half);
    half_head_.clear();
  }
  /// What waits here is gone.
  void drop() {
    frames_.clear();
    half_head_.clear();
    held_bytes_ = 0;
  }

  struct Next {
    std::optional<Piece> piece;          // that may leave now
    std::optional<int64_t> due_ns = {};  // else: when to ask again; none: when something has changed
    bool is_lost = false;                // the frame is gone
  };
  Next next(const Judge& judge, int64_t now_ns);

 private:
  struct Frame {
    FrameHead head;
    std::deque<Piece> pieces;
    int64_t arrived_ns = 0;
    std::optional<int64_t> due_ns;
    bool is_begun = false;  // some of it has left
    bool is_whole = false;  // all of it has come
  };
  void append(Piece piece);

  FrameCutter cutter_;
  const Learn learn_;
  FrameHead head_;                // of the frame under way
  std::vector<Piece> half_head_;  // of a frame that is not known yet
  std::deque<Frame> frames_;
  size_t held_bytes_ = 0;
  int64_t last_due_ns_ = 0, free_at_ns_ = 0;
};

}  // namespace kt::fault
