#include <fmt/core.h>

#include "libbroker/wire/02_list_offsets.h"
#include "libcli/commands/framework/answer.h"
#include "libcli/commands/framework/partitions.h"
#include "libcli/commands/groups/cluster_groups.h"
#include "libcli/commands/lab/expect.h"
#include "libcli/commands/lab/partitions_meant.h"
#include "libcli/term/text.h"

namespace kt::cli::lab {
namespace {

using kt::lab::Sight;

constexpr int64_t end_time = -1, start_time = -2;  // ListOffsets

std::string text_of_bound(const ExpectOptions& options, size_t index) {
  return options.is ? *options.is : options.words[index];
}

Result<int64_t> offset_at(Session& session, const TopicPartition& of, int64_t time) {
  const auto offsets = list_offsets(session, {of}, time);
  if (!offsets) return fail(offsets.error());
  return offsets->at(of);
}

using Measure = std::function<Result<int64_t>(Session&)>;

Check measured(std::string what, const std::string& bound_text, kt::lab::Bound bound, Measure measure) {
  std::string expected = fmt::format("{}: {}", what, bound_text);
  return {std::move(expected),
          [what = std::move(what), bound, measure = std::move(measure)](Looker& looker) -> Result<Sight> {
            const auto session = looker.session();
            if (!session) return fail(session.error());
            const auto value = measure(**session);
            if (!value) return fail(value.error());
            return Sight{bound.holds(*value), fmt::format("{}: {}", what, *value)};
          }};
}

std::expected<Check, UsageError> position_check(const ExpectOptions& options) {
  const std::string& name = options.words[0];
  const auto of = options.words.size() > 1 ? parse_partition(options.words[1]) : std::nullopt;
  if (!of)
    return bad_check(fmt::format("expect {} needs a partition: expect {} orders:0 --is 3", name, name));
  const auto bound = bound_of(options, 2);
  if (!bound) return std::unexpected(bound.error());
  const int64_t time = name == "end" ? end_time : start_time;
  return measured(fmt::format("{} offset of {}", name, of->text()), text_of_bound(options, 2), *bound,
                  [of = *of, time](Session& session) { return offset_at(session, of, time); });
}

/// How far the log of the leader goes beyond what is committed: a replica is told where the log ends, a
/// consumer where it may read to.
Result<int64_t> high_watermark_lag(Session& session, const TopicPartition& of) {
  const auto topology = session.topology(std::vector{of.topic});
  if (!topology) return fail(topology.error());
  const auto leader = (*topology)->leader_of(of.topic, of.partition);
  if (!leader) return fail(ErrorCode::leader_not_available, of.text() + " has no leader");
  wire::ListOffsetsRequest request;
  request.replica_id = leader->node_id;
  request.topics.push_back(
      {.name = of.topic, .partitions = {{.partition_index = of.partition, .timestamp = end_time}}});
  const auto answer =
      session.ask<wire::ListOffsetsResponse>(client::Target::node(leader->node_id), std::move(request));
  if (!answer) return fail(answer.error());
  if (answer->topics.empty() || answer->topics[0].partitions.empty()) return answered_without(of.text());
  const auto& told = answer->topics[0].partitions[0];
  if (told.error_code != ErrorCode::none) return fail(told.error_code, std::string(text_of(told.error_code)));
  const auto high_watermark = offset_at(session, of, end_time);
  if (!high_watermark) return high_watermark;
  return told.offset - *high_watermark;
}

std::expected<Check, UsageError> hw_lag_check(const ExpectOptions& options) {
  const auto of = options.words.size() > 1 ? parse_partition(options.words[1]) : std::nullopt;
  if (!of) return bad_check("expect hw-lag needs a partition: expect hw-lag orders:0 --is 3");
  const auto bound = bound_of(options, 2);
  if (!bound) return std::unexpected(bound.error());
  return measured(fmt::format("records of {} beyond the high watermark", of->text()),
                  text_of_bound(options, 2), *bound,
                  [of = *of](Session& session) { return high_watermark_lag(session, of); });
}

std::expected<Check, UsageError> coordinator_check(const ExpectOptions& options) {
  if (options.words.size() < 2)
    return bad_check("expect coordinator needs a group: expect coordinator mygroup --is 1");
  const auto bound = bound_of(options, 2);
  if (!bound) return std::unexpected(bound.error());
  return measured("coordinator of " + options.words[1], text_of_bound(options, 2), *bound,
                  [group = options.words[1]](Session& session) -> Result<int64_t> {
                    const auto id = groups::coordinator_of(session, group);
                    if (!id) return fail(id.error());
                    return *id;
                  });
}

/// How many partitions the members of a group have, the most first.
std::expected<Check, UsageError> assignment_check(const ExpectOptions& options) {
  if (options.words.size() < 2 || !options.sizes)
    return bad_check("expect assignment needs a group and --sizes: expect assignment mygroup --sizes 5,4,4");
  const std::string group = options.words[1];
  return Check{fmt::format("members of {} have {} partitions", group, *options.sizes),
               [group, sizes = *options.sizes](Looker& looker) -> Result<Sight> {
                 const auto session = looker.session();
                 if (!session) return fail(session.error());
                 const auto described = groups::describe_group(**session, group);
                 if (!described) return fail(described.error());
                 std::vector<std::string> there;
                 for (const auto& member : described->members)
                   there.push_back(std::to_string(member.assignment.size()));
                 const std::string text = term::join(there, ",");
                 return Sight{
                     described->state == "Stable" && text == sizes,
                     fmt::format("group {} is {}, its members have {}", group, described->state, text)};
               }};
}

std::expected<Check, UsageError> committed_check(const ExpectOptions& options) {
  const auto of = options.words.size() > 2 ? parse_partition(options.words[2]) : std::nullopt;
  if (!of)
    return bad_check(
        "expect committed needs a group and a partition: expect committed mygroup orders:0 --is 3");
  const auto bound = bound_of(options, 3);
  if (!bound) return std::unexpected(bound.error());
  const std::string group = options.words[1];
  return measured(fmt::format("offset of {} that {} committed", of->text(), group), text_of_bound(options, 3),
                  *bound, [group, of = *of](Session& session) -> Result<int64_t> {
                    const auto offsets = groups::committed_offsets(session, group);
                    if (!offsets) return fail(offsets.error());
                    const auto found = offsets->find(of);
                    return found == offsets->end() ? -1 : found->second.offset;
                  });
}

/// How many records the group has still to read of the partitions that it has committed offsets of, or that
/// its members have: of those from their start.
Result<int64_t> lag_of(Session& session, const std::string& group) {
  const auto offsets = groups::committed_offsets(session, group);
  if (!offsets) return fail(offsets.error());
  if (offsets->empty())
    return fail(ErrorCode::group_id_not_found, fmt::format("group {} has committed nothing", group));
  const auto described = groups::describe_group(session, group);
  if (!described) return fail(described.error());
  int64_t lag = 0;
  for (const auto& [partition, committed] : *offsets) {
    const auto end = offset_at(session, partition, end_time);
    if (!end) return end;
    lag += *end - committed.offset;
  }
  for (const auto& member : described->members) {
    for (const TopicPartition& partition : member.assignment) {
      if (offsets->contains(partition)) continue;
      const auto start = offset_at(session, partition, start_time),
                 end = offset_at(session, partition, end_time);
      if (!start || !end) return fail(start ? end.error() : start.error());
      lag += *end - *start;
    }
  }
  return lag;
}

std::expected<Check, UsageError> lag_check(const ExpectOptions& options) {
  if (options.words.size() < 2) return bad_check("expect lag needs a group: expect lag mygroup --is 0");
  const auto bound = bound_of(options, 2);
  if (!bound) return std::unexpected(bound.error());
  return measured("lag of " + options.words[1], text_of_bound(options, 2), *bound,
                  [group = options.words[1]](Session& session) { return lag_of(session, group); });
}

/// How many members a group has that has given each its partitions.
std::expected<Check, UsageError> members_check(const ExpectOptions& options) {
  if (options.words.size() < 2)
    return bad_check("expect members needs a group: expect members mygroup --is 3");
  const auto bound = bound_of(options, 2);
  if (!bound) return std::unexpected(bound.error());
  return measured("members of " + options.words[1], text_of_bound(options, 2), *bound,
                  [group = options.words[1]](Session& session) -> Result<int64_t> {
                    const auto described = groups::describe_group(session, group);
                    if (!described) return fail(described.error());
                    if (described->state != "Stable" && described->state != "Empty")
                      return fail(ErrorCode::rebalance_in_progress,
                                  fmt::format("group {} is {}", group, described->state));
                    return static_cast<int64_t>(described->members.size());
                  });
}

std::expected<Check, UsageError> group_state_check(const ExpectOptions& options) {
  const auto state = options.is                 ? options.is
                     : options.words.size() > 2 ? std::optional(options.words[2])
                                                : std::nullopt;
  if (options.words.size() < 2 || !state)
    return bad_check("expect group-state needs a group and a state: expect group-state mygroup Stable");
  const std::string group = options.words[1];
  return Check{
      fmt::format("group {} is {}", group, *state), [group, state = *state](Looker& looker) -> Result<Sight> {
        const auto session = looker.session();
        if (!session) return fail(session.error());
        const auto described = groups::describe_group(**session, group);
        if (!described) return fail(described.error());
        return Sight{described->state == state, fmt::format("group {} is {}", group, described->state)};
      }};
}

}  // namespace

std::expected<Check, UsageError> offset_check(const ExpectOptions& options) {
  const std::string& name = options.words[0];
  if (name == "hw-lag") return hw_lag_check(options);
  if (name == "coordinator") return coordinator_check(options);
  if (name == "assignment") return assignment_check(options);
  if (name == "committed") return committed_check(options);
  if (name == "lag") return lag_check(options);
  if (name == "members") return members_check(options);
  if (name == "group-state") return group_state_check(options);
  return position_check(options);
}

}  // namespace kt::cli::lab
