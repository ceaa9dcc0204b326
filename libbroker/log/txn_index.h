#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kt::log {

/// An aborted transaction, as `.txnindex` keeps it with the segment of its marker.
struct AbortedTransaction {
  int64_t producer_id = -1;
  int64_t first_offset = 0;
  int64_t last_offset = 0;         // the marker's
  int64_t last_stable_offset = 0;  // after the marker
  bool operator==(const AbortedTransaction&) const = default;
};

/// The aborted transactions whose markers lie in one segment, by ascending marker.
///
///     .txnindex = (version:int16(0) producer-id:int64 first-offset:int64 last-offset:int64
///     last-stable-offset:int64)*
///
/// A segment without one has no file.
class TxnIndex {
 public:
  static constexpr size_t entry_bytes = 34;

  /// None when the bytes are not whole entries of version 0 by ascending marker, at or after `base_offset`.
  static std::optional<TxnIndex> parse(int64_t base_offset, std::span<const std::byte> bytes);
  std::vector<std::byte> encode() const;

  bool is_empty() const { return entries_.empty(); }
  std::span<const AbortedTransaction> entries() const { return entries_; }
  void append(const AbortedTransaction& aborted);
  /// Forgets transactions whose marker is at or beyond `offset`.
  void truncate_to(int64_t offset);

  /// Adds those that overlap [from, to) to `found`. True when no later segment can hold another one.
  bool collect(int64_t from, int64_t to, std::vector<AbortedTransaction>& found) const;

 private:
  std::vector<AbortedTransaction> entries_;
};

}  // namespace kt::log
