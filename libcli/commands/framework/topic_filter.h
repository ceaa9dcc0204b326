#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/result.h"

namespace kt::cli {

/// Kafka's IncludeList: "a,b.*" is a Java regex over whole names in which ',' means '|'; blanks and outer quotes are
/// dropped (reference/cli.md §2.7).
class TopicFilter {
 public:
  /// Errors: invalid_request, "<text> is an invalid regex."
  static Result<TopicFilter> parse(std::string text);
  bool matches(const std::string& topic) const;

 private:
  struct Pattern;
  std::shared_ptr<const Pattern> pattern_;
};

}  // namespace kt::cli
