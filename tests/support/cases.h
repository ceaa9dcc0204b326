#pragma once
#include <cstddef>

namespace kt::test {

/// How far apart the cases are that a test of very many runs: `n` under ASan, which is tenfold slower, else 1.
constexpr size_t one_in([[maybe_unused]] size_t n) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return n;
#endif
#endif
  return 1;
}

}  // namespace kt::test
