#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/result.h"
#include "libcli/config/properties.h"

namespace kt::lab {

/// What the comments at the top of an exercise say of it:
///
///     # title:  Why out of order?
///     # from:   004 1379
///     # needs:  brokers=3 controllers=3 fast seed=7 replica.lag.time.max.ms=60000
///     # time:   8s
struct Exercise {
  std::string title;
  int32_t brokers = 3, controllers = 1;
  bool is_fast = false;
  std::optional<int32_t> seed = {};
  config::Properties properties = {};  // of its nodes
  int64_t time_ms = 0;  // what it takes about
};
/// Errors: invalid_config, naming what is missing or not understood.
Result<Exercise> parse_exercise(std::string_view text);

/// bash, read before an exercise: step, say, ask, hint, show, send, consumer, producer, bg, within and
/// expect.
std::string_view exercise_prelude();

/// One expectation of one exercise.
struct Point {
  std::string exercise, text;
  bool holds = false;
  std::vector<std::string> diagnostics;  // lines
};
/// "ok 3 - text", as TAP has it, diagnostics as comments.
std::string tap_line(size_t number, const Point& point);
/// The same as a line of JSON, and back; none for what is no such line.
std::string point_json(const Point& point);
std::optional<Point> parse_point(const std::string& line);
/// JUnit's XML: a suite for each exercise.
std::string junit_document(const std::vector<Point>& points);

}  // namespace kt::lab
