#include "libcli/config/java_time.h"

#include <charconv>
#include <chrono>
#include <optional>

namespace kt::config {
namespace {

/// Reads a text piece by piece; once something does not fit, nothing does.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool failed() const { return failed_; }

  void expect(char c) {
    if (!take(c)) failed_ = true;
  }
  bool take(char c) {
    if (failed_ || !rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// One or more digits.
  int64_t number() {
    int64_t value = 0;
    const bool is_digit = !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (!is_digit || error != std::errc()) failed_ = true;
    if (!failed_) rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return value;
  }
  int64_t number(int64_t min, int64_t max) {
    const int64_t value = number();
    if (value < min || value > max) failed_ = true;
    return value;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// "Z", "+hh" or "+hh:mm", in minutes east of UTC.
int64_t zone_minutes(Scanner& scanner) {
  if (scanner.take('Z')) return 0;
  const bool west = scanner.take('-');
  if (!west) scanner.expect('+');
  const int64_t hours = scanner.number(0, 23);
  const int64_t minutes = scanner.take(':') ? scanner.number(0, 59) : 0;
  return (west ? -1 : 1) * (hours * 60 + minutes);
}

constexpr int64_t unit_ms_of(char unit) {
  switch (unit) {
    case 'D':
      return 86'400'000;
    case 'H':
      return 3'600'000;
    case 'M':
      return 60'000;
    default:
      return 1'000;
  }
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// The parts of a duration, each unit at most once and in its order.
class DurationReader {
 public:
  explicit DurationReader(std::string_view text) : rest_(text) {}

  std::optional<int64_t> read() {
    const int64_t sign = take_sign();
    if (!take('P')) return std::nullopt;
    read_part('D');
    if (take('T')) {
      const int before = parts_;
      read_part('H');
      read_part('M');
      read_part('S');
      if (parts_ == before) return std::nullopt;
    }
    if (failed_ || parts_ == 0 || !rest_.empty()) return std::nullopt;
    return sign * total_ms_;
  }

 private:
  bool take(char c) {
    if (rest_.empty() || upper(rest_[0]) != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  int64_t take_sign() {
    if (take('-')) return -1;
    take('+');
    return 1;
  }

  /// "[-+]digits[.digits]unit", if that comes next.
  void read_part(char unit) {
    const std::string_view before = rest_;
    const int64_t sign = take_sign();
    int64_t whole = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), whole);
    const bool is_digit = !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
    if (!is_digit || error != std::errc()) {
      rest_ = before;
      return;
    }
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    int64_t part_ms = 0;
    failed_ |= __builtin_mul_overflow(whole, unit_ms_of(unit), &part_ms);
    if (unit == 'S') part_ms += fraction_ms();
    if (!take(unit)) {
      rest_ = before;
      return;
    }
    failed_ |= __builtin_add_overflow(total_ms_, sign * part_ms, &total_ms_);
    ++parts_;
  }

  int64_t fraction_ms() {
    if (!take('.') && !take(',')) return 0;
    int64_t ms = 0, place = 100;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      ms += (rest_[0] - '0') * place;
      place /= 10;
      rest_.remove_prefix(1);
    }
    return ms;
  }

  std::string_view rest_;
  int64_t total_ms_ = 0;
  int parts_ = 0;
  bool failed_ = false;
};

}  // namespace

std::expected<int64_t, std::string> parse_date_time(std::string_view text) {
  const size_t t = text.find('T');
  if (t == std::string_view::npos || t + 1 == text.size()) {
    return std::unexpected("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format");
  }
  std::string with_zone(text);
  if (text.find_first_of("+-Z", t + 1) == std::string_view::npos) with_zone += 'Z';
  Scanner scanner(with_zone);
  const int64_t year = scanner.number(1, 9999);
  scanner.expect('-');
  const int64_t month = scanner.number(1, 12);
  scanner.expect('-');
  const int64_t day = scanner.number(1, 31);
  scanner.expect('T');
  const int64_t hour = scanner.number(0, 23);
  scanner.expect(':');
  const int64_t minute = scanner.number(0, 59);
  scanner.expect(':');
  const int64_t second = scanner.number(0, 59);
  scanner.expect('.');
  const int64_t ms = scanner.number(0, 999);
  const int64_t zone = zone_minutes(scanner);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (scanner.failed() || !date.ok()) return std::unexpected("Unparseable date: \"" + with_zone + "\"");
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute - zone) * 60'000 + second * 1'000 + ms;
}

std::expected<int64_t, std::string> parse_duration_ms(std::string_view text) {
  const auto ms = DurationReader(text).read();
  if (!ms) return std::unexpected("Text cannot be parsed to a Duration");
  return *ms;
}

}  // namespace kt::config
