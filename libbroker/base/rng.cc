#include "libbroker/base/rng.h"

#include <sys/random.h>

#include "libbroker/base/assert.h"

namespace kt {

uint64_t system_seed() {
  uint64_t seed = 0;
  KT_ASSERT(getrandom(&seed, sizeof seed, 0) == sizeof seed);
  return seed;
}

}  // namespace kt
