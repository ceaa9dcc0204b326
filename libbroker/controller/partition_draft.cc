#include "libbroker/controller/partition_draft.h"

#include "libbroker/metadata/image_builder.h"

namespace kt::controller {

const metadata::Partition* PartitionDraft::find(const metadata::Topic& topic, int32_t index) const {
  const auto found = changed_.find({topic.id, index});
  return found == changed_.end() ? topic.partition(index) : &found->second;
}

void PartitionDraft::change(const metadata::Partition& now, wire::PartitionChangeRecord record) {
  changed_.insert_or_assign({record.topic_id, record.partition_id}, metadata::changed(now, record));
  records_.push_back(std::move(record));
}

}  // namespace kt::controller
