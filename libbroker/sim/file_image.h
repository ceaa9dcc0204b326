#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "libbroker/base/rng.h"
#include "libbroker/sim/chance.h"

namespace kt::sim {

/// What a power loss does to pages that were not flushed.
struct CrashFaults {
  Chance kept{500'000};    // a page reaches the medium as it was last written
  Chance older{500'000};   // one that does not holds some version since the last flush, not the flushed one
  Chance torn{100'000};    // a page is a mixture, sector by sector, of two of its versions
  Chance garbage{50'000};  // a sector beyond the last flushed length holds noise
};

/// One file: the bytes that readers see, the bytes on the medium, and the changes between the two, in order.
/// The rules are those of a journaling file system on a disk whose sectors are atomic: a page may reach the
/// medium in any of its versions, whatever became of other pages; the length is journaled and may run ahead
/// of the data, which then reads as zeros; what a journaled truncation cut off does not come back.
class FileImage {
 public:
  static constexpr uint64_t page_bytes = 4096, sector_bytes = 512;

  std::span<const std::byte> bytes() const { return cached_; }
  uint64_t size() const { return cached_.size(); }
  std::span<const std::byte> durable_bytes() const { return durable_; }

  void write(uint64_t position, std::span<const std::byte> bytes);
  void resize(uint64_t size);
  /// Every change reaches the medium.
  void flush();
  /// What a failed fdatasync leaves: an arbitrary part reached the medium and all of it is marked clean, so
  /// that a later flush succeeds without writing the rest (the kernel's "fsyncgate").
  void fail_flush(Rng& rng);
  /// The power goes: readers now see what is on the medium.
  void crash(Rng& rng, const CrashFaults& faults);
  /// The medium rots: flips the bits of `mask` at `position`. Readers see it unless the page is dirty.
  void flip_bits(uint64_t position, std::byte mask);

 private:
  struct Change {
    bool is_resize = false;
    uint64_t position = 0;  // of a resize: the new size
    std::vector<std::byte> bytes = {};
    uint64_t end() const { return position + bytes.size(); }
  };
  using Page = std::vector<std::byte>;

  void dirty_clean_pages(uint64_t position, uint64_t count);
  uint64_t size_after(size_t changes) const;
  struct DirtyPage {
    uint64_t page = 0;
    std::vector<size_t> changes = {};  // those that touch it, in order
  };
  std::map<uint64_t, DirtyPage> dirty_pages() const;
  /// The page after the first `count` changes that touch it, and after every cut among the first `journaled`
  /// ones.
  Page version(const DirtyPage& dirty, size_t count, size_t journaled) const;
  /// How many of its changes may have reached the page when no cut beyond the first `journaled` changes has.
  size_t newest_version(const DirtyPage& dirty, size_t journaled) const;
  Page crashed_page(const DirtyPage& dirty, size_t journaled, Rng& rng, const CrashFaults& faults) const;
  /// Puts one possible outcome of the pending changes on the medium.
  void settle(Rng& rng, const CrashFaults& faults);

  std::vector<std::byte> cached_, durable_;
  std::vector<Change> changes_;
  std::set<uint64_t> wrongly_clean_;  // pages that differ from the medium though no change says so
};

}  // namespace kt::sim
