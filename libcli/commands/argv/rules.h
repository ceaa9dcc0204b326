#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "libcli/commands/argv/given.h"
#include "libcli/commands/argv/usage_error.h"

namespace kt::cli {

/// What a tool demands of its options beyond the table. Rules are stated in the order in which Kafka's tool
/// checks them; the first that is broken is the error, the rest are not looked at.
class Rules {
 public:
  explicit Rules(const Given& given) : given_(given) {}

  /// Missing required argument "[topic]"
  Rules& require(std::initializer_list<std::string_view> options);
  /// Option "[if-exists]" can't be used with option "[create]"
  Rules& forbid(std::string_view option, std::initializer_list<std::string_view> with);
  /// Option combination "[[bootstrap-server], [config]]" can't be used with option "[alter]"<suffix>
  Rules& forbid_all(std::initializer_list<std::string_view> together,
                    std::initializer_list<std::string_view> with, std::string_view suffix = {});
  /// Options --<first> and --<second> cannot be specified together. (two names of one option)
  Rules& one_name(std::string_view option, std::string_view first, std::string_view second);
  /// `message` unless `holds`.
  Rules& that(bool holds, std::string_view message, Show show = Show::usage);
  /// Some other check's error; `check` runs only while no rule is broken.
  template <class F>
  Rules& check(F check) {
    if (!broken_) broken_ = check();
    return *this;
  }

  const std::optional<UsageError>& broken() const { return broken_; }

 private:
  const Given& given_;
  std::optional<UsageError> broken_;
};

/// How many of the options were given.
size_t count_given(const Given& given, std::initializer_list<std::string_view> options);

}  // namespace kt::cli
