#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>

/// What every target of this folder defines: tries one input, and aborts when kt does what it must not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace kt::fuzz {

/// Ends the process, for libFuzzer and ctest to see, unless `holds`.
inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
  std::abort();
}

inline std::span<const std::byte> input_of(const uint8_t* data, size_t size) {
  return std::as_bytes(std::span(data, size));
}

}  // namespace kt::fuzz
