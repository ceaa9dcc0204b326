#include <fmt/core.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "libbroker/wire/43_elect_leaders.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/commands/lab/partitions_meant.h"
#include "libcli/term/text.h"

namespace kt::cli::lab {
namespace {

constexpr int64_t tend_ms_max = 60'000;

std::string_view done_word(std::string_view verb) {
  if (verb == "roll") return "rolled";
  return verb == "compact" ? "compacted" : "old segments removed";
}

/// Every replica has the work done; those that do not run are told of.
Exit tend_partition(const Meant& meant, const Chosen& lab, std::string_view verb, Streams& streams) {
  Exit exit = Exit::done;
  std::vector<std::string> done_on;
  for (const int32_t replica : meant.replicas) {
    const auto done = kt::lab::ask(lab.place,
                                   {.ask = "tend",
                                    .node = replica,
                                    .tend = std::string(verb),
                                    .topic = meant.partition.topic,
                                    .partition = meant.partition.partition},
                                   tend_ms_max);
    if (done)
      done_on.push_back(std::to_string(replica));
    else
      exit = refuse({done.error().code, fmt::format("{} on broker {}: {}", meant.partition.text(), replica,
                                                    done.error().message)},
                    streams);
  }
  if (!done_on.empty())
    streams.out << fmt::format("{}: {} on {}\n", meant.partition.text(), done_word(verb),
                               term::join(done_on, ","));
  return exit;
}

}  // namespace

Exit tend(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const auto session = open_session(lab->spec, environment);
  if (!session) return refuse(session.error(), streams);
  const auto meant = partitions_meant(**session, options.tend.partition);
  if (!meant) return refuse(meant.error(), streams);
  Exit exit = Exit::done;
  for (const Meant& partition : *meant) {
    const Exit outcome = tend_partition(partition, *lab, options.verb, streams);
    if (exit == Exit::done) exit = outcome;
  }
  return exit;
}

Exit elect(const Options& options, Environment& environment, Streams& streams) {
  const auto lab = choose(options, environment);
  if (!lab) return refuse(lab.error(), streams);
  const auto session = open_session(lab->spec, environment);
  if (!session) return refuse(session.error(), streams);
  const auto meant = partitions_meant(**session, options.tend.partition);
  if (!meant) return refuse(meant.error(), streams);
  wire::ElectLeadersRequest request;
  request.election_type = options.tend.is_unclean ? 1 : 0;
  request.topic_partitions.emplace().push_back({.topic = meant->front().partition.topic, .partitions = {}});
  for (const Meant& partition : *meant)
    request.topic_partitions->front().partitions.push_back(partition.partition.partition);
  const auto answer =
      (*session)->ask<wire::ElectLeadersResponse>(client::Target::controller(), std::move(request));
  if (!answer) return refuse(answer.error(), streams);
  if (answer->error_code != ErrorCode::none)
    return refuse({answer->error_code, std::string(text_of(answer->error_code))}, streams);
  Exit exit = Exit::done;
  for (const auto& topic : answer->replica_election_results) {
    for (const auto& result : topic.partition_result) {
      if (result.error_code == ErrorCode::none) {
        streams.out << fmt::format("{}-{}: elected\n", topic.topic, result.partition_id);
      } else if (result.error_code == ErrorCode::election_not_needed) {
        streams.out << fmt::format("{}-{}: its leader is the one it should have\n", topic.topic,
                                   result.partition_id);
      } else {
        const std::string why = result.error_message.value_or("");
        exit = refuse({result.error_code, fmt::format("{}-{}: {}", topic.topic, result.partition_id,
                                                      why.empty() ? text_of(result.error_code) : why)},
                      streams);
      }
    }
  }
  return exit;
}

}  // namespace kt::cli::lab
