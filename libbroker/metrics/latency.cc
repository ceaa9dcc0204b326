#include "libbroker/metrics/latency.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace kt::metrics {

// The octave is the number's highest bit; the quarter, its next two.
size_t Latencies::bucket_of(uint64_t microseconds) {
  if (microseconds < per_octave) return static_cast<size_t>(microseconds);
  const auto octave = static_cast<size_t>(std::bit_width(microseconds) - 1);
  const auto quarter = static_cast<size_t>(microseconds >> (octave - 2)) & (per_octave - 1);
  return std::min((octave - 1) * per_octave + quarter, buckets - 1);
}

double Latencies::upper_bound(size_t bucket) {
  if (bucket < per_octave) return static_cast<double>(bucket + 1);
  const size_t octave = bucket / per_octave + 1, quarter = bucket % per_octave;
  return std::ldexp(static_cast<double>(per_octave + quarter + 1), static_cast<int>(octave) - 2);
}

void Latencies::add(int64_t duration_ns) {
  const uint64_t ns = duration_ns > 0 ? static_cast<uint64_t>(duration_ns) : 0;
  counts_[bucket_of(ns / 1000)].add();
  sum_ns_.add(ns);
}

void LatencySummary::add(const Latencies& latencies) {
  for (size_t i = 0; i < counts_.size(); ++i) {
    const uint64_t count = latencies.counts_[i].get();
    counts_[i] += count;
    count_ += count;
  }
  sum_ns_ += latencies.sum_ns_.get();
}

double LatencySummary::quantile_ms(double part) const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto wanted =
      std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(part * static_cast<double>(count_))));
  uint64_t seen = 0;
  size_t bucket = 0;
  while ((seen += counts_[bucket]) < wanted) ++bucket;
  return Latencies::upper_bound(bucket) / 1000;
}

}  // namespace kt::metrics
