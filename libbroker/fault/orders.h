#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/result.h"

namespace kt::fault {

/// The end of a link that is no node of the lab: whoever else connects to a broker.
inline constexpr int32_t clients = -1;

/// One thing that a lab has go wrong, until it is healed.
struct Fault {
  enum class Kind : uint8_t {
    cut,       // what is sent waits until the link is whole again, as behind a cable that is pulled
    slow,      // it arrives later
    throttle,  // so many bytes a second and direction
    lose,      // a frame is gone, and with it the connection that it was on
    disk_full,
    disk_error,
  };
  enum class Frames : uint8_t { all, requests, answers };

  int32_t id = 0;
  Kind kind = Kind::cut;
  std::set<int32_t> a, b;  // between these and those, or from these to those; a disk's: of these nodes
  bool is_one_way = false;
  Frames frames = Frames::all;
  std::set<int16_t> apis;               // keys; of an answer, that of its request. Empty: any
  std::string client;                   // client.id of the request; empty: any
  int64_t delay_ms = 0, jitter_ms = 0;  // slow: between delay - jitter and delay + jitter
  int64_t bytes_per_second = 0;         // throttle
  int64_t count = 0;                    // lose: how many frames; disk_full: how many bytes still fit
  std::string text;                     // as it was asked for

  bool is_of_disk() const { return kind == Kind::disk_full || kind == Kind::disk_error; }
  /// Whether it is about frames from `from` to `to`, some of them at least.
  bool joins(int32_t from, int32_t to) const;
  bool operator==(const Fault&) const = default;
};
std::string_view name_of(Fault::Kind kind);

/// What a lab's nodes take for the time of day: `lab_ms` when it was `real_ms`, and `rate` times as fast.
struct ClockSetting {
  int64_t real_ms = 0, lab_ms = 0;
  double rate = 1;
  int64_t at(int64_t now_ms) const {
    return lab_ms + static_cast<int64_t>(static_cast<double>(now_ms - real_ms) * rate);
  }
  bool operator==(const ClockSetting&) const = default;
};

/// All that a lab has told one of its nodes to do to itself. A line of JSON on the node's control channel;
/// each replaces the one before.
struct Orders {
  int64_t version = 0;
  int32_t node = 0;                   // whose orders these are
  std::map<uint16_t, int32_t> ports;  // which node listens where, on 127.0.0.1
  std::vector<Fault> faults;
  ClockSetting clock;
  std::optional<uint64_t> seed;  // of the node's chance

  bool operator==(const Orders&) const = default;
};
std::string to_line(const Orders& orders);
/// Errors: invalid_request with a sentence.
Result<Orders> parse_orders(std::string_view line);

/// A fault as the control socket and the channel have it.
std::string to_json(const Fault& fault);
Result<Fault> parse_fault(std::string_view json);

}  // namespace kt::fault
