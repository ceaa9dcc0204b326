#pragma once
#include <string>
#include <vector>

#include "tests/unit/controller/cluster.h"

namespace kt::controller {

/// An AlterPartition as the partition's leader sends it.
class Leader {
 public:
  Leader(Cluster& cluster, const std::string& topic, int32_t index = 0) : cluster_(cluster) {
    const auto& partition = cluster.partition(topic, index);
    request.broker_id = partition.leader;
    request.broker_epoch = cluster.image().broker(partition.leader)->epoch;
    request.topics = {{.topic_id = cluster.image().topic(topic)->id, .partitions = {{}}}};
    data().partition_index = index;
    data().leader_epoch = partition.leader_epoch;
    data().partition_epoch = partition.partition_epoch;
  }
  wire::AlterPartitionRequest::PartitionData& data() { return request.topics[0].partitions[0]; }
  wire::AlterPartitionResponse::PartitionData wants(std::vector<int32_t> isr) {
    data().new_isr_with_epochs.clear();
    for (const int32_t id : isr) {
      const auto* broker = cluster_.image().broker(id);
      data().new_isr_with_epochs.push_back({id, broker ? broker->epoch : -1});
    }
    return send();
  }
  wire::AlterPartitionResponse::PartitionData send() {
    return cluster_.ask(request).topics.at(0).partitions.at(0);
  }
  wire::AlterPartitionRequest request;

 private:
  Cluster& cluster_;
};

}  // namespace kt::controller
