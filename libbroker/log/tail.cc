#include "libbroker/log/tail.h"

#include <algorithm>

namespace kt::log {

void Tail::append(const Batch& batch) {
  const size_t size = batch.bytes.size();
  if (size > bytes_max_ || (size > copy_bytes_max && !batch.bytes.owner)) return clear();
  shrink_to(bytes_max_ - size);
  while (!budget_.take(size)) {
    if (batches_.empty()) return;
    drop_oldest();
  }
  batches_.push_back(batch);
  if (size <= copy_bytes_max) batches_.back().bytes = Slice::copy(batch.bytes.bytes);
  bytes_ += size;
}

void Tail::clear() { shrink_to(0); }

void Tail::shrink_to(uint64_t bytes) {
  while (bytes_ > bytes) drop_oldest();
}

void Tail::drop_oldest() {
  const size_t size = batches_.front().bytes.size();
  batches_.pop_front();
  bytes_ -= size;
  budget_.give(size);
}

std::deque<Tail::Batch>::const_iterator Tail::find(int64_t offset) const {
  if (batches_.empty() || offset < batches_.front().base_offset) return batches_.end();
  return std::ranges::lower_bound(batches_, offset, {}, &Batch::last_offset);
}

}  // namespace kt::log
