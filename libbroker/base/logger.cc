#include "libbroker/base/logger.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "libbroker/base/log_format.h"

namespace kt {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      break;
  }
  return spdlog::level::off;
}

LogFormat& the_format() {
  static LogFormat format = LogFormat::text;
  return format;
}

void set_pattern(spdlog::logger& logger) {
  const bool is_json = the_format() == LogFormat::json;
  logger.set_pattern(is_json ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%e%z\",%v}" : "[%Y-%m-%d %H:%M:%S,%e] %v",
                     spdlog::pattern_time_type::local);
}

std::shared_ptr<spdlog::logger> make_logger(LogLevel least, bool to_stdout) {
  spdlog::sink_ptr sink;
  if (to_stdout)
    sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  else
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("kt", std::move(sink));
  set_pattern(*logger);
  logger->set_level(spdlog_level(least));
  logger->flush_on(spdlog::level::info);
  return logger;
}

std::shared_ptr<spdlog::logger>& the_logger() {
  static std::shared_ptr<spdlog::logger> logger = make_logger(LogLevel::warn, false);
  return logger;
}

}  // namespace

void set_log(LogLevel least, bool to_stdout) { the_logger() = make_logger(least, to_stdout); }

void set_log_format(LogFormat format) {
  the_format() = format;
  set_pattern(*the_logger());
}

bool log_enabled(LogLevel level) { return the_logger()->should_log(spdlog_level(level)); }

void log_line(LogLevel level, std::string_view component, std::string_view message) {
  log_rows(level, component, message, {});
}

void log_rows(LogLevel level, std::string_view component, std::string_view message,
              std::span<const std::string> rows) {
  the_logger()->log(spdlog_level(level), "{}", log_payload(the_format(), level, component, message, rows));
}

}  // namespace kt
