#include "libbroker/controller/partition_change.h"

#include <algorithm>
#include <set>

namespace kt::controller {
namespace {

using metadata::LeaderRecovery;
using metadata::no_leader;
using metadata::Partition;
using Ids = std::vector<int32_t>;

constexpr int32_t leader_unchanged = -2;                      // PartitionChangeRecord
constexpr int16_t metadata_version_without_shrink_bump = 12;  // 3.6-IV0 (KAFKA-15021)

bool has(const Ids& ids, int32_t id) { return std::ranges::count(ids, id) > 0; }
bool has_all(const Ids& ids, const Ids& wanted) {
  return std::ranges::all_of(wanted, [&](int32_t id) { return has(ids, id); });
}
Ids without(const Ids& ids, const Ids& removed) {
  Ids out;
  std::ranges::copy_if(ids, std::back_inserter(out), [&](int32_t id) { return !has(removed, id); });
  return out;
}

/// One use: brings together what a partition is, what it is to be, and the record between the two.
class Change {
 public:
  Change(const Uuid& topic_id, int32_t index, const Partition& now, PartitionTarget target,
         const ElectionRules& rules)
      : now_(now), target_(std::move(target)), rules_(rules), elr_(now.elr) {
    record_.topic_id = topic_id;
    record_.partition_id = index;
  }

  std::optional<wire::PartitionChangeRecord> build() && {
    complete_reassignment();
    set_target_elr();
    elect();
    if (record_.leader == leader_unchanged && !has_all(target_.replicas, now_.replicas))
      record_.leader = now_.leader;
    put_elr();
    put_isr();
    put_last_known_leader();
    put_assignment();
    if (target_.recovery != now_.leader_recovery && !unclean_)
      record_.leader_recovery_state = static_cast<int8_t>(target_.recovery);
    if (is_noop()) return std::nullopt;
    return std::move(record_);
  }

 private:
  void complete_reassignment() {
    if (target_.removing.empty() && target_.adding.empty()) return;
    const Ids replicas = without(target_.replicas, target_.removing);
    const Ids isr = without(target_.isr, target_.removing);
    if (replicas.empty() || isr.empty() || !has_all(isr, replicas)) return;
    target_.replicas = replicas;
    target_.isr = isr;
    target_.removing.clear();
    target_.adding.clear();
  }

  void set_target_elr() {
    if (!rules_.elr_enabled) return;
    elr_.clear();
    if (static_cast<int32_t>(target_.isr.size()) >= rules_.min_isr) return;
    std::set<int32_t> eligible(now_.elr.begin(), now_.elr.end());
    eligible.insert(now_.isr.begin(), now_.isr.end());
    for (const int32_t id : eligible)
      if (has(target_.replicas, id) && !has(target_.isr, id) && id != target_.unclean_shutdown)
        elr_.push_back(id);
  }

  bool may_lead_cleanly(int32_t id) const {
    if (rules_.mutants.has(Mutant::controller_elects_anyone) && rules_.may_lead(id)) return true;
    return (has(target_.isr, id) || (target_.isr.empty() && has(elr_, id))) && rules_.may_lead(id);
  }

  /// Who shall lead; sets unclean_.
  int32_t choose_leader() {
    const bool wants_preferred = target_.election == Election::preferred;
    if (wants_preferred && may_lead_cleanly(target_.replicas.front())) return target_.replicas.front();
    if (may_lead_cleanly(now_.leader)) return now_.leader;
    for (const int32_t id : target_.replicas)
      if (may_lead_cleanly(id)) return id;
    const bool nobody_eligible = elr_.empty() && target_.isr.empty();
    if (rules_.elr_enabled && nobody_eligible && !now_.has_leader() && now_.last_known_elr.size() == 1 &&
        rules_.may_lead(now_.last_known_elr.front())) {
      unclean_ = true;
      return now_.last_known_elr.front();
    }
    if (target_.election != Election::unclean) return no_leader;
    const auto anyone = std::ranges::find_if(target_.replicas, rules_.may_lead);
    if (anyone == target_.replicas.end()) return no_leader;
    unclean_ = true;
    return *anyone;
  }

  void elect() {
    const int32_t leader = choose_leader();
    if (leader == now_.leader) {
      unclean_ = false;
      return;
    }
    if (has(elr_, leader)) {
      target_.isr = {leader};
      elr_ = without(elr_, {leader});
      if (static_cast<int32_t>(target_.isr.size()) >= rules_.min_isr) elr_.clear();  // it commits alone
    }
    record_.leader = leader;
    if (!unclean_) return;
    record_.isr = Ids{leader};  // what the others have may differ: they truncate to the leader
    if (now_.leader_recovery != LeaderRecovery::recovering)
      record_.leader_recovery_state = static_cast<int8_t>(LeaderRecovery::recovering);
  }

  void put_elr() {
    if (record_.isr || !rules_.elr_enabled) elr_.clear();
    if (elr_ != now_.elr) record_.eligible_leader_replicas = elr_;
  }

  void put_isr() {
    const bool may_be_set = !target_.isr.empty() || rules_.elr_enabled;  // without ELR an ISR is never empty
    if (!record_.isr && may_be_set && target_.isr != now_.isr) record_.isr = target_.isr;
    const bool shrinks = record_.isr && !has_all(*record_.isr, now_.isr);
    if (rules_.metadata_version < metadata_version_without_shrink_bump &&
        record_.leader == leader_unchanged && shrinks)
      record_.leader = now_.leader;
  }

  void put_last_known_leader() {
    if (!rules_.elr_enabled) return;
    // With a leader, what is there already was left over when ELR was switched off.
    const bool loses_leader = now_.has_leader() && record_.leader == no_leader;
    const bool has_leader = record_.leader >= 0 || (now_.has_leader() && !loses_leader);
    if (loses_leader && now_.last_known_elr != Ids{now_.leader})
      record_.last_known_elr = Ids{now_.leader};
    else if (has_leader && !now_.last_known_elr.empty())
      record_.last_known_elr = Ids{};
  }

  void put_assignment() {
    if (rules_.metadata_version >= metadata::metadata_version_directories) {
      std::vector<Uuid> directories;
      for (const int32_t id : target_.replicas) {
        const auto found = target_.directories.find(id);
        directories.push_back(found == target_.directories.end() ? rules_.default_directory(id)
                                                                 : found->second);
      }
      if (directories != now_.directories) record_.directories = std::move(directories);
    }
    if (target_.replicas != now_.replicas) record_.replicas = target_.replicas;
    if (target_.removing != now_.removing_replicas) record_.removing_replicas = target_.removing;
    if (target_.adding != now_.adding_replicas) record_.adding_replicas = target_.adding;
  }

  bool is_noop() const {
    return !record_.isr && !record_.eligible_leader_replicas && !record_.last_known_elr &&
           record_.leader == leader_unchanged && !record_.replicas && !record_.removing_replicas &&
           !record_.adding_replicas && record_.leader_recovery_state < 0 && !record_.directories;
  }

  const Partition& now_;
  PartitionTarget target_;
  const ElectionRules& rules_;
  Ids elr_;  // as it shall be
  bool unclean_ = false;
  wire::PartitionChangeRecord record_;
};

}  // namespace

PartitionTarget::PartitionTarget(const Partition& now)
    : replicas(now.replicas),
      isr(now.isr),
      removing(now.removing_replicas),
      adding(now.adding_replicas),
      recovery(now.leader_recovery) {
  for (size_t i = 0; i < now.replicas.size() && i < now.directories.size(); ++i)
    directories[now.replicas[i]] = now.directories[i];
}

std::optional<wire::PartitionChangeRecord> change_partition(const Uuid& topic_id, int32_t index,
                                                            const Partition& now, PartitionTarget target,
                                                            const ElectionRules& rules) {
  return Change(topic_id, index, now, std::move(target), rules).build();
}

std::optional<wire::PartitionRecord> raise_leader_epoch(const Uuid& topic_id, int32_t index,
                                                        const Partition& now, int32_t leader_epoch,
                                                        int16_t metadata_version) {
  if (now.leader_epoch >= leader_epoch) return std::nullopt;
  Partition raised = now;
  raised.leader_epoch = leader_epoch;
  ++raised.partition_epoch;
  return metadata::partition_record(topic_id, index, raised, metadata_version);
}

}  // namespace kt::controller
