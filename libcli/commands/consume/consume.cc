#include "libcli/commands/consume/consume.h"

#include <fmt/core.h>

#include <array>
#include <ostream>

#include "libbroker/base/bytes.h"
#include "libbroker/client/consumer.h"
#include "libbroker/record/varint.h"
#include "libcli/commands/consume/formatter.h"
#include "libcli/commands/framework/consumer_settings.h"
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
        consumer_(session.cluster(), std::move(settings)) {}

  Result<void> run() {
    const StopWatch stop(signals_, [this](Exit) { session_.loop().post([this] { consumer_.wake(); }); });
    if (auto chosen = choose(); !chosen) return chosen;
    int64_t idle_since_ms = session_.clock().monotonic_ms();
    while (!has_enough() && streams_.out && !signals_.received()) {
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
      for (const auto& part : *polled) {
        if (auto printed = print(part); !printed) return printed;
      }
      streams_.out.flush();
    }
    streams_.out.flush();
    // Commits what was read, where commits are automatic, and leaves the group.
    return session_.wait<Result<void>>([&](auto done) {
      consumer_.close([done](Result<void> closed) mutable { done(std::move(closed)); });
    });
  }

  int64_t count() const { return count_; }
  bool timed_out() const { return timed_out_; }

 private:
  bool has_enough() const {
    return options_.messages_max && *options_.messages_max >= 0 && count_ >= *options_.messages_max;
  }

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

  Result<void> seek(const TopicPartition& at) {
    if (options_.offset == earliest_offset) return consumer_.seek_to_beginning(at);
    if (options_.offset == latest_offset) return consumer_.seek_to_end(at);
    return consumer_.seek(at, options_.offset);
  }

  Result<void> print(const client::PartitionRecords& part) {
    std::string text;
    for (const auto& consumed : part.records) {
      if (has_enough()) {  // the rest stays unread: the commit must not cover it
        if (auto sought = consumer_.seek(part.partition, consumed.offset); !sought) return sought;
        break;
      }
      ++count_;
      if (options_.formatter == FormatterKind::nothing) continue;
      const std::vector<std::byte> headers = encoded_headers(consumed);
      const record::RecordView view{.key = consumed.key.bytes,
                                    .value = consumed.value.bytes,
                                    .headers = {static_cast<int32_t>(consumed.headers.size()), headers}};
      const Printable printable{.partition = part.partition.partition,
                                .offset = consumed.offset,
                                .timestamp_ms = consumed.timestamp,
                                .timestamp_type = consumed.timestamp_type,
                                .record = view};
      const auto appended = formatter_.append(printable, text);
      if (appended) continue;
      if (!options_.skip_message_on_error)
        return streams_.out << text, fail(ErrorCode::invalid_record, appended.error());
      streams_.err << "Error processing message, skipping this message: " << appended.error() << '\n';
    }
    streams_.out << text;
    return {};
  }

  const Options& options_;
  Session& session_;
  StopSignals& signals_;
  Streams& streams_;
  const Formatter formatter_;
  client::Consumer consumer_;
  int64_t count_ = 0;
  bool timed_out_ = false;
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
  const auto done = reading.run();
  if (options.systest_events) streams.out << "shutdown_complete\n";
  streams.err << fmt::format("Processed a total of {} messages\n", reading.count());
  if (!done) return report_failure(done.error(), style, streams);
  if (const auto stopped = signals.received()) return *stopped;
  return reading.timed_out() && options.setting.mode == Mode::kt && options.messages_max ? Exit::timed_out
                                                                                         : Exit::done;
}

}  // namespace kt::cli::consume
