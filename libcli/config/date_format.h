#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace kt::config {

/// Java's SimpleDateFormat, as far as numbers go: y M d H m s S, text in quotes, other characters as they
/// are.
class DateFormat {
 public:
  /// Errors: Java's sentence, which names the letter.
  static std::expected<DateFormat, std::string> parse(std::string_view pattern);

  /// Milliseconds since 1970 at a place so many seconds east of UTC.
  std::string format(int64_t ms, int32_t east_of_utc_s) const;

 private:
  struct Piece {
    char letter = 0;   // 0: text
    size_t width = 0;  // how often the letter stands
    std::string text = {};
  };
  std::vector<Piece> pieces_;
};

/// How many seconds east of UTC this machine's clocks are at that time.
int32_t local_offset_s(int64_t ms);

}  // namespace kt::config
