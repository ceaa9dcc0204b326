#pragma once
#include <cstdint>
#include <iosfwd>

#include "libcli/config/date_format.h"

namespace kt::cli::consumer_perf_test {

/// What was read until some moment.
struct Read {
  int64_t records = 0;
  int64_t bytes = 0;  // of keys and values
};

/// The columns of consumer-performance.
void print_header(bool detailed, std::ostream& out);

/// A line of the detailed view: an interval. Rates without time are "Infinity" or "NaN" up to the fetch
/// columns, 0 in these.
struct Interval {
  int64_t start_ms = 0, end_ms = 0;
  int64_t joining_ms = 0;  // of it
  Read before, total;
};
void print_interval(const Interval& interval, const config::DateFormat& dates, std::ostream& out);

/// The one line of the plain view.
struct Summary {
  int64_t start_ms = 0, end_ms = 0;
  int64_t joining_ms = 0;
  Read total;
};
void print_summary(const Summary& summary, const config::DateFormat& dates, std::ostream& out);

}  // namespace kt::cli::consumer_perf_test
