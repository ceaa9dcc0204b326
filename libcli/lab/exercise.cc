#include "libcli/lab/exercise.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "libcli/config/span.h"
#include "libcli/lab/spec.h"

namespace kt::lab {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// "# key: value" of the comments at the top.
std::map<std::string, std::string, std::less<>> header_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> header;
  while (text.starts_with('#')) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(1, end - 1);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t colon = line.find(':');
    if (colon != line.npos) header.emplace(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return header;
}

std::unexpected<Error> broken(std::string why) { return fail(ErrorCode::invalid_config, std::move(why)); }

/// The number behind "brokers=", when that is what the word is, within its limits.
enum class Read : uint8_t { is_other, done, is_wrong };
Read read_number(std::string_view word, std::string_view key, int32_t max, int32_t& into) {
  if (!word.starts_with(key)) return Read::is_other;
  word.remove_prefix(key.size());
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), into);
  const bool is_good =
      parsed.ec == std::errc() && parsed.ptr == word.data() + word.size() && into >= 1 && into <= max;
  return is_good ? Read::done : Read::is_wrong;
}

Result<void> read_needs(std::string_view needs, Exercise& exercise) {
  while (!(needs = trimmed(needs)).empty()) {
    const std::string_view word = needs.substr(0, needs.find(' '));
    needs.remove_prefix(word.size());
    if (word == "fast") {
      exercise.is_fast = true;
      continue;
    }
    int32_t seed = 0;
    Read read = read_number(word, "brokers=", brokers_max, exercise.brokers);
    if (read == Read::is_other)
      read = read_number(word, "controllers=", controllers_max, exercise.controllers);
    if (read == Read::is_other && (read = read_number(word, "seed=", INT32_MAX, seed)) == Read::done)
      exercise.seed = seed;
    const size_t sign = word.find('=');
    if (read == Read::is_other && sign != word.npos && sign > 0 && word.find('.') < sign) {
      exercise.properties[std::string(word.substr(0, sign))] = word.substr(sign + 1);
      read = Read::done;
    }
    if (read != Read::done)
      return broken(
          fmt::format("needs: {} is not understood, only brokers=N, controllers=N, seed=N, fast and a "
                      "broker's properties",
                      word));
  }
  return {};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') ? '?' : c;
    }
  }
  return out;
}

}  // namespace

Result<Exercise> parse_exercise(std::string_view text) {
  const auto header = header_of(text);
  Exercise exercise;
  for (const char* key : {"title", "needs", "time"}) {
    if (!header.contains(key)) return broken(fmt::format("its header says no {}", key));
  }
  exercise.title = header.find("title")->second;
  if (auto read = read_needs(header.find("needs")->second, exercise); !read) return fail(read.error());
  const auto time_ms = config::parse_span_ms(header.find("time")->second);
  if (!time_ms || *time_ms <= 0)
    return broken(fmt::format("time: {} is no time such as 8s", header.find("time")->second));
  exercise.time_ms = *time_ms;
  return exercise;
}

std::string tap_line(size_t number, const Point& point) {
  std::string text =
      fmt::format("{} {} - {}: {}\n", point.holds ? "ok" : "not ok", number, point.exercise, point.text);
  for (const std::string& line : point.diagnostics) text += "# " + line + "\n";
  return text;
}

std::string point_json(const Point& point) {
  const nlohmann::ordered_json line = {{"exercise", point.exercise},
                                       {"text", point.text},
                                       {"holds", point.holds},
                                       {"diagnostics", point.diagnostics}};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::optional<Point> parse_point(const std::string& line) {
  const auto from = nlohmann::json::parse(line, nullptr, false);
  if (!from.is_object() || !from.contains("exercise") || !from.contains("holds")) return std::nullopt;
  return Point{from.value("exercise", ""), from.value("text", ""), from.value("holds", false),
               from.value("diagnostics", std::vector<std::string>())};
}

std::string junit_document(const std::vector<Point>& points) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (size_t first = 0; first < points.size();) {
    const std::string& name = points[first].exercise;
    const auto from = points.begin() + static_cast<ptrdiff_t>(first);
    const auto to = std::find_if(from, points.end(), [&](const Point& p) { return p.exercise != name; });
    text += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", escaped(name), to - from,
                        std::count_if(from, to, [](const Point& p) { return !p.holds; }));
    for (auto point = from; point != to; ++point) {
      text += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", escaped(name), escaped(point->text));
      if (point->holds) {
        text += "/>\n";
        continue;
      }
      text += "><failure>";
      for (const std::string& line : point->diagnostics) text += escaped(line) + "\n";
      text += "</failure></testcase>\n";
    }
    text += "  </testsuite>\n";
    first = static_cast<size_t>(to - points.begin());
  }
  return text + "</testsuites>\n";
}

}  // namespace kt::lab
