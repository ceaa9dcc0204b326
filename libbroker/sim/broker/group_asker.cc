#include "libbroker/sim/broker/group_asker.h"

#include <memory>
#include <optional>
#include <utility>

#include "libbroker/client/cluster.h"
#include "libbroker/client/consumer.h"
#include "libbroker/sim/broker/client_setup.h"
#include "libbroker/sim/broker/polls.h"
#include "libbroker/sim/chance.h"

namespace kt::sim {
namespace {

class GroupAsker {
 public:
  GroupAsker(Machine& machine, std::vector<Endpoint> brokers, Workload& workload)
      : machine_(machine),
        workload_(workload),
        cluster_(machine.loop(), machine.net(), machine.clock(),
                 cluster_options(std::move(brokers), workload)) {
    machine_.loop().post([this] { ask_later(); });
  }

 private:
  void ask_later() {
    machine_.loop().after(exponential(machine_.rng(), 2 * workload_.options().commit_interval_ms),
                          [this] { ask(); });
  }

  void ask() {
    if (workload_.is_over) return;
    if (!workload_.is_ready || workload_.reader_group_number() == 0) return ask_later();
    const uint32_t group = workload_.reader_group_number();
    if (!consumer_ || group_ != group) {
      client::ConsumerOptions options;
      options.group_id = workload_.reader_group();
      options.auto_commits = false;
      options.api_timeout_ms = 0;
      consumer_ = std::make_unique<client::Consumer>(cluster_, options);
      commits_.emplace(workload_, workload_.topics()[0].recorder, 1 + group);
      group_ = group;
    }
    commits_->ask(*consumer_, partitions_of(workload_.topics()[0]),
                  [this](const Result<void>&) { ask_later(); });
  }

  Machine& machine_;
  Workload& workload_;
  client::Cluster cluster_;
  std::unique_ptr<client::Consumer> consumer_;
  std::optional<CommitHistory> commits_;
  uint32_t group_ = 0;
};

}  // namespace

Program group_asker_program(std::vector<Endpoint> brokers, Workload& workload) {
  return [brokers = std::move(brokers), &workload](Machine& machine) -> Process {
    return std::make_shared<GroupAsker>(machine, brokers, workload);
  };
}

}  // namespace kt::sim
