#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/bytes.h"
#include "libbroker/base/net.h"
#include "libbroker/net/timer_queue.h"

namespace kt::net {

/// A loop that turns when the test says so, in virtual time.
class FakeLoop final : public Loop {
 public:
  void post(Task task) override { posted_.push_back(std::move(task)); }
  Id after(int64_t delay_ms, Task task) override { return timers_.add(now_ms_ + delay_ms, std::move(task)); }
  void cancel(Id id) override { timers_.cancel(id); }

  void run_posted() {
    while (!posted_.empty()) {
      Task task = std::move(posted_.front());
      posted_.pop_front();
      task();
    }
  }
  /// Runs everything that falls due, each at its time.
  void advance_ms(int64_t ms) {
    const int64_t end_ms = now_ms_ + ms;
    run_posted();
    while (timers_.next_deadline() && *timers_.next_deadline() <= end_ms) {
      now_ms_ = *timers_.next_deadline();
      while (Task task = timers_.take_due(now_ms_)) task();
      run_posted();
    }
    now_ms_ = end_ms;
  }

 private:
  std::deque<Task> posted_;
  TimerQueue timers_;
  int64_t now_ms_ = 0;
};

/// What both ends of a fake stream see; outlives the stream.
struct FakeWire {
  Stream::Handler* handler = nullptr;
  std::string to_read;           // arrived and not yet read
  std::string sent;              // taken by the peer
  std::string unsent;            // not yet taken
  size_t sends = 0;              // calls of send()
  size_t peer_takes = SIZE_MAX;  // how much more the peer takes
  bool is_paused = false;
  bool is_destroyed = false;

  /// Bytes come from the peer, at most `step` in one read.
  void deliver(std::string_view bytes, size_t step = SIZE_MAX) {
    to_read += bytes;
    read(step);
  }
  void read(size_t step = SIZE_MAX) {
    while (!to_read.empty() && !is_paused && !is_destroyed) {
      const std::span<std::byte> into = handler->read_buffer();
      if (into.empty()) {
        EXPECT_TRUE(is_paused);
        return;
      }
      const size_t count = std::min({into.size(), to_read.size(), step});
      std::memcpy(into.data(), to_read.data(), count);
      to_read.erase(0, count);
      handler->on_read(count);
    }
  }
  /// The peer takes what is unsent and everything from now on.
  void drain() {
    const bool was_stuck = !unsent.empty();
    peer_takes = SIZE_MAX;
    sent += std::exchange(unsent, {});
    if (was_stuck) handler->on_drained();
  }
};

class FakeStream final : public Stream {
 public:
  explicit FakeStream(FakeWire& wire) : wire_(wire) {}
  ~FakeStream() override { wire_.is_destroyed = true; }
  void start(Handler& handler) override { wire_.handler = &handler; }
  void send(std::vector<Piece> pieces) override {
    ++wire_.sends;
    for (const Piece& piece : pieces) wire_.unsent += std::get<Slice>(piece).text();
    const size_t taken = std::min(wire_.unsent.size(), wire_.peer_takes);
    wire_.sent += wire_.unsent.substr(0, taken);
    wire_.unsent.erase(0, taken);
    if (wire_.peer_takes != SIZE_MAX) wire_.peer_takes -= taken;
  }
  size_t unsent_bytes() const override { return wire_.unsent.size(); }
  void pause_reading(bool paused) override { wire_.is_paused = paused; }
  Endpoint local() const override { return {"127.0.0.1", 9092}; }
  Endpoint peer() const override { return {"127.0.0.1", 50000}; }

 private:
  FakeWire& wire_;
};

/// `int32 size` and the bytes.
inline std::string framed(std::string_view body) {
  std::string bytes(4, '\0');
  store_be(reinterpret_cast<std::byte*>(bytes.data()), static_cast<int32_t>(body.size()));
  return bytes.append(body);
}

inline std::vector<Piece> pieces_of(std::string_view text) { return {Slice::copy(text)}; }

inline std::string text_of(const std::vector<Piece>& pieces) {
  std::string text;
  for (const Piece& piece : pieces) text += std::get<Slice>(piece).text();
  return text;
}

}  // namespace kt::net
