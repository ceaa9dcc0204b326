#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "libbroker/group/types.h"

namespace kt::group {

/// Transactions of a log that is read in its order (KIP-98), none of which this broker wrote: producers of
/// Kafka's clients commit positions in them. What they wrote is held until their end says whether it counts.
/// Of several records of a key that one counts which stands last in the log, whenever its transaction ended.
/// Holds no more than the log does.
class OpenTransactions {
 public:
  void hold(int64_t producer_id, int64_t offset, Record record);
  /// A record that counts, of no transaction: what is held for its key stands before it.
  void overtake(const Record& record);
  /// The end of the producer's transaction. The records that count from now on: none if it was aborted.
  std::vector<Record> end(int64_t producer_id, bool is_commit);

 private:
  using Key = std::vector<std::byte>;
  struct Held {
    int64_t offset = 0;
    std::optional<std::vector<std::byte>> value = {};
  };
  std::map<Key, std::map<int64_t, Held>> held_;  // by producer
  std::map<int64_t, std::vector<Key>> keys_of_;  // of a producer, perhaps with some that were overtaken
};

}  // namespace kt::group
