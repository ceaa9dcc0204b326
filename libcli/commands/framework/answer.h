#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/result.h"

namespace kt::cli {

/// What a broker leaves out of an answer although it was asked for it: "the broker answered without a group".
inline std::unexpected<Error> answered_without(std::string_view what) {
  return fail(ErrorCode::unknown_server_error, "the broker answered without " + std::string(what));
}

/// The part of an answer that was asked about one thing. Errors: it is not there; told as
/// answered_without(what).
template <class Part>
Result<Part*> only_part(std::vector<Part>& parts, std::string_view what) {
  if (parts.empty()) return answered_without(what);
  return &parts.front();
}
/// Its error; none of a part that is not there.
template <class Part>
ErrorCode error_of_only(const std::vector<Part>& parts) {
  return parts.empty() ? ErrorCode::none : parts.front().error_code;
}

}  // namespace kt::cli
