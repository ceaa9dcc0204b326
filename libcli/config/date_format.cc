#include "libcli/config/date_format.h"

#include <chrono>
#include <ctime>

namespace kt::config {
namespace {

constexpr std::string_view known_letters = "yMdHmsS";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string zero_padded(int64_t number, size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

/// A moment as the letters show it.
struct Fields {
  int64_t year, month, day, hour, minute, second, ms;

  explicit Fields(int64_t local_ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds(local_ms)};
    const sys_days date = floor<days>(time);
    const year_month_day calendar(date);
    const hh_mm_ss clock(time - date);
    year = static_cast<int>(calendar.year());
    month = static_cast<unsigned>(calendar.month());
    day = static_cast<unsigned>(calendar.day());
    hour = clock.hours().count();
    minute = clock.minutes().count();
    second = clock.seconds().count();
    ms = clock.subseconds().count();
  }

  std::string text(char letter, size_t width) const {
    switch (letter) {
      case 'y':
        return width == 2 ? zero_padded(year % 100, 2) : zero_padded(year, width);
      case 'M':
        return zero_padded(month, width);
      case 'd':
        return zero_padded(day, width);
      case 'H':
        return zero_padded(hour, width);
      case 'm':
        return zero_padded(minute, width);
      case 's':
        return zero_padded(second, width);
      default:
        return zero_padded(ms, width);
    }
  }
};

}  // namespace

std::expected<DateFormat, std::string> DateFormat::parse(std::string_view pattern) {
  DateFormat format;
  const auto add_text = [&format](char c) {
    if (format.pieces_.empty() || format.pieces_.back().letter != 0) format.pieces_.push_back({});
    format.pieces_.back().text.push_back(c);
  };
  bool quoted = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\'' && i + 1 < pattern.size() && pattern[i + 1] == '\'') {
      add_text(pattern[++i]);
    } else if (c == '\'') {
      quoted = !quoted;
    } else if (quoted || !is_letter(c)) {
      add_text(c);
    } else if (!known_letters.contains(c)) {
      return std::unexpected("Illegal pattern character '" + std::string(1, c) + "'");
    } else if (!format.pieces_.empty() && format.pieces_.back().letter == c) {
      ++format.pieces_.back().width;
    } else {
      format.pieces_.push_back({.letter = c, .width = 1});
    }
  }
  if (quoted) return std::unexpected("Unterminated quote");
  return format;
}

std::string DateFormat::format(int64_t ms, int32_t east_of_utc_s) const {
  const Fields fields(ms + int64_t{east_of_utc_s} * 1000);
  std::string text;
  for (const Piece& piece : pieces_)
    text += piece.letter == 0 ? piece.text : fields.text(piece.letter, piece.width);
  return text;
}

int32_t local_offset_s(int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return static_cast<int32_t>(local.tm_gmtoff);
}

}  // namespace kt::config
