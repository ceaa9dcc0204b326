#pragma once
#include <cstdint>
#include <iosfwd>
#include <vector>

namespace kt::cli::producer_perf_test {

/// What producer-performance counts and prints, in its words. Latencies are whole milliseconds; percentiles
/// come from at most some 500,000 of them, as there.
class Stats {
 public:
  enum class Of { whole_run, steady_state };  // the latter: after the warm-up

  Stats(int64_t records, int64_t reporting_interval_ms, Of of, int64_t now_ms);
  /// One record that was delivered. Prints a line when an interval is over.
  void record(int64_t latency_ms, int64_t bytes, int64_t now_ms, std::ostream& out);
  /// From now on intervals are counted, but not printed: another Stats does that.
  void suppress_printing() { is_printing_ = false; }
  void print_total(int64_t now_ms, std::ostream& out) const;

 private:
  struct Sum {
    int64_t count = 0, bytes = 0, latency_ms = 0, latency_ms_max = 0;
    void add(int64_t latency, int64_t record_bytes);
  };
  void print_window(int64_t now_ms, std::ostream& out) const;

  const Of of_;
  const int64_t start_ms_, sampling_, reporting_interval_ms_;
  int64_t window_start_ms_;
  bool is_printing_ = true;
  Sum total_, window_;
  std::vector<int32_t> sampled_ms_;
};

}  // namespace kt::cli::producer_perf_test
