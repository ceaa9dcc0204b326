#pragma once
#include <fmt/core.h>

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "libbroker/base/result.h"
#include "libcli/config/properties.h"

namespace kt::cli {

/// Reads typed values out of the map and remembers the first that is none.
class PropertyReader {
 public:
  explicit PropertyReader(const config::Properties& properties) : properties_(properties) {}

  template <class N>
  void number(std::string_view key, N& into, N at_least = std::numeric_limits<N>::lowest()) {
    const auto text = config::find(properties_, key);
    if (!text) return;
    N value = 0;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text->data() + text->size()) {
      return refuse(key, *text, fmt::format("Not a number of type {}", sizeof(N) > 4 ? "LONG" : "INT"));
    }
    if (value < at_least) return refuse(key, *text, fmt::format("Value must be at least {}", at_least));
    into = value;
  }
  void flag(std::string_view key, bool& into) {
    const auto text = config::find(properties_, key);
    if (!text) return;
    if (*text != "true" && *text != "false")
      return refuse(key, *text, "Expected value to be either true or false");
    into = *text == "true";
  }
  std::optional<std::string> text(std::string_view key) const { return config::find(properties_, key); }
  void refuse(std::string_view key, std::string_view value, std::string_view why) {
    if (problem_.empty())
      problem_ = fmt::format("Invalid value {} for configuration {}: {}", value, key, why);
  }
  /// Errors: invalid_config, Kafka's sentence about the first that cannot be taken.
  Result<void> outcome() const {
    return problem_.empty() ? Result<void>() : fail(ErrorCode::invalid_config, problem_);
  }

 private:
  const config::Properties& properties_;
  std::string problem_;
};

}  // namespace kt::cli
