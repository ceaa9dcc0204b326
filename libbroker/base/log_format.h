#pragma once
#include <span>
#include <string>
#include <string_view>

#include "libbroker/base/logger.h"

namespace kt {

/// How a log line looks, behind its time: as Kafka's own logs, or one JSON object with time, level, component
/// and message (kt.log.format). An event is one line in either, whatever bytes of a client are in it; as text
/// its rows, if it has any, are a line each.
enum class LogFormat { text, json };

/// Of all lines from now on; set up once, before threads start.
void set_log_format(LogFormat format);

/// "LEVEL message (component)", or the members of the object behind "time".
std::string log_payload(LogFormat format, LogLevel level, std::string_view component,
                        std::string_view message, std::span<const std::string> rows = {});

}  // namespace kt
