#include "libbroker/log/txn_index.h"

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"

namespace kt::log {

constexpr int16_t version = 0;

std::optional<TxnIndex> TxnIndex::parse(int64_t base_offset, std::span<const std::byte> bytes) {
  if (bytes.size() % entry_bytes != 0) return std::nullopt;
  TxnIndex index;
  for (const std::byte* at = bytes.data(); at != bytes.data() + bytes.size(); at += entry_bytes) {
    const AbortedTransaction aborted{load_be<int64_t>(at + 2), load_be<int64_t>(at + 10),
                                     load_be<int64_t>(at + 18), load_be<int64_t>(at + 26)};
    if (load_be<int16_t>(at) != version || aborted.last_offset < base_offset) return std::nullopt;
    if (!index.is_empty() && aborted.last_offset <= index.entries_.back().last_offset) return std::nullopt;
    index.entries_.push_back(aborted);
  }
  return index;
}

std::vector<std::byte> TxnIndex::encode() const {
  std::vector<std::byte> bytes(entries_.size() * entry_bytes);
  std::byte* at = bytes.data();
  for (const AbortedTransaction& aborted : entries_) {
    store_be(at, version);
    store_be(at + 2, aborted.producer_id);
    store_be(at + 10, aborted.first_offset);
    store_be(at + 18, aborted.last_offset);
    store_be(at + 26, aborted.last_stable_offset);
    at += entry_bytes;
  }
  return bytes;
}

void TxnIndex::append(const AbortedTransaction& aborted) {
  KT_ASSERT(entries_.empty() || aborted.last_offset > entries_.back().last_offset);
  entries_.push_back(aborted);
}

void TxnIndex::truncate_to(int64_t offset) {
  std::erase_if(entries_, [&](const AbortedTransaction& aborted) { return aborted.last_offset >= offset; });
}

bool TxnIndex::collect(int64_t from, int64_t to, std::vector<AbortedTransaction>& found) const {
  for (const AbortedTransaction& aborted : entries_) {
    if (aborted.last_offset >= from && aborted.first_offset < to) found.push_back(aborted);
    if (aborted.last_stable_offset >= to) return true;
  }
  return false;
}

}  // namespace kt::log
