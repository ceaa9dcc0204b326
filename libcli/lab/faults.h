#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/fault/orders.h"
#include "libcli/lab/spec.h"

namespace kt::lab {

/// How a lab's clock is to go on.
struct ClockChange {
  enum class How : uint8_t { advance, freeze, run } how = How::advance;
  int64_t by_ms = 0;  // advance
  double rate = 1;    // run
};

/// The faults of a lab, and its clock: what its nodes are told, each time as a whole.
class Faults {
 public:
  explicit Faults(std::optional<uint64_t> seed) : seed_(seed) {}

  /// Returns its id. It ends by itself after `lasts_ms`.
  int32_t add(fault::Fault fault, std::optional<int64_t> lasts_ms, int64_t now_ms);
  /// That one; none: all. False when there is no such one.
  bool heal(std::optional<int32_t> id);
  /// Those whose time is over are healed; whether there were any.
  bool expire(int64_t now_ms);
  /// When expire() is owed next; none: no fault has an end.
  std::optional<int64_t> deadline_ms() const;
  void change_clock(const ClockChange& change, int64_t wall_ms);
  /// A node has come or gone, and the others have to hear where it listens.
  void nodes_changed() { ++version_; }

  /// What a node is told that has been started so many times.
  fault::Orders orders_for(const Spec& spec, const NodeSpec& node, int32_t starts) const;
  /// Raised by each change.
  int64_t version() const { return version_; }
  std::vector<fault::Fault> all() const;
  const fault::ClockSetting& clock() const { return clock_; }

 private:
  struct Entry {
    fault::Fault fault;
    std::optional<int64_t> ends_ms;
  };
  const std::optional<uint64_t> seed_;
  std::vector<Entry> entries_;
  fault::ClockSetting clock_;
  int32_t last_id_ = 0;
  int64_t version_ = 1;
};

/// "0,1|2", "0:1", "clients:0", "2": between whom. `controller` stands for every controller, `clients` for
/// who is no node; without a second side, every other node is meant. Errors: invalid_config.
struct Link {
  std::set<int32_t> a, b;
};
Result<Link> parse_link(const std::string& text, const Spec& spec);
/// "1MB/s", "64KiB", "500": bytes; none for anything else or 0.
std::optional<int64_t> parse_bytes(std::string_view text);
/// "200ms", "200ms±50ms", "200ms+-50ms".
struct Delay {
  int64_t ms = 0, jitter_ms = 0;
};
std::optional<Delay> parse_delay(std::string_view text);
/// "Fetch,Produce", by name or key. Errors: invalid_config.
Result<std::set<int16_t>> parse_apis(const std::vector<std::string>& names);

}  // namespace kt::lab
