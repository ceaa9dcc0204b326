#include "libbroker/log/cleaned_transactions.h"

#include <algorithm>

#include "libbroker/record/batch.h"
#include "libbroker/record/control.h"

namespace kt::log {

CleanedTransactions::CleanedTransactions(std::vector<AbortedTransaction> aborted)
    : coming_(std::move(aborted)) {
  std::ranges::sort(coming_, std::greater(), &AbortedTransaction::first_offset);
}

void CleanedTransactions::begin_up_to(int64_t offset) {
  for (; !coming_.empty() && coming_.back().first_offset <= offset; coming_.pop_back())
    aborted_.try_emplace(coming_.back().producer_id, Ongoing{coming_.back()});
}

bool CleanedTransactions::is_aborted(const record::BatchView& batch) {
  begin_up_to(batch.last_offset());
  if (!batch.is_transactional()) return false;
  const auto found = aborted_.find(batch.producer_id());
  if (found == aborted_.end()) {
    committed_.insert(batch.producer_id());
    return false;
  }
  found->second.has_batches = true;
  return true;
}

Result<CleanedTransactions::Marker> CleanedTransactions::end_of(const record::BatchView& control_batch) {
  begin_up_to(control_batch.last_offset());
  if (control_batch.record_count() == 0) return Marker{.is_needless = true};  // cleaned before
  if (!control_batch.has_producer_id()) return Marker{};                      // of the metadata quorum
  const auto marker = record::decode_end_marker(control_batch);
  if (!marker) return fail(marker.error());
  if (!*marker) return Marker{};
  const int64_t producer_id = control_batch.producer_id();
  if ((*marker)->is_commit) return Marker{.is_needless = committed_.erase(producer_id) == 0};
  const auto ended = aborted_.extract(producer_id);
  if (ended.empty() || !ended.mapped().has_batches) return Marker{.is_needless = true};
  return Marker{.still_aborted = ended.mapped().transaction};
}

}  // namespace kt::log
