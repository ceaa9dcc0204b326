#include "libcli/commands/perf/latencies.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kt::cli::perf {

/// Values below 2^sub_bits have a bucket each; above, every power of two is cut into 2^sub_bits of them.
size_t Latencies::bucket_of(uint64_t ns) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(ns)) - 1 - sub_bits);
  return (static_cast<size_t>(shift) << sub_bits) + static_cast<size_t>(ns >> shift);
}

uint64_t Latencies::end_of(size_t bucket) {
  constexpr size_t subs = size_t{1} << sub_bits;
  if (bucket < 2 * subs) return bucket;
  const size_t shift = (bucket >> sub_bits) - 1;
  return ((bucket - (shift << sub_bits) + 1) << shift) - 1;
}

void Latencies::add(int64_t ns) {
  ns = std::max<int64_t>(0, ns);
  ++buckets_[bucket_of(static_cast<uint64_t>(ns))];
  ++count_;
  max_ns_ = std::max(max_ns_, ns);
  sum_ns_ += static_cast<double>(ns);
}

double Latencies::average_ns() const { return count_ == 0 ? 0 : sum_ns_ / static_cast<double>(count_); }

int64_t Latencies::percentile_ns(double share) const {
  const auto wanted =
      std::max<int64_t>(1, static_cast<int64_t>(std::ceil(share * static_cast<double>(count_))));
  int64_t seen = 0;
  for (size_t bucket = 0; bucket < bucket_count; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted) return std::min(max_ns_, static_cast<int64_t>(end_of(bucket)));
  }
  return max_ns_;
}

}  // namespace kt::cli::perf
