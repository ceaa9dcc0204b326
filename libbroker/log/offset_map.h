#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kt {
class Rng;
}

namespace kt::log {

/// The newest offset of each key of a log's dirty part. Keys are kept as 128-bit hashes with a secret
/// (SipHash), so that nobody can choose two that fall together; 24 bytes an entry, as Kafka's, in a table
/// that grows to its limit.
class OffsetMap {
 public:
  static constexpr size_t entry_bytes = 24;
  /// `bytes_max` of memory, of which `load_factor` is filled (log.cleaner.dedupe.buffer.size,
  /// io.buffer.load.factor).
  OffsetMap(Rng& rng, size_t bytes_max, double load_factor);

  /// False, and nothing is changed, when a new key finds no room.
  bool put(std::span<const std::byte> key, int64_t offset);
  /// -1 for a key that is not there.
  int64_t get(std::span<const std::byte> key) const;
  size_t size() const { return size_; }

 private:
  struct Entry {
    uint64_t high = 0, low = 0;
    int64_t offset_plus_one = 0;  // 0: free
  };
  Entry hash(std::span<const std::byte> key) const;
  size_t find(const Entry& entry) const;
  void grow();

  const uint64_t secret_high_, secret_low_;
  const size_t slots_max_;
  const double load_factor_;
  std::vector<Entry> slots_;
  size_t size_ = 0;
};

}  // namespace kt::log
