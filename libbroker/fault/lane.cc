#include "libbroker/fault/lane.h"

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"

namespace kt::fault {

void Lane::follow(std::span<const std::byte> bytes) {
  frames_.clear();
  while (!bytes.empty()) {
    auto cut = cutter_.next(bytes);
    if (cut.head) learn_(head_ = std::move(*cut.head));
    bytes = bytes.subspan(cut.bytes);
  }
}

void Lane::follow(const Piece& piece) {
  if (const auto* slice = std::get_if<Slice>(&piece)) return follow(slice->bytes);
  frames_.clear();
  cutter_.skip(size_of(piece));
}

void Lane::append(Piece piece) {
  if (frames_.empty()) frames_.push_back({.head = head_, .pieces = {}, .is_begun = true});
  held_bytes_ += size_of(piece);
  frames_.back().pieces.push_back(std::move(piece));
  frames_.back().is_whole = cutter_.left() == 0;
}

void Lane::take(Piece piece, int64_t now_ns) {
  auto* slice = std::get_if<Slice>(&piece);
  if (!slice) {
    cutter_.skip(size_of(piece));  // a file's bytes are never the first of a frame
    return append(std::move(piece));
  }
  for (Slice rest = std::move(*slice); rest.size() > 0;) {
    auto cut = cutter_.next(rest.bytes);
    Slice part = rest.sub(0, cut.bytes);
    rest = rest.sub(cut.bytes);
    if (cutter_.is_in_head()) {
      held_bytes_ += part.size();
      half_head_.emplace_back(std::move(part));
      continue;
    }
    if (cut.head) {
      learn_(head_ = std::move(*cut.head));
      frames_.push_back({.head = head_, .pieces = {}, .arrived_ns = now_ns});
      for (Piece& half : std::exchange(half_head_, {})) frames_.back().pieces.push_back(std::move(half));
    }
    append(std::move(part));
  }
}

bool Lane::is_idle() const {
  if (!half_head_.empty()) return false;
  return std::ranges::all_of(frames_,
                             [](const Frame& frame) { return frame.is_begun && frame.pieces.empty(); });
}

Lane::Next Lane::next(const Judge& judge, int64_t now_ns) {
  while (!frames_.empty() && frames_.front().pieces.empty() && frames_.front().is_whole) frames_.pop_front();
  if (frames_.empty() || frames_.front().pieces.empty()) return {};
  Frame& frame = frames_.front();
  const bool is_new = !frame.is_begun && !frame.due_ns;
  const Verdict verdict = judge(frame.head, is_new);
  if (verdict.is_held) return {};
  if (verdict.is_lost && !frame.is_begun) return {.piece = {}, .is_lost = true};
  if (is_new) {
    frame.due_ns = std::max(frame.arrived_ns + verdict.delay_ms * 1'000'000, last_due_ns_);
    last_due_ns_ = *frame.due_ns;
  }
  if (!frame.is_begun && now_ns < *frame.due_ns) return {.piece = {}, .due_ns = *frame.due_ns};
  if (verdict.bytes_per_second > 0 && now_ns < free_at_ns_) return {.piece = {}, .due_ns = free_at_ns_};
  frame.is_begun = true;
  Piece piece = std::move(frame.pieces.front());
  frame.pieces.pop_front();
  const size_t bytes = size_of(piece);
  held_bytes_ -= bytes;
  if (verdict.bytes_per_second > 0) {
    const double seconds = static_cast<double>(bytes) / static_cast<double>(verdict.bytes_per_second);
    free_at_ns_ = std::max(now_ns, free_at_ns_) + static_cast<int64_t>(seconds * 1e9);
  }
  return {.piece = std::move(piece)};
}

}  // namespace kt::fault
