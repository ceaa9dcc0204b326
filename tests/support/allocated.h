#pragma once
#include <cstdint>

namespace kt::test {

/// What operator new has given and not got back, in this thread, now and at its height since the last reset.
/// A program that links this counts.
int64_t allocated_bytes();
int64_t allocated_bytes_max();
void reset_allocated_bytes_max();

/// Bytes that `use` had allocated at its height, over what was allocated before.
template <class Use>
int64_t allocated_height_of(const Use& use) {
  const int64_t before = allocated_bytes();
  reset_allocated_bytes_max();
  use();
  return allocated_bytes_max() - before;
}

}  // namespace kt::test
