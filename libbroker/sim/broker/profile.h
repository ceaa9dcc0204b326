#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "libbroker/base/rng.h"
#include "libbroker/sim/fault_plan.h"

namespace kt::sim {

/// What may go wrong in a run, and so what is promised.
enum class Profile : uint8_t {
  quiet,      // nothing
  kill,       // processes die, machines do not
  power,      // machines do, under flush.messages=1
  net,        // links alone
  lossy,      // one machine after the other loses what it has not flushed, and nothing is flushed (KIP-966)
  disk,       // disks are full, and fail, under flush.messages=1
  admin,      // the cluster is changed while processes die
  observers,  // brokers that do not vote come back with empty disks
  mixed,      // links, processes, machines, disks and changes, under flush.messages=1
  count
};

struct ProfileText {
  std::string_view name, help;
};
/// All, in order.
std::span<const ProfileText> profile_texts();
std::string_view name_of(Profile profile);
std::optional<Profile> parse_profile(std::string_view name);

Profile draw_profile(Rng& rng);
/// Of brokers, where nobody says how many: one in some runs of the profiles in which one alone is
/// interesting.
uint32_t draw_nodes(Profile profile, Rng& rng);
/// Fewer brokers cannot keep what the profile promises.
uint32_t nodes_min(Profile profile);
/// All nodes vote, but for those beyond so many.
uint32_t voters_max(Profile profile);
bool flushes_every_batch(Profile profile);
/// Brokers may come back without records that they had.
bool loses_records(Profile profile);

/// What brokers' operators do, as FaultPlan has it.
namespace operations {
inline constexpr std::string_view elect = "preferred election", reassign = "reassignment",
                                  configure = "min.insync.replicas", recreate = "delete and recreate",
                                  recreate_unseen = "delete and recreate without one broker",
                                  trim = "delete records";
}  // namespace operations

/// Which of the profile's faults this run has, how often and how long: each kind is on in half of the runs.
FaultOptions draw_broker_faults(Profile profile, Rng& rng, size_t machines, uint32_t brokers);

}  // namespace kt::sim
