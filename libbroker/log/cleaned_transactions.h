#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/log/txn_index.h"

namespace kt::record {
class BatchView;
}

namespace kt::log {

/// Follows transactions over batches read in order: which batches belong to an aborted one, and which markers
/// still have data to speak of. A marker may go only after all batches of its transaction are gone.
class CleanedTransactions {
 public:
  /// `aborted`: those with records in the range that will be read, in any order.
  explicit CleanedTransactions(std::vector<AbortedTransaction> aborted);

  /// Whether a data batch is of an aborted transaction.
  bool is_aborted(const record::BatchView& batch);
  struct Marker {
    bool is_needless = false;                              // no batch of its transaction was read
    std::optional<AbortedTransaction> still_aborted = {};  // to be kept in the transaction index
  };
  /// Errors: corrupt_message.
  Result<Marker> end_of(const record::BatchView& control_batch);

 private:
  struct Ongoing {
    AbortedTransaction transaction;
    bool has_batches = false;
  };
  void begin_up_to(int64_t offset);

  std::vector<AbortedTransaction> coming_;        // by descending first offset
  std::unordered_map<int64_t, Ongoing> aborted_;  // by producer
  std::set<int64_t> committed_;  // producers that wrote to a transaction that was not aborted
};

}  // namespace kt::log
