#include "libbroker/wire/codec.h"

#include <fmt/core.h>

namespace kt::wire {

void Codec::refuse_absent(const char* name) const {
  throw EncodeError(fmt::format("version {} cannot carry a non-default {}", version_, name));
}

void Codec::refuse_null() const {
  if (encoding_) throw EncodeError(fmt::format("version {} cannot carry this null", version_));
  throw DecodeError(fmt::format("null where version {} allows none", version_));
}

}  // namespace kt::wire
