#include "libcli/commands/groups/re2_syntax.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <vector>

namespace kt::cli::groups {
namespace {

constexpr std::string_view posix_classes[] = {"alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph",
                                              "lower", "print", "punct", "space", "upper", "word",  "xdigit"};
constexpr int repeat_count_max = 1000;
constexpr uint32_t code_point_max = 0x10FFFF;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_'; }
std::optional<uint32_t> hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return std::nullopt;
}

struct Problem {
  std::string what;
};

class Checker {
 public:
  explicit Checker(std::string_view pattern) : rest_(pattern) {}

  /// Throws Problem.
  void check() {
    while (!rest_.empty()) {
      const bool repeats = element();
      was_repeat_ = repeats;
    }
    if (open_ > 0) throw Problem{"missing closing )"};
  }

 private:
  bool at(std::string_view text) const { return rest_.starts_with(text); }
  bool take(std::string_view text) {
    if (!at(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  char next() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  /// Passes over one; whether it was a repetition.
  bool element() {
    switch (rest_.front()) {
      case '(':
        group();
        return false;
      case ')':
        if (open_ == 0) throw Problem{"regexp/syntax: internal error"};  // what re2j says of it
        --open_;
        break;
      case '|':
        has_operand_ = false;
        next();
        return false;
      case '[':
        character_class();
        return false;
      case '*':
      case '+':
      case '?':
        next();
        repetition();
        return true;
      case '{':
        if (!counts()) break;
        repetition();
        return true;
      case '\\':
        backslash();
        return false;
      default:
        break;
    }
    next();
    has_operand_ = true;
    return false;
  }

  void repetition() {
    take("?");
    if (was_repeat_) throw Problem{"invalid nested repetition operator"};
    if (!has_operand_) throw Problem{"missing argument to repetition operator"};
  }

  /// Passes over "{2,3}"; false, and nothing passed: the brace stands for itself.
  bool counts() {
    std::string_view text = rest_.substr(1);
    const auto number = [&text]() -> std::optional<int> {
      size_t length = 0;
      while (length < text.size() && is_digit(text[length])) ++length;
      if (length == 0 || (length > 1 && text.front() == '0')) return std::nullopt;
      int value = 0;
      for (const char c : text.substr(0, length))
        value = std::min(value * 10 + (c - '0'), repeat_count_max + 1);
      text.remove_prefix(length);
      return value;
    };
    const auto least = number();
    if (!least) return false;
    std::optional<int> most = least;
    if (text.starts_with(",")) {
      text.remove_prefix(1);
      most = text.starts_with("}") ? std::optional(repeat_count_max) : number();
      if (!most) return false;
    }
    if (!text.starts_with("}")) return false;
    rest_ = text.substr(1);
    if (*least > repeat_count_max || *most > repeat_count_max || *least > *most) {
      throw Problem{"invalid repeat count"};
    }
    return true;
  }

  void group() {
    ++open_;
    has_operand_ = false;
    if (!at("(?")) return void(next());
    if (take("(?P<") || take("(?<")) return name();
    take("(?");
    bool is_negative = false, has_flag = false;
    while (!rest_.empty()) {
      const char c = next();
      if (std::string_view("imsU").contains(c)) {
        has_flag = true;
      } else if (c == '-' && !is_negative) {
        is_negative = true;
        has_flag = false;
      } else if ((c == ':' || c == ')') && (!is_negative || has_flag)) {
        if (c == ')') --open_;  // flags alone
        return;
      } else {
        break;
      }
    }
    throw Problem{"invalid or unsupported Perl syntax"};
  }

  void name() {
    const size_t end = rest_.find('>');
    const std::string name(rest_.substr(0, end));
    if (end == rest_.npos || name.empty() || !std::ranges::all_of(name, is_word))
      throw Problem{"invalid named capture"};
    if (!names_.insert(name).second) throw Problem{"duplicate capture group name"};
    rest_.remove_prefix(end + 1);
  }

  /// A backslash outside of a class.
  void backslash() {
    has_operand_ = true;
    if (take("\\Q")) {
      const size_t end = rest_.find("\\E");
      rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 2);
      return;
    }
    for (const char* assertion : {"\\A", "\\b", "\\B", "\\z"}) {
      if (take(assertion)) return;
    }
    if (!escaped_class()) escape();
  }

  /// Passes over \d and its kin and \p{...}; false: another escape.
  bool escaped_class() {
    for (const char* perl : {"\\d", "\\D", "\\s", "\\S", "\\w", "\\W"}) {
      if (take(perl)) return true;
    }
    if (!take("\\p") && !take("\\P")) return false;
    if (rest_.empty()) throw Problem{"invalid character class range"};
    std::string_view name = rest_.substr(0, 1);
    size_t length = 1;
    if (take("{")) {
      length = rest_.find('}');
      if (length == rest_.npos) throw Problem{"invalid character class range"};
      name = rest_.substr(0, length++);
    }
    rest_.remove_prefix(length);
    if (name.starts_with("^")) name.remove_prefix(1);
    if (!is_unicode_class(name)) throw Problem{"invalid character class range"};
    return true;
  }

  static bool is_unicode_class(std::string_view name) {
    static constexpr std::string_view categories[] = {
        "Any", "C",  "Cc", "Cf", "Co", "Cs", "L",  "Ll", "Lm", "Lo", "Lt", "Lu", "M",
        "Mc",  "Me", "Mn", "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd", "Pe", "Pf", "Pi",
        "Po",  "Ps", "S",  "Sc", "Sk", "Sm", "So", "Z",  "Zl", "Zp", "Zs"};
    if (name.size() < 3) return std::ranges::find(categories, name) != std::end(categories);
    return name.front() >= 'A' && name.front() <= 'Z' &&
           std::ranges::all_of(name, [](char c) { return is_letter(c) || c == '_'; });
  }

  void character_class() {
    has_operand_ = true;
    next();
    take("^");
    for (bool is_first = true; rest_.empty() || !at("]") || is_first; is_first = false) {
      if (posix_class() || (at("\\") && escaped_class())) continue;
      const uint32_t from = class_character();
      if (!at("-") || at("-]") || rest_ == "-") {
        continue;
      }
      next();
      if (class_character() < from) throw Problem{"invalid character class range"};
    }
    next();
  }

  bool posix_class() {
    if (!at("[:")) return false;
    const size_t end = rest_.find(":]", 2);
    if (end == rest_.npos) return false;
    std::string_view name = rest_.substr(2, end - 2);
    if (name.starts_with("^")) name.remove_prefix(1);
    if (std::ranges::find(posix_classes, name) == std::end(posix_classes))
      throw Problem{"invalid character class range"};
    rest_.remove_prefix(end + 2);
    return true;
  }

  uint32_t class_character() {
    if (rest_.empty()) throw Problem{"missing closing ]"};
    return at("\\") ? escape() : code_point();
  }

  /// One character of UTF-8; a byte that begins none stands for itself.
  uint32_t code_point() {
    const auto lead = static_cast<unsigned char>(next());
    const size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    uint32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
    for (size_t i = 0; i < more && !rest_.empty(); ++i)
      point = point << 6 | (static_cast<unsigned char>(next()) & 0x3F);
    return point;
  }

  uint32_t escape() {
    take("\\");
    if (rest_.empty()) throw Problem{"trailing backslash at end of expression"};
    const char c = rest_.front();
    if (!is_digit(c) && !is_letter(c)) return code_point();
    next();
    if (c == 'x') return hex_escape();
    if (c == '0' || (is_octal(c) && !rest_.empty() && is_octal(rest_.front()))) {
      uint32_t value = c - '0';
      for (int i = 0; i < 2 && !rest_.empty() && is_octal(rest_.front()); ++i)
        value = value * 8 + (next() - '0');
      return value;
    }
    constexpr std::string_view controls = "afnrtv", values = "\a\f\n\r\t\v";
    const size_t which = controls.find(c);
    if (which == controls.npos) throw Problem{"invalid escape sequence"};
    return static_cast<unsigned char>(values[which]);
  }

  uint32_t hex_escape() {
    const bool braced = take("{");
    uint32_t value = 0;
    size_t digits = 0;
    for (; !rest_.empty() && (braced || digits < 2); ++digits) {
      const auto digit = hex_value(rest_.front());
      if (!digit) break;
      value = value * 16 + *digit;
      if (value > code_point_max) throw Problem{"invalid escape sequence"};
      next();
    }
    const bool is_whole = braced ? digits > 0 && take("}") : digits == 2;
    if (!is_whole) throw Problem{"invalid escape sequence"};
    return value;
  }

  std::string_view rest_;
  int open_ = 0;
  bool has_operand_ = false;  // something that a repetition can follow
  bool was_repeat_ = false;
  std::set<std::string> names_;
};

}  // namespace

std::optional<std::string> re2_problem(std::string_view pattern) {
  try {
    Checker(pattern).check();
    return std::nullopt;
  } catch (const Problem& problem) {
    return problem.what;
  }
}

}  // namespace kt::cli::groups
