#include "libbroker/net/server_connection.h"

#include <atomic>
#include <exception>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"

namespace kt::net {
namespace {

constexpr size_t gathered_bytes_max = 1 << 20;  // of answers, in a turn, before they are sent
constexpr int idle_checks_max = 4;  // in a row without a read or a write; each a quarter of the allowed time

}  // namespace

class ServerConnection::Anchor final : public Reply::Sink, public std::enable_shared_from_this<Anchor> {
 public:
  Anchor(ServerConnection& connection, Loop& loop) : connection_(&connection), loop_(loop) {}
  void answer(uint64_t request, std::optional<std::vector<Piece>> bytes) override {
    if (connection() != nullptr) connection()->answer(request, std::move(bytes));
  }
  /// A reply dies wherever its last holder does, perhaps in the ruins of a shard on another thread.
  void dropped(uint64_t) override {
    if (connection() == nullptr) return;
    loop_.post([self = shared_from_this()] {
      if (self->connection() != nullptr) self->connection()->close("a request was dropped unanswered");
    });
  }
  void mute(int64_t delay_ms) override {
    if (connection() != nullptr) connection()->mute(delay_ms);
  }
  Loop* loop() override { return &loop_; }
  ServerConnection* connection() const { return connection_.load(std::memory_order_relaxed); }
  void forget() { connection_.store(nullptr, std::memory_order_relaxed); }

 private:
  std::atomic<ServerConnection*> connection_;  // used on the loop only
  Loop& loop_;
};

ServerConnection::ServerConnection(ServerLoop& home, std::unique_ptr<Stream> stream)
    : home_(home),
      stream_(std::move(stream)),
      local_(stream_->local()),
      peer_(stream_->peer()),
      anchor_(std::make_shared<Anchor>(*this, home.loop)),
      reader_(home.landing, home.budget, home.limits.frame_bytes_max) {
  home_.counters.opened.add();
  home_.counters.open.add();
}

ServerConnection::~ServerConnection() {
  anchor_->forget();
  home_.loop.cancel(idle_timer_);
  home_.loop.cancel(frame_timer_);
  home_.counters.open.subtract();
}

void ServerConnection::start() {
  if (home_.limits.idle_ms_max >= 0) watch_idle();
  home_.dispatcher.on_opened(*this);
  stream_->start(*this);
}

void ServerConnection::mute(int64_t delay_ms) {
  ++mutes_;
  home_.loop.after(delay_ms, [weak = std::weak_ptr(anchor_)] {
    const auto anchor = weak.lock();
    if (!anchor || anchor->connection() == nullptr) return;
    --anchor->connection()->mutes_;
    anchor->connection()->turn();
  });
}

void ServerConnection::hold_until_answered() {
  KT_ASSERT(!open_.empty());
  if (!open_[open_.size() - 1].is_done) held_by_ = first_open_ + open_.size() - 1;
}

void ServerConnection::close_when_answered(std::string reason) {
  if (is_closing_) return;
  is_ending_ = true;
  close_reason_ = std::move(reason);
  update_reading();
  schedule_turn();
}

void ServerConnection::close(std::string reason) {
  if (std::exchange(is_closing_, true)) return;
  close_reason_ = std::move(reason);
  update_reading();
  home_.loop.post([anchor = anchor_] {
    if (anchor->connection() != nullptr) anchor->connection()->finish_close();
  });
}

void ServerConnection::finish_close() {
  stream_.reset();
  home_.dispatcher.on_closed(*this, close_reason_);  // may destroy this
}

// --- the stream's side

std::span<std::byte> ServerConnection::read_buffer() {
  if (!reader_.is_inside_frame() && home_.budget.is_exhausted()) {
    wait_for_budget();
    return {};
  }
  return reader_.buffer();
}

void ServerConnection::on_read(size_t count) {
  ++activity_;
  home_.counters.received_bytes.add(count);
  try {
    reader_.on_read(count, unstarted_);
  } catch (const BadFrame& bad) {
    return refuse(bad);
  } catch (const std::bad_alloc&) {
    return close("no memory for a frame");
  }
  turn();
  if (reader_.is_inside_frame() && frame_timer_ == 0) watch_frame();
}

/// What a peer says first may be a word of another protocol; it is answered in kind, and that is all.
void ServerConnection::refuse(const BadFrame& bad) {
  home_.counters.bad_frames.add();
  const bool is_first = first_open_ == 0 && open_.empty() && unstarted_.empty();
  const std::string answer = is_first ? home_.dispatcher.answer_to_word(bad.prefix) : "";
  if (answer.empty()) return close(bad.what());
  stream_->send({Slice::copy(answer)});
  close_when_answered(bad.what());
}

void ServerConnection::on_drained() { turn(); }

void ServerConnection::on_closed(std::string_view reason) {
  is_reading_ = false;
  close(std::string(reason));
}

void ServerConnection::wait_for_budget() {
  is_waiting_for_budget_ = true;
  update_reading();
  home_.budget.when_available(home_.loop, [weak = std::weak_ptr(anchor_)] {
    const auto anchor = weak.lock();
    if (!anchor || anchor->connection() == nullptr) return;
    anchor->connection()->is_waiting_for_budget_ = false;
    anchor->connection()->update_reading();
  });
}

void ServerConnection::update_reading() {
  const bool should_read = may_begin() && unstarted_.empty() && !is_waiting_for_budget_;
  if (should_read == is_reading_ || stream_ == nullptr) return;
  is_reading_ = should_read;
  ++activity_;  // the time in which we did not read does not count against the peer
  stream_->pause_reading(!should_read);
}

// --- requests and answers

bool ServerConnection::may_begin() const {
  const ServerLimits& limits = home_.limits;
  return !is_closing_ && !is_ending_ && mutes_ == 0 && !held_by_ && open_.size() < limits.open_requests_max &&
         answered_bytes_ + stream_->unsent_bytes() <= limits.unsent_bytes_max;
}

/// Begins what may begin and sends what is answered, all in one write where it is not much.
void ServerConnection::turn() {
  if (is_turning_ || is_closing_) return;
  is_turning_ = true;
  size_t left = home_.limits.turn_requests_max;
  do {
    for (; left > 0 && may_begin() && !unstarted_.empty(); --left) begin(unstarted_.pop());
    take_answers();
    if (answered_bytes_ >= gathered_bytes_max) send_out();
  } while (left > 0 && may_begin() && !unstarted_.empty());
  send_out();
  is_turning_ = false;
  if (may_begin() && !unstarted_.empty()) schedule_turn();
  update_reading();
  if (is_ending_ && open_.empty() && stream_->unsent_bytes() == 0) close(std::move(close_reason_));
}

/// Answers that come one by one, from elsewhere, leave together at the end of the loop's turn.
void ServerConnection::schedule_turn() {
  if (is_turning_ || std::exchange(is_turn_scheduled_, true)) return;
  home_.loop.post([anchor = anchor_] {
    if (anchor->connection() == nullptr) return;
    anchor->connection()->is_turn_scheduled_ = false;
    anchor->connection()->turn();
  });
}

void ServerConnection::begin(Slice frame) {
  const uint64_t number = first_open_ + open_.size();
  open_.push({});
  home_.counters.requests.add();
  try {
    home_.dispatcher.on_request(*this, std::move(frame), Reply(anchor_, number));
  } catch (const std::exception& broken) {
    close(broken.what());
  }
}

void ServerConnection::answer(uint64_t request, std::optional<std::vector<Piece>> bytes) {
  if (is_closing_) return;
  OpenRequest& open = open_[request - first_open_];
  open.is_done = true;
  if (bytes) answered_bytes_ += sizeof(int32_t) + size_of(*bytes);
  open.answer = std::move(bytes);
  const bool releases = held_by_ == request;
  if (releases) held_by_.reset();
  if (releases || request == first_open_) schedule_turn();
}

/// Moves the answers that are next in order to out_, each behind its size.
void ServerConnection::take_answers() {
  size_t count = 0;
  while (count < open_.size() && open_[count].is_done) ++count;
  if (count == 0) return;
  const auto sizes = std::make_shared_for_overwrite<std::byte[]>(count * sizeof(int32_t));
  for (std::byte* size = sizes.get(); count > 0; --count, size += sizeof(int32_t)) {
    OpenRequest request = open_.pop();
    ++first_open_;
    home_.dispatcher.on_answered(*this);
    if (!request.answer) continue;
    store_be(size, static_cast<int32_t>(size_of(*request.answer)));
    out_.emplace_back(Slice{{size, sizeof(int32_t)}, sizes});
    for (Piece& piece : *request.answer) out_.push_back(std::move(piece));
    home_.counters.responses.add();
  }
}

void ServerConnection::send_out() {
  if (out_.empty() || is_closing_) return;
  const size_t bytes = size_of(out_);
  home_.counters.sent_bytes.add(bytes);
  answered_bytes_ -= bytes;
  stream_->send(std::exchange(out_, {}));
}

// --- time

/// Looks four times in the allowed time, and closes when each time nothing was open, nothing had been read
/// and the peer had taken nothing.
void ServerConnection::watch_idle() {
  idle_timer_ = home_.loop.after(home_.limits.idle_ms_max / idle_checks_max, [this] {
    const size_t unsent = stream_ ? stream_->unsent_bytes() : 0;
    const bool is_taking = unsent < std::exchange(unsent_at_idle_check_, unsent);
    // What was read before an answer that took long counts when that has been given.
    const bool is_active =
        !open_.empty() || std::exchange(activity_at_idle_check_, activity_) != activity_ || is_taking;
    idle_checks_ = is_active ? 0 : idle_checks_ + 1;
    if (idle_checks_ < idle_checks_max) return watch_idle();
    home_.counters.idle_closed.add();
    close("idle for too long");
  });
}

/// Armed while a frame is incomplete, at most once at a time: a busy connection pays for one timer per
/// allowed time.
void ServerConnection::watch_frame() {
  activity_at_frame_check_ = activity_;
  frame_timer_ = home_.loop.after(home_.limits.stalled_frame_ms_max, [this] {
    frame_timer_ = 0;
    if (!reader_.is_inside_frame()) return;
    if (is_reading_ && activity_ == activity_at_frame_check_)
      return close("a frame was begun and not continued");
    watch_frame();
  });
}

}  // namespace kt::net
