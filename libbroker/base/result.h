#pragma once
#include <expected>
#include <string>
#include <utility>

#include "libbroker/base/error_code.h"

namespace kt {

/// What a requester is told: Kafka's code, and a sentence where the tools print one (empty: the table's text).
struct Error {
  ErrorCode code = ErrorCode::none;
  std::string message = {};
  bool operator==(const Error&) const = default;
};

/// A value, or the protocol error its requester will be sent.
template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message = {}) {
  return std::unexpected(Error{code, std::move(message)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace kt
