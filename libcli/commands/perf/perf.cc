#include "libcli/commands/perf/perf.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/perf/load.h"
#include "libcli/term/report.h"

namespace kt::cli::perf {
namespace {

constexpr double bytes_per_mb = 1 << 20;

double ms(double ns) { return ns / 1e6; }

/// One line in the manner of Kafka's producer-performance.
void print_line(const Measured& m, std::ostream& out) {
  const auto percentile_ms = [&](double share) {
    return ms(static_cast<double>(m.latencies.percentile_ns(share)));
  };
  out << fmt::format(
      "{} requests, {:.1f} requests/sec, {:.1f} records/sec ({:.2f} MB/sec), {:.3f} ms avg latency, {:.3f} "
      "ms max latency, "
      "{:.3f} ms 50th, {:.3f} ms 99th, {:.3f} ms 99.9th.\n",
      m.requests, static_cast<double>(m.requests) / m.seconds, static_cast<double>(m.records) / m.seconds,
      static_cast<double>(m.batch_bytes) / bytes_per_mb / m.seconds, ms(m.latencies.average_ns()),
      ms(static_cast<double>(m.latencies.max_ns())), percentile_ms(0.5), percentile_ms(0.99),
      percentile_ms(0.999));
}

void print_json(const Measured& m, std::ostream& out) {
  const auto percentile_ms = [&](double share) {
    return ms(static_cast<double>(m.latencies.percentile_ns(share)));
  };
  const nlohmann::ordered_json item = {{"seconds", m.seconds},
                                       {"requests", m.requests},
                                       {"records", m.records},
                                       {"batch_bytes", m.batch_bytes},
                                       {"latency_ms",
                                        {{"avg", ms(m.latencies.average_ns())},
                                         {"max", ms(static_cast<double>(m.latencies.max_ns()))},
                                         {"p50", percentile_ms(0.5)},
                                         {"p99", percentile_ms(0.99)},
                                         {"p99.9", percentile_ms(0.999)}}}};
  term::print_document(out, "perf.raw", nlohmann::ordered_json::array({item}), {});
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "perf.raw"};
  auto session = Session::open(options.connection, environment, "kt-perf");
  if (!session) return report_failure(session.error(), style, streams);
  const auto requests = make_requests(options, **session);
  if (!requests) return report_failure(requests.error(), style, streams);
  const auto measured = LoadRun(options, *requests, **session).run();
  if (!measured) return report_failure(measured.error(), style, streams);
  options.setting.output == Output::json ? print_json(*measured, streams.out)
                                         : print_line(*measured, streams.out);
  return Exit::done;
}

}  // namespace kt::cli::perf
