#pragma once
#include <cstdint>
#include <map>
#include <optional>

namespace kt::raft {

/// The requests this replica has sent: one at a time to each peer, the next when it is answered, has failed
/// and a pause has passed, or has taken too long.
class Peers {
 public:
  /// When the next request may leave for this peer; long ago if nothing holds it back.
  int64_t ready_at_ms(int32_t id) const {
    const auto found = peers_.find(id);
    return found == peers_.end() ? INT64_MIN : found->second.ready_at_ms;
  }
  /// Notes a request, to be given up at `timeout_at_ms`; returns its id, never used before.
  uint64_t begin(int32_t id, int64_t timeout_at_ms) {
    peers_[id] = {++last_request_, timeout_at_ms};
    return last_request_;
  }
  /// The peer that owes the answer to this request; none when it is no longer awaited.
  std::optional<int32_t> finish(uint64_t request_id) {
    for (auto& [id, peer] : peers_) {
      if (peer.request != request_id) continue;
      peer = {};
      return id;
    }
    return std::nullopt;
  }
  void pause(int32_t id, int64_t until_ms) { peers_[id] = {0, until_ms}; }
  /// Awaits no answers any more, pauses for nobody.
  void reset() { peers_.clear(); }

 private:
  struct Peer {
    uint64_t request = 0;  // 0: none in flight
    int64_t ready_at_ms = INT64_MIN;
  };
  std::map<int32_t, Peer> peers_;
  uint64_t last_request_ = 0;
};

}  // namespace kt::raft
