#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace kt::cli::perf {

/// How long things took, in buckets that are at most 1/64 of their value wide: any number of samples in 32
/// KiB.
class Latencies {
 public:
  void add(int64_t ns);
  int64_t count() const { return count_; }
  int64_t max_ns() const { return max_ns_; }
  double average_ns() const;
  /// The least value that this share of the samples (0 to 1) does not exceed, rounded up to its bucket's end;
  /// 0 without samples.
  int64_t percentile_ns(double share) const;

 private:
  static constexpr int sub_bits = 6;
  static constexpr size_t bucket_count = size_t{64 - sub_bits + 1} << sub_bits;
  static size_t bucket_of(uint64_t ns);
  static uint64_t end_of(size_t bucket);  // the greatest value in it

  std::array<int64_t, bucket_count> buckets_ = {};
  int64_t count_ = 0;
  int64_t max_ns_ = 0;
  double sum_ns_ = 0;
};

}  // namespace kt::cli::perf
