#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

namespace kt::sim {

/// What happened, as one number: equal for two runs exactly when they saw the same events with the same times
/// and sizes, in the same order. Never fed with addresses or anything else that differs between processes.
class Trace {
 public:
  using Sink = std::function<void(int64_t time_ns, std::string_view what, uint64_t a, uint64_t b)>;

  void note(int64_t time_ns, std::string_view what, uint64_t a = 0, uint64_t b = 0) {
    mix(static_cast<uint64_t>(time_ns));
    for (const char c : what) hash_ = (hash_ ^ static_cast<uint8_t>(c)) * 0x100000001B3;  // FNV-1a
    mix(a);
    mix(b);
    ++notes_;
    if (sink_) sink_(time_ns, what, a, b);
  }
  uint64_t hash() const { return hash_; }
  uint64_t notes() const { return notes_; }
  /// Also tells `sink` from now on: to find where two runs part.
  void set_sink(Sink sink) { sink_ = std::move(sink); }

 private:
  void mix(uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15;
    hash_ ^= hash_ >> 32;
  }

  uint64_t hash_ = 0xCBF29CE484222325;
  uint64_t notes_ = 0;
  Sink sink_;
};

}  // namespace kt::sim
