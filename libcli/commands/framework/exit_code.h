#pragma once
#include <cstdint>

namespace kt::cli {

/// What a command's end means (design/cli.md, 5.1). Under a Kafka script's name every failure is 1, as there.
enum class Exit : uint8_t {
  done = 0,         // or: the answer is yes, the two are equal
  failed = 1,       // or: no, different, some items failed
  usage = 2,        // before anything was tried
  unreachable = 3,  // or: could not decide
  not_found = 4,
  denied = 5,
  timed_out = 124,
  interrupted = 130,
  terminated = 143,
};

}  // namespace kt::cli
