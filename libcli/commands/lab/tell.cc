#include <fmt/core.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <regex>
#include <string>

#include "libbroker/base/disk.h"
#include "libbroker/net/owned_descriptor.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/commands/lab/log_tail.h"

namespace kt::cli::lab {
namespace {

/// Waits for what is added to a file. Errors: it cannot be watched.
class FileWatch {
 public:
  explicit FileWatch(const std::string& path) : watch_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    is_good_ = watch_.get() >= 0 && ::inotify_add_watch(watch_.get(), path.c_str(), IN_MODIFY) >= 0;
  }
  bool is_good() const { return is_good_; }
  void wait() {
    pollfd readable{watch_.get(), POLLIN, 0};
    ::poll(&readable, 1, -1);
    char events[4096];
    while (::read(watch_.get(), events, sizeof events) > 0) {
    }
  }

 private:
  const net::OwnedDescriptor watch_;
  bool is_good_ = false;
};

using Tell = std::function<void(const std::string& line)>;

/// Every line of the file; with `follows` also those to come, until the reader of what is told is gone.
Exit tell_lines(const std::string& path, bool follows, Disk& disk, Streams& streams, const Tell& tell) {
  FileWatch watch(path);
  if (follows && !watch.is_good())
    return refuse({ErrorCode::resource_not_found, fmt::format("there is no {} yet", path)}, streams);
  LogReader reader(disk, path);
  for (;;) {
    const auto lines = reader.next();
    if (!lines) return refuse(lines.error(), streams);
    for (const std::string& line : *lines) tell(line);
    streams.out.flush();
    if (!follows || !streams.out) return Exit::done;
    watch.wait();
  }
}

/// "12:00:04.112 broker-1 up", of a line of events.ndjson.
std::string event_text(const std::string& line) {
  const auto event = nlohmann::json::parse(line, nullptr, false);
  if (event.is_discarded()) return line;
  const int64_t at_ms = event.value("at_ms", int64_t{0}), day_ms = 86'400'000;
  const int64_t of_day_ms = at_ms % day_ms;
  return fmt::format("{:02}:{:02}:{:02}.{:03} {} {}", of_day_ms / 3'600'000, of_day_ms / 60'000 % 60,
                     of_day_ms / 1000 % 60, of_day_ms % 1000, event.value("node", ""),
                     event.value("what", ""));
}

}  // namespace

Exit logs(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const auto node = node_of(options.node, lab->spec, environment);
  if (!node) return refuse(node.error(), streams);
  std::regex wanted;
  try {
    wanted = std::regex(options.pattern);
  } catch (const std::regex_error&) {
    return refuse(
        {ErrorCode::invalid_config, fmt::format("--grep {} is no regular expression", options.pattern)},
        streams);
  }
  return tell_lines(lab->place.node_log(*node), options.follows, environment.disk, streams,
                    [&](const std::string& line) {
                      if (options.pattern.empty() || std::regex_search(line, wanted))
                        streams.out << line << '\n';
                    });
}

Exit events(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const bool as_json = options.setting.output == Output::json;
  return tell_lines(
      lab->place.events(), options.follows, environment.disk, streams,
      [&](const std::string& line) { streams.out << (as_json ? line : event_text(line)) << '\n'; });
}

}  // namespace kt::cli::lab
