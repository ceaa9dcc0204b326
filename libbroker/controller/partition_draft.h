#pragma once
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "libbroker/metadata/image.h"

namespace kt::controller {

/// The partitions as a decision in the making leaves them, and the records of that. Who names a partition
/// twice in one request is answered as if by two requests: the second change builds on the first.
class PartitionDraft {
 public:
  /// nullptr when there is none. Valid until this partition is changed.
  const metadata::Partition* find(const metadata::Topic& topic, int32_t index) const;
  void change(const metadata::Partition& now, wire::PartitionChangeRecord record);

  size_t size() const { return records_.size(); }
  std::vector<metadata::Record> take_records() { return std::move(records_); }

 private:
  std::map<std::pair<Uuid, int32_t>, metadata::Partition> changed_;
  std::vector<metadata::Record> records_;
};

}  // namespace kt::controller
