#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "libbroker/base/counter.h"

namespace kt::metrics {

/// How long things took, sorted into buckets four to the octave from 1 µs to 67 s, so a quantile read off
/// them is at most 19 % too high. One thread adds, any thread reads.
class Latencies {
 public:
  void add(int64_t duration_ns);

 private:
  friend class LatencySummary;
  static constexpr size_t per_octave = 4, octaves = 26;
  static constexpr size_t buckets = per_octave * octaves + 1;
  static size_t bucket_of(uint64_t microseconds);
  /// What every duration of a bucket is below, in µs.
  static double upper_bound(size_t bucket);

  std::array<Counter, buckets> counts_;
  Counter sum_ns_;
};

/// Several of them together, as of one moment.
class LatencySummary {
 public:
  void add(const Latencies& latencies);
  uint64_t count() const { return count_; }
  double sum_ms() const { return static_cast<double>(sum_ns_) / 1e6; }
  /// The time within which that part of all was done; NaN when there were none.
  double quantile_ms(double part) const;

 private:
  std::array<uint64_t, Latencies::buckets> counts_ = {};
  uint64_t count_ = 0, sum_ns_ = 0;
};

}  // namespace kt::metrics
