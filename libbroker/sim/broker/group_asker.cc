#include "libbroker/sim/broker/group_asker.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "libbroker/client/cluster.h"
#include "libbroker/client/group_offsets.h"
#include "libbroker/sim/broker/client_setup.h"
#include "libbroker/sim/broker/polls.h"
#include "libbroker/sim/chance.h"

namespace kt::sim {
namespace {

constexpr int64_t behind_ms_max = 5;

class GroupAsker {
 public:
  GroupAsker(Machine& machine, std::vector<Endpoint> brokers, Workload& workload)
      : machine_(machine),
        workload_(workload),
        cluster_(machine.loop(), machine.net(), machine.clock(),
                 cluster_options(std::move(brokers), workload)) {
    machine_.loop().post([this] { ask_later(); });
    workload_.reader_commits = [this] { machine_.loop().post([this] { on_commit(); }); };
  }
  ~GroupAsker() { workload_.reader_commits = nullptr; }

 private:
  /// Half of the time close behind the next commit: what is told too early is so for a moment alone.
  void ask_later() {
    machine_.loop().after(exponential(machine_.rng(), 2 * workload_.options().commit_interval_ms), [this] {
      is_waiting_ = workload_.is_ready && machine_.rng().below(2) == 0;
      if (!is_waiting_) ask();
    });
  }

  void on_commit() {
    if (!std::exchange(is_waiting_, false)) return;
    machine_.loop().after(between(machine_.rng(), 0, behind_ms_max), [this] { ask(); });
  }

  void ask() {
    if (workload_.is_over) return;
    if (!workload_.is_ready || workload_.reader_group_number() == 0) return ask_later();
    const uint32_t group = workload_.reader_group_number();
    if (!commits_ || group_ != group) {
      commits_.emplace(workload_, workload_.topics()[0].recorder, 1 + group);
      group_ = group;
    }
    coordinator_.emplace(cluster_, workload_.reader_group(), whom_to_ask());
    const auto partitions = partitions_of(workload_.topics()[0]);
    commits_->ask(
        partitions,
        [&](auto answered) { fetch_offsets(*coordinator_, partitions, false, 0, std::move(answered)); },
        [this](const Result<void>&) { ask_later(); });
  }

  /// Every other time whichever broker there is, since one that has been replaced may not know it; else whom
  /// the brokers name.
  std::optional<int32_t> whom_to_ask() {
    const auto& brokers = cluster_.topology().brokers;
    const uint64_t drawn = machine_.rng().below(2 * std::max<size_t>(brokers.size(), 1));
    if (drawn >= brokers.size()) return std::nullopt;
    return std::next(brokers.begin(), static_cast<ptrdiff_t>(drawn))->first;
  }

  Machine& machine_;
  Workload& workload_;
  client::Cluster cluster_;
  std::optional<client::Coordinator> coordinator_;
  std::optional<CommitHistory> commits_;
  uint32_t group_ = 0;
  bool is_waiting_ = false;  // for a commit
};

}  // namespace

Program group_asker_program(std::vector<Endpoint> brokers, Workload& workload) {
  return [brokers = std::move(brokers), &workload](Machine& machine) -> Process {
    return std::make_shared<GroupAsker>(machine, brokers, workload);
  };
}

}  // namespace kt::sim
