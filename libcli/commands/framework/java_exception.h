#pragma once
#include <string>

#include "libbroker/base/result.h"

namespace kt::cli {

/// "org.apache.kafka.common.errors.OffsetOutOfRangeException": the class that an error code is in Java.
std::string java_class(ErrorCode code);

/// What Kafka's tools print of an error where they print an exception:
/// "org.apache.kafka.common.errors.GroupNotEmptyException: The group is not empty."
std::string java_exception(const Error& error);

/// The exception's own text: what the broker said, or Kafka's sentence for the code.
std::string java_message(const Error& error);

}  // namespace kt::cli
