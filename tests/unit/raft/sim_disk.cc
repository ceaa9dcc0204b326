#include "tests/unit/raft/sim_disk.h"

#include <algorithm>

#include "libbroker/base/assert.h"

namespace kt::raft::sim {

const Batch* Log::at(int64_t offset) const {
  const auto found = std::ranges::upper_bound(batches, offset, {}, &Batch::end_offset);
  return found == batches.end() || found->base_offset > offset ? nullptr : &*found;
}

void SimDisk::apply(Log& log, const Change& change) {
  if (const auto* batch = std::get_if<Batch>(&change)) {
    KT_ASSERT(batch->base_offset == log.end().offset);
    log.batches.push_back(*batch);
    return;
  }
  const int64_t end_offset = std::get<int64_t>(change);
  while (!log.batches.empty() && log.batches.back().base_offset >= end_offset) log.batches.pop_back();
  KT_ASSERT(log.end().offset == end_offset);  // a batch is never cut
}

void SimDisk::append(Batch batch) {
  apply(log_, batch);
  unflushed_.push_back(std::move(batch));
  ++done_;
}

void SimDisk::truncate(int64_t end_offset) {
  apply(log_, end_offset);
  unflushed_.push_back(end_offset);
  ++done_;
}

void SimDisk::restart_at(LogEnd snapshot) {
  KT_ASSERT(snapshots.contains(snapshot));
  log_ = durable_ = {.start = snapshot};
  unflushed_.clear();
}

void SimDisk::trim(LogEnd snapshot) {
  KT_ASSERT(snapshots.contains(snapshot));
  flush(mark());
  if (snapshot.offset <= log_.start.offset) return;
  std::erase_if(log_.batches, [&](const Batch& batch) { return batch.end_offset() <= snapshot.offset; });
  log_.start = snapshot;
  durable_ = log_;
  snapshots.erase(snapshots.begin(), snapshots.find(snapshot));
}

void SimDisk::flush(uint64_t mark) {
  while (done_ - unflushed_.size() < mark && !unflushed_.empty()) {
    apply(durable_, unflushed_.front());
    unflushed_.pop_front();
  }
}

void SimDisk::crash(Rng& rng) {
  const uint64_t kept = rng.below(unflushed_.size() + 1);
  flush(done_ - unflushed_.size() + kept);
  unflushed_.clear();
  log_ = durable_;
  if (!snapshots.empty() && snapshots.rbegin()->first.offset > log_.end().offset)
    restart_at(snapshots.rbegin()->first);
}

}  // namespace kt::raft::sim
