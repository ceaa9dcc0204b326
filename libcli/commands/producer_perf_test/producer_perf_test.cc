#include "libcli/commands/producer_perf_test/producer_perf_test.h"

#include <fmt/core.h>

#include <algorithm>
#include <ostream>

#include "libbroker/base/clock.h"
#include "libbroker/client/producer.h"
#include "libcli/commands/framework/producer_settings.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/producer_perf_test/payloads.h"
#include "libcli/commands/producer_perf_test/stats.h"

namespace kt::cli::producer_perf_test {
namespace {

constexpr int64_t records_per_turn = 200;  // then the sockets of the loop have theirs
constexpr int64_t behind_turn_ms = 1;      // how often a throttled run looks whether the next record is due

/// Hands records to the producer as fast as it takes them, or as the throttle allows, and counts those that
/// were delivered.
class Sending {
 public:
  Sending(const Options& options, Payloads payloads, client::Producer& producer, Session& session,
          Streams& streams)
      : options_(options),
        payloads_(std::move(payloads)),
        producer_(producer),
        session_(session),
        streams_(streams),
        start_ms_(now_ms()),
        stats_(options.records, options.reporting_interval_ms, Stats::Of::whole_run, start_ms_) {}

  void run() {
    session_.wait<bool>([&](auto done) {
      finished_ = [done]() mutable { done(true); };
      session_.loop().post([this] { send_some(); });
    });
    stats_.print_total(now_ms(), streams_.out);
    if (steady_) steady_->print_total(now_ms(), streams_.out);
  }

 private:
  int64_t now_ms() { return session_.clock().wall_ms(); }

  /// Whether record `sent_` would come too early.
  bool is_early() {
    if (options_.records_per_second_max < 0) return false;
    const double elapsed_s = static_cast<double>(now_ms() - start_ms_) / 1000.0;
    return static_cast<double>(sent_) > elapsed_s * options_.records_per_second_max;
  }

  void send_some() {
    for (int64_t i = 0; i < records_per_turn && sent_ < options_.records; ++i) {
      if (is_early()) return (void)session_.loop().after(behind_turn_ms, [this] { send_some(); });
      if (producer_.is_blocked()) return producer_.when_unblocked([this] { send_some(); });
      send_one();
    }
    if (sent_ < options_.records) return session_.loop().post([this] { send_some(); });
    producer_.flush([this] { finished_(); });
  }

  void send_one() {
    if (options_.warmup_records > 0 && sent_ == options_.warmup_records) {
      steady_.emplace(options_.records - sent_, options_.reporting_interval_ms, Stats::Of::steady_state,
                      now_ms());
      stats_.suppress_printing();
    }
    client::ProducerRecord record{.topic = options_.topic, .value = payloads_.next(sent_++)};
    const auto bytes = static_cast<int64_t>(record.value.size());
    const bool is_steady = steady_.has_value();
    producer_.send(std::move(record), [this, bytes, is_steady,
                                       since_ms = now_ms()](const Result<client::RecordMetadata>& result) {
      done(bytes, is_steady, since_ms, result);
    });
  }

  /// What failed is told of and not counted.
  void done(int64_t bytes, bool is_steady, int64_t since_ms, const Result<client::RecordMetadata>& result) {
    if (!result) {
      const std::string& message = result.error().message;
      streams_.err << (message.empty() ? std::string(text_of(result.error().code)) : message) << '\n';
      return;
    }
    const int64_t now = now_ms();
    stats_.record(now - since_ms, bytes, now, streams_.out);
    if (is_steady) steady_->record(now - since_ms, bytes, now, streams_.out);
  }

  const Options& options_;
  Payloads payloads_;
  client::Producer& producer_;
  Session& session_;
  Streams& streams_;
  const int64_t start_ms_;
  Stats stats_;
  std::optional<Stats> steady_;
  int64_t sent_ = 0;
  Task finished_;
};

}  // namespace

const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "producer-perf-test"};
  if (options.transaction_duration_ms) {
    return report_failure(
        {ErrorCode::unsupported_version, "this build of kt sends without transactions only"}, style, streams);
  }
  if (options.print_metrics) {
    return report_failure(
        {ErrorCode::unsupported_version, "this build of kt has no producer metrics to print"}, style,
        streams);
  }
  auto payloads = Payloads::open(options.payload, environment.disk, streams);
  if (!payloads) return report_failure(payloads.error(), style, streams);
  auto settings = producer_options(options.connection.properties, environment.rng.next());
  if (!settings) return report_failure(settings.error(), style, streams);
  auto session = Session::open(options.connection, environment, "perf-producer-client");
  if (!session) return report_failure(session.error(), style, streams);
  if (options.warmup_records > 0) {
    streams.out << fmt::format(
        "Warmup first {} records. Steady state results will print after the complete test summary.\n",
        options.warmup_records);
  }
  client::Producer producer((*session)->cluster(), *settings);
  Sending(options, std::move(*payloads), producer, **session, streams).run();
  return Exit::done;
}

}  // namespace kt::cli::producer_perf_test
