#include "libcli/commands/consumer_perf_test/progress.h"

#include <fmt/core.h>

#include <ostream>

#include "libcli/term/java_decimal.h"

namespace kt::cli::consumer_perf_test {
namespace {

std::string decimal(double value) { return term::java_decimal(value, 4); }
double mb(int64_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }
double seconds(int64_t ms) { return static_cast<double>(ms) / 1000.0; }
std::string date(int64_t ms, const config::DateFormat& dates) {
  return dates.format(ms, config::local_offset_s(ms));
}

}  // namespace

void print_header(bool detailed, std::ostream& out) {
  out << (detailed ? "time, threadId" : "start.time, end.time")
      << ", data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, "
         "fetch.MB.sec, fetch.nMsg.sec\n";
}

void print_interval(const Interval& interval, const config::DateFormat& dates, std::ostream& out) {
  const int64_t elapsed_ms = interval.end_ms - interval.start_ms;
  const int64_t fetching_ms = elapsed_ms - interval.joining_ms;
  const double read_mb = mb(interval.total.bytes - interval.before.bytes);
  const auto records = static_cast<double>(interval.total.records - interval.before.records);
  const auto while_fetching = [&](double amount) {
    return decimal(fetching_ms <= 0 ? 0 : amount / seconds(fetching_ms));
  };
  out << fmt::format("{}, 0, {}, {}, {}, {}, {}, {}, {}, {}\n", date(interval.end_ms, dates),
                     decimal(mb(interval.total.bytes)), decimal(read_mb / seconds(elapsed_ms)),
                     interval.total.records, decimal(records / seconds(elapsed_ms)), interval.joining_ms,
                     fetching_ms, while_fetching(read_mb), while_fetching(records));
  out.flush();
}

void print_summary(const Summary& summary, const config::DateFormat& dates, std::ostream& out) {
  const int64_t elapsed_ms = summary.end_ms - summary.start_ms;
  const int64_t fetching_ms = elapsed_ms - summary.joining_ms;
  const double read_mb = mb(summary.total.bytes);
  const auto records = static_cast<double>(summary.total.records);
  out << fmt::format("{}, {}, {}, {}, {}, {}, {}, {}, {}, {}\n", date(summary.start_ms, dates),
                     date(summary.end_ms, dates), decimal(read_mb), decimal(read_mb / seconds(elapsed_ms)),
                     summary.total.records, decimal(records / seconds(elapsed_ms)), summary.joining_ms,
                     fetching_ms, decimal(read_mb / seconds(fetching_ms)),
                     decimal(records / seconds(fetching_ms)));
}

}  // namespace kt::cli::consumer_perf_test
