#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "libcli/commands/lab/expect.h"
#include "libcli/commands/lab/quorum.h"
#include "libcli/term/text.h"

namespace kt::cli::lab {
namespace {

using kt::lab::Sight;
using Partition = wire::MetadataResponse::MetadataResponsePartition;

template <class Ids>
std::string text_of_ids(const Ids& ids) {
  std::string text;
  for (const int32_t id : ids) text += fmt::format("{}{}", text.empty() ? "" : ",", id);
  return text.empty() ? "none" : text;
}

std::set<int32_t> as_set(const std::vector<int32_t>& ids) { return {ids.begin(), ids.end()}; }

Result<const client::Topology*> topology_of(Looker& looker, const std::optional<std::string>& topic) {
  const auto session = looker.session();
  if (!session) return fail(session.error());
  auto names = topic ? std::optional(std::vector{*topic}) : std::nullopt;
  return (*session)->topology(std::move(names));
}

/// The partitions that are meant. Errors: the topic, or the partition, is not there.
Result<std::vector<Partition>> partitions_of(Looker& looker, const ExpectOptions& options) {
  const auto topology = topology_of(looker, options.topic);
  if (!topology) return fail(topology.error());
  const auto topic = (*topology)->topics.find(*options.topic);
  if (topic == (*topology)->topics.end() || topic->second.partitions.empty())
    return fail(ErrorCode::unknown_topic_or_partition,
                fmt::format("topic {} does not exist", *options.topic));
  std::vector<Partition> meant;
  for (const Partition& partition : topic->second.partitions) {
    if (!options.partition || partition.partition_index == *options.partition) meant.push_back(partition);
  }
  if (meant.empty())
    return fail(ErrorCode::unknown_topic_or_partition,
                fmt::format("{} has no partition {}", *options.topic, *options.partition));
  return meant;
}

using Holds = std::function<bool(const Partition&)>;
using Tells = std::function<std::string(const Partition&)>;

/// Every partition that is meant is so; those that are not are told, or all when all are.
Look each_partition(const ExpectOptions& options, Holds holds, Tells tells) {
  return [options, holds = std::move(holds), tells = std::move(tells)](Looker& looker) -> Result<Sight> {
    const auto partitions = partitions_of(looker, options);
    if (!partitions) return fail(partitions.error());
    const bool all_do = std::ranges::all_of(*partitions, holds);
    std::vector<std::string> told;
    for (const Partition& partition : *partitions) {
      if (all_do || !holds(partition))
        told.push_back(fmt::format("{}-{} {}", *options.topic, partition.partition_index, tells(partition)));
    }
    return Sight{all_do, term::join(told, "; ")};
  };
}

std::string where(const ExpectOptions& options) {
  return options.partition ? fmt::format("{}-{}", *options.topic, *options.partition)
                           : "every partition of " + *options.topic;
}

std::string isr_text(const Partition& p) { return "isr " + text_of_ids(p.isr_nodes); }

std::expected<Check, UsageError> isr_check(const ExpectOptions& options) {
  if (options.is) {
    const auto ids = parse_ids(*options.is);
    if (!ids) return std::unexpected(ids.error());
    return Check{
        fmt::format("isr of {} is {}", where(options), text_of_ids(*ids)),
        each_partition(
            options, [ids = *ids](const Partition& p) { return as_set(p.isr_nodes) == ids; }, isr_text)};
  }
  if (options.without) {
    return Check{
        fmt::format("isr of {} is without {}", where(options), *options.without),
        each_partition(
            options,
            [id = *options.without](const Partition& p) { return !as_set(p.isr_nodes).contains(id); },
            isr_text)};
  }
  if (options.size) {
    const auto bound = kt::lab::parse_bound(*options.size);
    if (!bound) return bad_check("--size is a number to compare with, not " + *options.size);
    return Check{
        fmt::format("isr of {} has {} members", where(options), *options.size),
        each_partition(
            options,
            [b = *bound](const Partition& p) { return b.holds(static_cast<int64_t>(p.isr_nodes.size())); },
            isr_text)};
  }
  if (!options.is_full) return bad_check("expect isr needs --is, --full, --without or --size");
  return Check{fmt::format("isr of {} is full", where(options)),
               each_partition(
                   options, [](const Partition& p) { return as_set(p.isr_nodes) == as_set(p.replica_nodes); },
                   [](const Partition& p) { return isr_text(p) + " of " + text_of_ids(p.replica_nodes); })};
}

std::string leader_text(const Partition& p) {
  return p.leader_id < 0 ? "has no leader" : fmt::format("leader {}", p.leader_id);
}

std::expected<Check, UsageError> leader_check(const ExpectOptions& options) {
  if (!options.is) {
    return Check{fmt::format("{} has a leader", where(options)),
                 each_partition(options, [](const Partition& p) { return p.leader_id >= 0; }, leader_text)};
  }
  const auto ids = parse_ids(*options.is);
  if (!ids) return std::unexpected(ids.error());
  return Check{
      fmt::format("leader of {} is {}", where(options), text_of_ids(*ids)),
      each_partition(
          options, [ids = *ids](const Partition& p) { return ids.contains(p.leader_id); }, leader_text)};
}

std::expected<Check, UsageError> brokers_check(const ExpectOptions& options) {
  const auto text = options.is                 ? options.is
                    : options.words.size() > 1 ? std::optional(options.words[1])
                                               : std::nullopt;
  if (!text) return bad_check("expect brokers needs ids: expect brokers 0,1,2");
  const auto ids = parse_ids(*text);
  if (!ids) return std::unexpected(ids.error());
  return Check{"brokers are " + text_of_ids(*ids), [ids = *ids](Looker& looker) -> Result<Sight> {
                 const auto session = looker.session();
                 if (!session) return fail(session.error());
                 const auto topology = (*session)->topology(std::vector<std::string>{});
                 if (!topology) return fail(topology.error());
                 std::set<int32_t> alive;
                 for (const auto& [id, broker] : (*topology)->brokers) alive.insert(id);
                 return Sight{alive == ids, "brokers are " + text_of_ids(alive)};
               }};
}

std::expected<Check, UsageError> controller_check(const ExpectOptions& options) {
  const auto bound = bound_of(options, 1);
  if (!bound) return std::unexpected(bound.error());
  return Check{fmt::format("the active controller is {}",
                           options.is.value_or(options.words.size() > 1 ? options.words[1] : "")),
               [b = *bound](Looker& looker) -> Result<Sight> {
                 const auto session = looker.session();
                 if (!session) return fail(session.error());
                 const auto leader = quorum_leader(**session);
                 if (!leader) return fail(leader.error());
                 return Sight{b.holds(*leader), fmt::format("the active controller is {}", *leader)};
               }};
}

std::expected<Check, UsageError> under_replicated_check(const ExpectOptions& options) {
  const auto bound = bound_of(options, 1);
  if (!bound) return std::unexpected(bound.error());
  return Check{
      "under-replicated partitions: " + options.is.value_or(options.words.size() > 1 ? options.words[1] : ""),
      [topic = options.topic, b = *bound](Looker& looker) -> Result<Sight> {
        const auto topology = topology_of(looker, topic);
        if (!topology) return fail(topology.error());
        int64_t count = 0;
        for (const auto& [name, described] : (*topology)->topics) {
          count += std::ranges::count_if(described.partitions, [](const Partition& p) {
            return p.isr_nodes.size() < p.replica_nodes.size();
          });
        }
        return Sight{b.holds(count), fmt::format("under-replicated partitions: {}", count)};
      }};
}

/// A partition has moved when another leads it than the first of its replicas, its preferred leader.
bool has_moved(const Partition& p) {
  return !p.replica_nodes.empty() && p.leader_id != p.replica_nodes.front();
}

std::expected<Check, UsageError> leader_moved_check(const ExpectOptions& options) {
  if (!options.from || !options.to)
    return bad_check(
        "expect leader-moved needs --from and --to: expect leader-moved --topic t --from 0 --to 1,2");
  const auto to = parse_ids(*options.to), only = parse_ids(options.only.value_or(""));
  if (!to) return std::unexpected(to.error());
  if (!only) return std::unexpected(only.error());
  const auto holds = [from = *options.from, to = *to,
                      only = options.only ? std::optional(*only) : std::nullopt](const Partition& p) {
    if (only && only->contains(p.partition_index) != has_moved(p)) return false;
    const bool was_of = !p.replica_nodes.empty() && p.replica_nodes.front() == from;
    return !was_of || to.contains(p.leader_id);
  };
  return Check{
      fmt::format("what {} led of {} is led by {}{}", *options.from, *options.topic, text_of_ids(*to),
                  options.only ? ", and only " + *options.only + " have moved" : ""),
      each_partition(options, holds, [](const Partition& p) {
        return fmt::format("{} of {}", leader_text(p), text_of_ids(p.replica_nodes));
      })};
}

std::expected<Check, UsageError> leaders_balanced_check(const ExpectOptions& options) {
  const int64_t skew_max = options.max_skew.value_or(1);
  return Check{fmt::format("brokers lead equally many partitions, give or take {}", skew_max),
               [skew_max, topic = options.topic](Looker& looker) -> Result<Sight> {
                 const auto topology = topology_of(looker, topic);
                 if (!topology) return fail(topology.error());
                 std::map<int32_t, int64_t> led;
                 for (const auto& [id, broker] : (*topology)->brokers) led[id] = 0;
                 for (const auto& [name, described] : (*topology)->topics) {
                   for (const Partition& partition : described.partitions) ++led[partition.leader_id];
                 }
                 if (led.empty()) return fail(ErrorCode::broker_not_available, "no broker is there");
                 std::vector<std::string> told;
                 int64_t least = INT64_MAX, most = 0;
                 for (const auto& [id, count] : led) {
                   told.push_back(fmt::format("{} leads {}", id, count));
                   least = std::min(least, count);
                   most = std::max(most, count);
                 }
                 return Sight{most - least <= skew_max && !led.contains(-1), term::join(told, ", ")};
               }};
}

}  // namespace

std::expected<Check, UsageError> cluster_check(const ExpectOptions& options) {
  const std::string& name = options.words[0];
  if (name == "brokers") return brokers_check(options);
  if (name == "controller") return controller_check(options);
  if (name == "leaders-balanced") return leaders_balanced_check(options);
  if (name == "under-replicated") return under_replicated_check(options);
  if (!options.topic) return bad_check(fmt::format("expect {} needs --topic", name));
  if (name == "isr") return isr_check(options);
  if (name == "leader") return leader_check(options);
  if (name == "leader-moved") return leader_moved_check(options);
  return Check{fmt::format("{} has no leader", where(options)),
               each_partition(options, [](const Partition& p) { return p.leader_id < 0; }, leader_text)};
}

}  // namespace kt::cli::lab
