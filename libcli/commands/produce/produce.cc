#include "libcli/commands/produce/produce.h"

#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <istream>
#include <mutex>
#include <ostream>
#include <vector>

#include "libcli/commands/framework/background_loop.h"
#include "libcli/commands/framework/producer_settings.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/framework/session.h"
#include "libcli/commands/framework/stop_signals.h"

namespace kt::cli::produce {
namespace {

constexpr size_t lines_per_hand_over = 500;
constexpr size_t undelivered_max = 50'000;  // then reading waits

/// What came of the records, told from the loop and waited for by the reader.
class Outcomes {
 public:
  explicit Outcomes(std::ostream& err) : err_(err) {}

  void sent(size_t count) {
    const std::lock_guard lock(mutex_);
    undelivered_ += count;
  }
  void done(const std::string& topic, const std::string& sizes,
            const Result<client::RecordMetadata>& result) {
    const std::lock_guard lock(mutex_);
    --undelivered_;
    if (!result) {
      if (!failure_) failure_ = result.error();
      const std::string why =
          result.error().message.empty() ? std::string(text_of(result.error().code)) : result.error().message;
      err_ << fmt::format("ERROR Error when sending message to topic {} with {} with error: {}\n", topic,
                          sizes, why);
    }
    changed_.notify_all();
  }
  void wait_below(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return undelivered_ < count; });
  }
  std::optional<Error> failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  std::ostream& err_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t undelivered_ = 0;
  std::optional<Error> failure_;
};

Slice bytes_of(const std::optional<std::string>& text) { return text ? Slice::copy(*text) : Slice{}; }

client::ProducerRecord record_of(const std::string& topic, const InputRecord& line) {
  client::ProducerRecord record{.topic = topic, .key = bytes_of(line.key), .value = bytes_of(line.value)};
  for (const auto& [name, value] : line.headers) record.headers.emplace_back(name, bytes_of(value));
  return record;
}

std::string sizes_of(const client::ProducerRecord& record) {
  const auto size = [](const Slice& bytes) {
    return bytes.is_null() ? "null" : fmt::format("{} bytes", bytes.size());
  };
  return fmt::format("key: {}, value: {}", size(record.key), size(record.value));
}

/// Lines in, records out; the loop turns on a thread of its own, since reading a terminal takes as long as it
/// takes.
class Sending {
 public:
  Sending(const Options& options, client::Producer& producer, Loop& loop, Streams& streams, bool prompts)
      : options_(options),
        producer_(producer),
        loop_(loop),
        streams_(streams),
        prompts_(prompts),
        outcomes_(streams.err) {}

  Result<void> run() {
    LineReader reader(streams_.in, options_.format);
    for (;;) {
      if (prompts_) streams_.out << '>' << std::flush;
      auto line = next(reader);
      if (!line) return finish(), fail(ErrorCode::invalid_request, line.error());
      if (!*line) break;
      const std::lock_guard lock(mutex_);
      batch_.push_back(record_of(options_.topic, **line));
      const bool more_at_hand = streams_.in.rdbuf()->in_avail() > 0;
      if (!more_at_hand || batch_.size() >= lines_per_hand_over || options_.sync) hand_over();
      if (options_.sync) {
        outcomes_.wait_below(1);
        if (auto failure = outcomes_.failure()) return fail(*failure);
      }
    }
    finish();
    return {};
  }
  /// Delivers what was read and ends: run(), or where that waits for a line, the process.
  void stop(Exit as) {
    is_stopped_ = true;
    const std::lock_guard lock(mutex_);
    if (!is_reading_) return;
    finish();
    ::_exit(static_cast<int>(as));
  }
  std::optional<Error> failure() { return outcomes_.failure(); }

 private:
  /// The next line; none at the end, and once this is stopped.
  std::expected<std::optional<InputRecord>, std::string> next(LineReader& reader) {
    {
      const std::lock_guard lock(mutex_);
      if (is_stopped_) return std::nullopt;
      is_reading_ = true;
    }
    auto line = reader.next();
    const std::lock_guard lock(mutex_);
    is_reading_ = false;
    return line;
  }
  void hand_over() {
    if (batch_.empty()) return;
    outcomes_.wait_below(undelivered_max);
    outcomes_.sent(batch_.size());
    loop_.post([this, batch = std::exchange(batch_, {})]() mutable {
      for (auto& record : batch) {
        const std::string sizes = sizes_of(record);
        producer_.send(std::move(record), [this, sizes](Result<client::RecordMetadata> result) {
          outcomes_.done(options_.topic, sizes, result);
        });
      }
      if (options_.sync) producer_.flush([] {});
    });
  }
  void finish() {
    hand_over();
    loop_.post([this] { producer_.flush([] {}); });
    outcomes_.wait_below(1);
  }

  const Options& options_;
  client::Producer& producer_;
  Loop& loop_;
  Streams& streams_;
  const bool prompts_;
  Outcomes outcomes_;
  std::atomic<bool> is_stopped_ = false;
  std::mutex mutex_;  // of what follows: stop() comes from another thread
  std::vector<client::ProducerRecord> batch_;
  bool is_reading_ = false;
};

}  // namespace

const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "produce"};
  auto settings = producer_options(options.connection.properties, environment.rng.next());
  if (!settings) return report_failure(settings.error(), style, streams);
  const bool is_old = options.setting.era == Era::kafka_0_10;
  settings->takes_turns = is_old;
  settings->first_turn = era_number(options.setting, "producer.start");
  StopSignals signals;
  auto session = Session::open(options.connection, environment, "console-producer");
  if (!session) return report_failure(session.error(), style, streams);
  if (options.setting.mode == Mode::kt && environment.in_is_terminal)
    streams.err << "type records, Ctrl-D ends\n";

  client::Producer producer((*session)->cluster(), *settings);
  Sending sending(options, producer, (*session)->loop(), streams,
                  environment.in_is_terminal && environment.out_is_terminal && !is_old);
  Result<void> outcome;
  {
    const BackgroundLoop turning(**session);
    const StopWatch stop(signals, [&](Exit as) { sending.stop(as); });
    outcome = sending.run();
  }
  if (!outcome) return report_failure(outcome.error(), style, streams);
  if (const auto stopped = signals.received()) return *stopped;
  // Kafka's tool ends with 0 whatever became of records it did not wait for.
  if (const auto failure = sending.failure(); failure && options.setting.mode == Mode::kt)
    return exit_for(failure->code);
  return Exit::done;
}

}  // namespace kt::cli::produce
