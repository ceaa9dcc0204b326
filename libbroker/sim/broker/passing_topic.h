#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/base/uuid.h"
#include "libbroker/client/cluster.h"
#include "libbroker/client/consumer.h"
#include "libbroker/client/producer.h"
#include "libbroker/sim/broker/workload.h"
#include "libbroker/sim/machine.h"

namespace kt::sim {

/// A topic that is deleted and made again under the same name (KIP-516). Each life has its own records, whose
/// bytes say of which life they are; a life that shows another's, or lacks what it acknowledged, is a
/// violation.
class PassingTopic {
 public:
  PassingTopic(Machine& machine, std::vector<Endpoint> brokers, Workload& workload);

  /// One life more, from its predecessor's end to the reading of its records; `then` when it is over, or has
  /// taken too long. The broker `absent` is down until there is something to read.
  void recreate(std::optional<uint32_t> absent, std::function<void()> then);

 private:
  void remove();
  void create();
  void learn_id();
  void fill();
  void read();
  void on_polled(Result<client::Consumer::Polled> polled);
  void bring_back();
  void end();
  bool is_late() { return machine_.clock().monotonic_ms() > late_ms_; }
  void again(void (PassingTopic::*step)());
  std::string label() const;

  Machine& machine_;
  const std::vector<Endpoint> brokers_;
  Workload& workload_;
  std::unique_ptr<client::Cluster> cluster_;  // another for each life: it remembers ids
  std::unique_ptr<client::Producer> producer_;
  std::unique_ptr<client::Consumer> consumer_;
  std::function<void()> then_;
  std::optional<uint32_t> absent_;
  int64_t late_ms_ = 0;
  std::optional<Uuid> id_;  // of the present life, once it is known
  size_t open_ = 0;         // sends
  std::set<Value> acknowledged_, seen_;
  int64_t acknowledged_end_ = 0;
};

}  // namespace kt::sim
