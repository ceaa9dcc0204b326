#pragma once
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/error_code.h"

namespace kt::term {

class Paint;

/// What went wrong, for a person: what and why, the likely fix, where to read on.
struct Failure {
  std::string message;
  ErrorCode code = ErrorCode::none;  // none: nothing a broker said
  std::vector<std::string> did_you_mean = {};
  std::string try_this = {};  // a command line
};

/// error: topic "x" does not exist (UNKNOWN_TOPIC_OR_PARTITION, 3)
///   did you mean: y
///   try: kt topics list
void print_failure(std::ostream& err, const Failure& failure, const Paint& paint);

inline constexpr int json_schema = 1;

/// The whole of a command's answer as one JSON document on one line, valid also when parts failed:
/// {"kt":{"command":"topics.describe","schema":1},"items":[...],"errors":[...]}. `items` is an array.
/// Text that is not UTF-8 is shown with U+FFFD where it is broken.
void print_document(std::ostream& out, std::string_view command, const nlohmann::ordered_json& items,
                    const std::vector<Failure>& failures);

}  // namespace kt::term
