#include "libbroker/fault/fault_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace kt::fault {
namespace {

constexpr size_t landing_bytes = 64 << 10;
constexpr size_t held_bytes_max = 4 << 20;  // of what is read; then reading stops, as a full window would
constexpr size_t asked_max = 4096;          // requests that nobody answers (acks=0) are forgotten

/// Nodes name themselves so to each other.
bool is_nodes_client_id(std::string_view id) {
  return id.starts_with("raft-client-") ||
         (id.starts_with("broker-") && (id.ends_with("-to-controller") || id.find("-fetcher-") != id.npos));
}

bool is_about(const Fault& fault, const FrameHead& head, bool is_request) {
  if (fault.frames == Fault::Frames::requests && !is_request) return false;
  if (fault.frames == Fault::Frames::answers && is_request) return false;
  return (fault.apis.empty() || fault.apis.contains(head.api)) &&
         (fault.client.empty() || fault.client == head.client);
}

}  // namespace

FaultStream::FaultStream(const FaultServices& services, Loop& loop, std::unique_ptr<Stream> stream,
                         std::optional<int32_t> peer)
    : services_(services),
      loop_(loop),
      stream_(std::move(stream)),
      local_(stream_->local()),
      at_(stream_->peer()),
      connected_to_(peer),
      self_(services.board.self()),
      rng_(services.seed + local_.port),
      watcher_(std::make_shared<Board::Watcher>()),
      in_(peer ? FrameCutter::Carries::answers : FrameCutter::Carries::requests,
          [this](FrameHead& head) { is_accepted() ? learn_request(head) : learn_answer(head); }),
      out_(peer ? FrameCutter::Carries::requests : FrameCutter::Carries::answers,
           [this](FrameHead& head) { is_accepted() ? learn_answer(head) : learn_request(head); }) {
  watcher_->changed = [this] {
    look_at_orders();
    pump();
  };
  services_.board.watch(loop_, watcher_);
  look_at_orders();
}

void FaultStream::start(Stream::Handler& handler) {
  handler_ = &handler;
  stream_->start(*this);
}

void FaultStream::look_at_orders() {
  orders_ = services_.board.orders();
  const int32_t peer = connected_to_.value_or(clients);
  is_concerned_ = std::ranges::any_of(orders_->faults, [&](const Fault& fault) {
    return fault.joins(self_, peer) || fault.joins(peer, self_);
  });
}

Verdict FaultStream::judge(const FrameHead& head, bool is_request, bool is_new) {
  Verdict verdict;
  if (is_accepted() && is_from_node_) return verdict;
  const int32_t peer = connected_to_.value_or(clients);
  const bool goes_out = is_request != is_accepted();
  const auto concerns = [&](const Fault& fault) {
    return (goes_out ? fault.joins(self_, peer) : fault.joins(peer, self_)) &&
           is_about(fault, head, is_request);
  };
  for (const Fault& fault : orders_->faults) {
    if (!concerns(fault)) continue;
    switch (fault.kind) {
      case Fault::Kind::cut:
        verdict.is_held = true;
        break;
      case Fault::Kind::slow:
        if (!is_new) break;
        verdict.delay_ms += fault.delay_ms - fault.jitter_ms;
        if (fault.jitter_ms > 0)
          verdict.delay_ms +=
              static_cast<int64_t>(rng_.below(2 * static_cast<uint64_t>(fault.jitter_ms) + 1));
        break;
      case Fault::Kind::throttle:
        verdict.bytes_per_second = verdict.bytes_per_second == 0
                                       ? fault.bytes_per_second
                                       : std::min(verdict.bytes_per_second, fault.bytes_per_second);
        break;
      default:
        break;
    }
  }
  // What a cut holds back is not lost yet: it will be judged again.
  verdict.is_lost =
      is_new && !verdict.is_held && std::ranges::any_of(orders_->faults, [&](const Fault& fault) {
        return fault.kind == Fault::Kind::lose && concerns(fault) && services_.board.spend(fault, 1);
      });
  return verdict;
}

void FaultStream::learn_request(FrameHead& head) {
  if (is_accepted()) is_from_node_ = is_nodes_client_id(head.client);
  asked_.push_back(head);
  if (asked_.size() > asked_max) asked_.pop_front();
}

void FaultStream::learn_answer(FrameHead& head) {
  const auto asked = std::ranges::find(asked_, head.correlation_id, &FrameHead::correlation_id);
  if (asked == asked_.end()) return;
  head = *asked;
  asked_.erase(asked_.begin(), asked + 1);  // answers come in order: those before have none
}

// --- out

void FaultStream::send(std::vector<Piece> pieces) {
  if (!stream_ || end_) return;
  if (!is_concerned_ && out_.is_idle()) {
    for (const Piece& piece : pieces) out_.follow(piece);
    return stream_->send(std::move(pieces));
  }
  const int64_t now_ns = services_.clock.monotonic_ns();
  for (Piece& piece : pieces) out_.take(std::move(piece), now_ns);
  wake_soon();  // what is lost ends the connection, and nothing ends inside of send()
}

size_t FaultStream::unsent_bytes() const {
  return out_.held_bytes() + (stream_ ? stream_->unsent_bytes() : 0);
}

void FaultStream::pump_out() {
  std::vector<Piece> ready;
  while (stream_) {
    auto next =
        out_.next([this](const FrameHead& head, bool is_new) { return judge(head, !is_accepted(), is_new); },
                  services_.clock.monotonic_ns());
    if (next.is_lost) return break_off();
    if (next.due_ns) wake_at(*next.due_ns);
    if (!next.piece) break;
    ready.push_back(std::move(*next.piece));
  }
  if (ready.empty()) return;
  owes_drained_ = true;
  stream_->send(std::move(ready));
}

void FaultStream::on_drained() {
  if (out_.held_bytes() > 0) return;
  owes_drained_ = false;
  handler_->on_drained();
}

// --- in

std::span<std::byte> FaultStream::read_buffer() {
  reads_into_own_ = is_concerned_ || !in_.is_idle() || !arrived_.empty();
  if (!reads_into_own_) return reading_ = handler_->read_buffer();
  if (in_.held_bytes() > held_bytes_max) {
    is_paused_ = true;
    stream_->pause_reading(true);
    return {};
  }
  landing_.resize(landing_bytes);
  return reading_ = landing_;
}

void FaultStream::on_read(size_t count) {
  const auto bytes = std::span<const std::byte>(reading_).first(count);
  if (!reads_into_own_) {
    in_.follow(bytes);
    return handler_->on_read(count);
  }
  in_.take(Slice::copy(bytes), services_.clock.monotonic_ns());
  pump_in();
}

/// Hands over to the handler as much as it takes; false when this was destroyed on the way.
bool FaultStream::pump_in() {
  const std::weak_ptr<bool> alive = alive_;
  while (!is_handler_paused_) {
    if (arrived_.empty()) {
      if (!stream_ && !end_) return true;
      auto next =
          in_.next([this](const FrameHead& head, bool is_new) { return judge(head, is_accepted(), is_new); },
                   services_.clock.monotonic_ns());
      if (next.is_lost) return break_off(), true;
      if (next.due_ns) wake_at(*next.due_ns);
      if (!next.piece) break;
      arrived_.push_back(std::get<Slice>(std::move(*next.piece)));
    }
    Slice& first = arrived_.front();
    const auto into = handler_->read_buffer();
    if (into.empty()) break;
    const size_t count = std::min(into.size(), first.size());
    std::memcpy(into.data(), first.data(), count);
    first = first.sub(count);
    if (first.size() == 0) arrived_.pop_front();
    handler_->on_read(count);
    if (alive.expired()) return false;
  }
  update_reading();
  if (!end_ || !arrived_.empty() || in_.held_bytes() > 0) return true;
  handler_->on_closed(*std::exchange(end_, std::nullopt));
  return !alive.expired();
}

/// The peer has closed, or it looks so. Behind a cut cable that is not heard of.
void FaultStream::on_closed(std::string_view reason) {
  stream_.reset();
  end_ = std::string(reason);
  in_.drop_half_head();
  const bool is_cut = judge({}, is_accepted(), false).is_held;
  if (!is_cut) pump_in();
}

/// A frame was lost: the connection is of no use to anyone.
void FaultStream::break_off() {
  stream_.reset();
  arrived_.clear();
  in_.drop();
  out_.drop();
  end_ = "the lab lost a frame";
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) pump_in();
  });
}

bool FaultStream::pump() {
  if (!pump_in()) return false;
  const std::weak_ptr<bool> alive = alive_;
  pump_out();
  if (std::exchange(owes_drained_, false) && stream_ && unsent_bytes() == 0) handler_->on_drained();
  return !alive.expired();
}

void FaultStream::pause_reading(bool paused) {
  is_handler_paused_ = paused;
  update_reading();
  if (!paused && (!arrived_.empty() || !in_.is_idle() || end_)) wake_soon();
}

void FaultStream::update_reading() {
  const bool should_pause = is_handler_paused_ || in_.held_bytes() > held_bytes_max;
  if (!stream_ || should_pause == is_paused_) return;
  is_paused_ = should_pause;
  stream_->pause_reading(should_pause);
}

void FaultStream::wake_at(int64_t due_ns) {
  if (wakes_at_ns_ && *wakes_at_ns_ <= due_ns) return;
  wakes_at_ns_ = due_ns;
  const int64_t delay_ms =
      std::max<int64_t>(0, (due_ns - services_.clock.monotonic_ns() + 999'999) / 1'000'000);
  loop_.after(delay_ms, [this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    wakes_at_ns_.reset();
    pump();
  });
}

void FaultStream::wake_soon() {
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) pump();
  });
}

}  // namespace kt::fault
