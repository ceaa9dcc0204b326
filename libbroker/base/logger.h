#pragma once
#include <fmt/core.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace kt {

enum class LogLevel { debug, info, warn, error, off };

/// Where lines go: "[yyyy-MM-dd HH:mm:ss,SSS] LEVEL message (component)", the layout of Kafka's own logs.
/// The process has one; set up once, before threads start. Quiet (warn and above, stderr) until then.
void set_log(LogLevel least, bool to_stdout);
bool log_enabled(LogLevel level);
void log_line(LogLevel level, std::string_view component, std::string_view message);
/// One event with rows of its own, as Kafka tells of a configuration; as text each is a line behind a tab.
void log_rows(LogLevel level, std::string_view component, std::string_view message,
              std::span<const std::string> rows);

template <class... Args>
void log_debug(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::debug)) log_line(LogLevel::debug, component, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_info(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::info)) log_line(LogLevel::info, component, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::warn)) log_line(LogLevel::warn, component, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(std::string_view component, fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::error, component, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace kt
