#include "libcli/commands/consume/consume.h"

#include <fmt/core.h>

#include <array>
#include <ostream>
#include <set>

#include "libbroker/base/bytes.h"
#include "libbroker/client/consumer.h"
#include "libbroker/record/varint.h"
#include "libcli/commands/consume/formatter.h"
#include "libcli/commands/consume/record_output.h"
#include "libcli/commands/framework/consumer_settings.h"
#include "libcli/commands/framework/java_exception.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/framework/stop_signals.h"
#include "libcli/commands/framework/topic_filter.h"

namespace kt::cli::consume {
namespace {

constexpr int64_t poll_ms_max = 1'000;

/// The headers as they lay in the record, for a formatter that walks them there.
std::vector<std::byte> encoded_headers(const consuming::ConsumedRecord& record) {
  std::vector<std::byte> bytes;
  const auto add = [&](std::span<const std::byte> field, bool is_null) {
    std::array<std::byte, 5> length;
    std::byte* const end =
        record::write_varint(length.data(), is_null ? -1 : static_cast<int32_t>(field.size()));
    bytes.insert(bytes.end(), length.data(), end);
    bytes.insert(bytes.end(), field.begin(), field.end());
  };
  for (const auto& [name, value] : record.headers) {
    add(as_bytes(name), false);
    add(value.bytes, value.is_null());
  }
  return bytes;
}

class Reading {
 public:
  Reading(const Options& options, client::ConsumerOptions settings, Session& session, StopSignals& signals,
          Streams& streams)
      : options_(options),
        session_(session),
        signals_(signals),
        streams_(streams),
        formatter_(options.formatter_properties),
        consumer_(session.cluster(), std::move(settings)),
        output_(streams.out) {}

  /// One partition by itself, or topics as a member of the group, which the tool makes up when nobody names
  /// one.
  Result<void> choose() {
    if (options_.partition) {
      const TopicPartition only{*options_.topic, *options_.partition};
      consumer_.assign({only});
      return seek(only);
    }
    if (options_.topic) return consumer_.subscribe({*options_.topic});
    auto filter = TopicFilter::parse(*options_.include);
    if (!filter) return fail(filter.error());
    return consumer_.subscribe_matching(
        [filter = std::move(*filter)](std::string_view topic) { return filter.matches(std::string(topic)); });
  }

  /// Reads until it is enough, and however that ends gives back what was not printed, commits the rest, where
  /// commits are automatic, and leaves the group. Errors: of polling and of the commit.
  Result<void> run() {
    const StopWatch stop(signals_, [this](Exit) { session_.loop().post([this] { consumer_.wake(); }); });
    auto read = read_all();
    give_back();
    auto closed = session_.wait<Result<void>>([&](auto done) {
      consumer_.close([done](Result<void> outcome) mutable { done(std::move(outcome)); });
    });
    return read ? closed : read;
  }

  int64_t count() const { return count_; }
  bool timed_out() const { return timed_out_; }
  /// Why a record could not be printed, which ended it all.
  const std::optional<std::string>& unprintable() const { return unprintable_; }

 private:
  bool has_enough() const {
    return options_.messages_max && *options_.messages_max >= 0 && count_ >= *options_.messages_max;
  }

  Result<void> read_all() {
    int64_t idle_since_ms = session_.clock().monotonic_ms();
    while (!has_enough() && streams_.out && !unprintable_ && !signals_.received()) {
      const int64_t idle_left_ms =
          options_.timeout_ms ? *options_.timeout_ms - (session_.clock().monotonic_ms() - idle_since_ms)
                              : poll_ms_max;
      if (idle_left_ms <= 0) {
        timed_out_ = true;
        break;
      }
      auto polled = session_.wait<Result<client::Consumer::Polled>>([&](auto done) {
        consumer_.poll(
            std::min(poll_ms_max, idle_left_ms),
            [done](Result<client::Consumer::Polled> records) mutable { done(std::move(records)); });
      });
      if (!polled) return fail(std::move(polled.error()));
      if (!polled->empty()) idle_since_ms = session_.clock().monotonic_ms();
      polled_ = std::move(*polled);
      print();
    }
    return {};
  }

  Result<void> seek(const TopicPartition& at) {
    if (options_.offset == earliest_offset) return consumer_.seek_to_beginning(at);
    if (options_.offset == latest_offset) return consumer_.seek_to_end(at);
    return consumer_.seek(at, options_.offset);
  }

  /// Prints what was polled, as far as it is wanted and the output takes it.
  void print() {
    const int64_t before = count_;
    for (const auto& part : polled_) {
      for (const auto& consumed : part.records) {
        if (has_enough() || unprintable_ || !streams_.out) break;
        ++count_;
        append(part.partition, consumed);
        output_.end_record();
      }
    }
    output_.flush();
    printed_ = output_.take_written();
    count_ = before + static_cast<int64_t>(printed_);
  }

  void append(const TopicPartition& from, const consuming::ConsumedRecord& consumed) {
    if (options_.formatter == FormatterKind::nothing) return;
    const std::vector<std::byte> headers = encoded_headers(consumed);
    const record::RecordView view{.key = consumed.key.bytes,
                                  .value = consumed.value.bytes,
                                  .headers = {static_cast<int32_t>(consumed.headers.size()), headers}};
    const Printable printable{.partition = from.partition,
                              .offset = consumed.offset,
                              .timestamp_ms = consumed.timestamp,
                              .timestamp_type = consumed.timestamp_type,
                              .record = view};
    const auto appended = formatter_.append(printable, output_.text());
    if (appended) return;
    if (options_.skip_message_on_error)
      streams_.err << "Error processing message, skipping this message: " << appended.error() << '\n';
    else
      unprintable_ = appended.error();
  }

  /// Goes back to the first record of each partition that was polled and not printed: the commit must not
  /// cover it.
  void give_back() {
    std::set<TopicPartition> gone_back;
    for (size_t skipped = printed_; const auto& part : polled_) {
      if (skipped >= part.records.size()) {
        skipped -= part.records.size();
        continue;
      }
      if (gone_back.insert(part.partition).second)
        (void)consumer_.seek(part.partition, part.records[skipped].offset);  // unless it is another's by now
      skipped = 0;
    }
  }

  const Options& options_;
  Session& session_;
  StopSignals& signals_;
  Streams& streams_;
  const Formatter formatter_;
  client::Consumer consumer_;
  RecordOutput output_;
  client::Consumer::Polled polled_;  // last
  size_t printed_ = 0;               // of them
  int64_t count_ = 0;
  bool timed_out_ = false;
  std::optional<std::string> unprintable_;
};

bool reads_formats(FormatterKind kind) {
  return kind == FormatterKind::columns || kind == FormatterKind::logging || kind == FormatterKind::nothing;
}

}  // namespace

const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "consume"};
  if (!reads_formats(options.formatter) || options.exclude) {
    return report_failure(
        {ErrorCode::unsupported_version,
         "this build of kt prints records as columns, and takes topics by name or --include"},
        style, streams);
  }
  auto settings = consumer_options(options.connection.properties);
  if (!settings) return report_failure(settings.error(), style, streams);
  StopSignals signals;
  auto session = Session::open(options.connection, environment, "console-consumer");
  if (!session) return report_failure(session.error(), style, streams);
  Reading reading(options, std::move(*settings), **session, signals, streams);
  if (const auto chosen = reading.choose(); !chosen) return report_failure(chosen.error(), style, streams);
  const auto done = reading.run();
  // Kafka's tool ends with 0 whatever became of polling, and whether or not somebody still reads what it
  // writes.
  const bool is_script = options.setting.mode == Mode::script;
  if (is_script && !done)
    streams.err << "Error processing message, terminating consumer process: " << java_exception(done.error())
                << '\n';
  if (is_script && !streams.out) streams.err << "Unable to write to standard out, closing consumer.\n";
  if (options.systest_events) streams.out << "shutdown_complete\n";
  streams.err << fmt::format("Processed a total of {} messages\n", reading.count());
  if (reading.unprintable())
    return report_failure({ErrorCode::invalid_record, *reading.unprintable()}, style, streams);
  if (!done && !is_script) return report_failure(done.error(), style, streams);
  if (const auto stopped = signals.received()) return *stopped;
  return reading.timed_out() && !is_script && options.messages_max ? Exit::timed_out : Exit::done;
}

}  // namespace kt::cli::consume
