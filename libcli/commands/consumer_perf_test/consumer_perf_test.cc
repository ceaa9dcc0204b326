#include "libcli/commands/consumer_perf_test/consumer_perf_test.h"

#include <fmt/core.h>

#include <ostream>
#include <set>

#include "libbroker/base/clock.h"
#include "libbroker/client/consumer.h"
#include "libcli/commands/consumer_perf_test/progress.h"
#include "libcli/commands/framework/consumer_settings.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/framework/topic_filter.h"

namespace kt::cli::consumer_perf_test {
namespace {

constexpr int64_t poll_ms_max = 100;

/// How long the group took to hand out partitions, each time this consumer had none.
class JoinTimes {
 public:
  explicit JoinTimes(Clock& clock) : clock_(clock), since_ms_(clock.wall_ms()) {}
  client::RebalanceListener listener() {
    const auto given_up = [this](const std::set<TopicPartition>& partitions) {
      for (const TopicPartition& p : partitions) assigned_.erase(p);
      if (assigned_.empty()) since_ms_ = clock_.wall_ms();
    };
    return {.assigned = [this](const std::set<TopicPartition>& partitions) { assigned(partitions); },
            .revoked = given_up,
            .lost = given_up};
  }
  int64_t total_ms() const { return total_ms_; }
  int64_t interval_ms() const { return interval_ms_; }
  void begin_interval() { interval_ms_ = 0; }

 private:
  void assigned(const std::set<TopicPartition>& partitions) {
    if (assigned_.empty()) {
      const int64_t took_ms = clock_.wall_ms() - since_ms_;
      total_ms_ += took_ms;
      interval_ms_ += took_ms;
    }
    assigned_.insert(partitions.begin(), partitions.end());
  }

  Clock& clock_;
  std::set<TopicPartition> assigned_;
  int64_t since_ms_;
  int64_t total_ms_ = 0, interval_ms_ = 0;
};

class Reading {
 public:
  Reading(const Options& options, client::ConsumerOptions settings, Session& session, Streams& streams)
      : options_(options),
        session_(session),
        streams_(streams),
        start_ms_(now_ms()),
        joins_(session.clock()),
        consumer_(session.cluster(), std::move(settings)) {}

  Result<void> run() {
    if (auto subscribed = subscribe(); !subscribed) return subscribed;
    const auto read = read_all();
    if (read && total_.records < options_.records_max) {
      streams_.out << fmt::format(
          "WARNING: Exiting before consuming the expected number of messages: timeout ({} ms) exceeded. You "
          "can use the --timeout "
          "option to increase the timeout.\n",
          options_.timeout_ms);
    }
    const int64_t end_ms = now_ms();
    auto closed = session_.wait<Result<void>>([&](auto done) {
      consumer_.close([done](Result<void> outcome) mutable { done(std::move(outcome)); });
    });
    if (!read) return read;  // the group was left all the same
    if (!options_.detailed)
      print_summary({start_ms_, end_ms, joins_.total_ms(), total_}, options_.date_format, streams_.out);
    return closed;
  }

 private:
  int64_t now_ms() { return session_.clock().wall_ms(); }

  Result<void> subscribe() {
    if (options_.topic) return consumer_.subscribe({*options_.topic}, joins_.listener());
    auto filter = TopicFilter::parse(*options_.include);
    if (!filter) return fail(filter.error());
    return consumer_.subscribe_matching(
        [filter = std::move(*filter)](std::string_view topic) { return filter.matches(std::string(topic)); },
        joins_.listener());
  }

  Result<void> read_all() {
    int64_t now = now_ms(), last_record_ms = now;
    interval_start_ms_ = now;
    while (total_.records < options_.records_max && now - last_record_ms <= options_.timeout_ms) {
      auto polled = session_.wait<Result<client::Consumer::Polled>>([&](auto done) {
        consumer_.poll(poll_ms_max, [done](Result<client::Consumer::Polled> records) mutable {
          done(std::move(records));
        });
      });
      if (!polled) return fail(std::move(polled.error()));
      now = now_ms();
      if (!polled->empty()) last_record_ms = now;
      for (const auto& part : *polled) {
        for (const auto& record : part.records) count(record, now);
      }
    }
    return {};
  }

  void count(const consuming::ConsumedRecord& record, int64_t now) {
    ++total_.records;
    total_.bytes += static_cast<int64_t>(record.key.size() + record.value.size());
    if (now - interval_start_ms_ < options_.reporting_interval_ms) return;
    if (options_.detailed) {
      print_interval({interval_start_ms_, now, joins_.interval_ms(), before_, total_}, options_.date_format,
                     streams_.out);
    }
    joins_.begin_interval();
    interval_start_ms_ = now;
    before_ = total_;
  }

  const Options& options_;
  Session& session_;
  Streams& streams_;
  const int64_t start_ms_;
  JoinTimes joins_;
  client::Consumer consumer_;
  Read total_, before_;
  int64_t interval_start_ms_ = 0;
};

}  // namespace

const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "consumer-perf-test"};
  if (options.print_metrics) {
    return report_failure(
        {ErrorCode::unsupported_version, "this build of kt has no consumer metrics to print"}, style,
        streams);
  }
  auto settings = consumer_options(options.connection.properties);
  if (!settings) return report_failure(settings.error(), style, streams);
  auto session = Session::open(options.connection, environment, "perf-consumer-client");
  if (!session) return report_failure(session.error(), style, streams);
  if (!options.hide_header) print_header(options.detailed, streams.out);
  const auto done = Reading(options, std::move(*settings), **session, streams).run();
  return done ? Exit::done : report_failure(done.error(), style, streams);
}

}  // namespace kt::cli::consumer_perf_test
