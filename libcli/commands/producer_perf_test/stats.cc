#include "libcli/commands/producer_perf_test/stats.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "libcli/term/java_decimal.h"

namespace kt::cli::producer_perf_test {
namespace {

constexpr int64_t samples_max = 500'000;
constexpr double bytes_per_mb = 1024.0 * 1024.0;

double per_second(int64_t amount, int64_t elapsed_ms) {
  return 1000.0 * static_cast<double>(amount) / static_cast<double>(elapsed_ms);
}

}  // namespace

void Stats::Sum::add(int64_t latency, int64_t record_bytes) {
  ++count;
  bytes += record_bytes;
  latency_ms += latency;
  latency_ms_max = std::max(latency_ms_max, latency);
}

Stats::Stats(int64_t records, int64_t reporting_interval_ms, Of of, int64_t now_ms)
    : of_(of),
      start_ms_(now_ms),
      sampling_(records / std::min(records, samples_max)),
      reporting_interval_ms_(reporting_interval_ms),
      window_start_ms_(now_ms) {}

void Stats::record(int64_t latency_ms, int64_t bytes, int64_t now_ms, std::ostream& out) {
  if (total_.count % sampling_ == 0) sampled_ms_.push_back(static_cast<int32_t>(latency_ms));
  total_.add(latency_ms, bytes);
  window_.add(latency_ms, bytes);
  if (now_ms - window_start_ms_ < reporting_interval_ms_) return;
  if (of_ == Of::steady_state && total_.count == window_.count) out << "In steady state.\n";
  if (is_printing_) print_window(now_ms, out);
  window_ = {};
  window_start_ms_ = now_ms;
}

void Stats::print_window(int64_t now_ms, std::ostream& out) const {
  using term::java_decimal;
  const int64_t elapsed_ms = now_ms - window_start_ms_;
  out << fmt::format(
      "{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency.\n", window_.count,
      java_decimal(per_second(window_.count, elapsed_ms), 1),
      java_decimal(per_second(window_.bytes, elapsed_ms) / bytes_per_mb, 2),
      java_decimal(static_cast<double>(window_.latency_ms) / static_cast<double>(window_.count), 1),
      java_decimal(static_cast<double>(window_.latency_ms_max), 1));
  out.flush();
}

void Stats::print_total(int64_t now_ms, std::ostream& out) const {
  using term::java_decimal;
  std::vector<int32_t> sorted = sampled_ms_;
  std::ranges::sort(sorted);
  const auto percentile = [&](double share) {
    return sorted.empty() ? 0 : sorted[static_cast<size_t>(share * static_cast<double>(sorted.size()))];
  };
  const int64_t elapsed_ms = now_ms - start_ms_;
  out << fmt::format(
      "{}{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency, {} ms 50th, {} "
      "ms 95th, {} ms 99th, "
      "{} ms 99.9th.\n",
      total_.count, of_ == Of::steady_state ? " steady state" : "",
      java_decimal(per_second(total_.count, elapsed_ms), 1),
      java_decimal(per_second(total_.bytes, elapsed_ms) / bytes_per_mb, 2),
      java_decimal(static_cast<double>(total_.latency_ms) / static_cast<double>(total_.count), 2),
      java_decimal(static_cast<double>(total_.latency_ms_max), 2), percentile(0.5), percentile(0.95),
      percentile(0.99), percentile(0.999));
}

}  // namespace kt::cli::producer_perf_test
