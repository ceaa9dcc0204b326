#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace kt::record {

/// CRC-32C (Castagnoli, reflected, as RFC 3720 and java.util.zip.CRC32C) of `bytes`. To checksum in pieces,
/// pass the result so far as `previous`. Runs on the widest instructions this processor has.
uint32_t crc32c(std::span<const std::byte> bytes, uint32_t previous = 0);

/// One way to compute it. All give the same result.
struct Crc32cImplementation {
  const char* name;
  uint32_t (*compute)(std::span<const std::byte> bytes, uint32_t previous);
};

/// Those that this processor can run, fastest first; the last is the portable slice-by-8, the reference for
/// the others.
std::span<const Crc32cImplementation> crc32c_implementations();

}  // namespace kt::record
