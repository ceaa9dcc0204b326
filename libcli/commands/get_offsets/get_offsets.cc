#include "libcli/commands/get_offsets/get_offsets.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "libcli/commands/framework/java_exception.h"
#include "libcli/commands/framework/partitions.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/term/report.h"

namespace kt::cli::get_offsets {
namespace {

using nlohmann::ordered_json;

/// The partitions that the rules allow. Errors: there are none.
Result<std::vector<TopicPartition>> matching(Session& session, const Options& options) {
  const auto topology = session.topology(std::nullopt);
  if (!topology) return fail(topology.error());
  std::vector<TopicPartition> found;
  for (const auto& [name, topic] : (*topology)->topics) {
    if (options.exclude_internal && topic.is_internal) continue;
    for (const auto& p : topic.partitions) {
      const bool is_meant = std::ranges::any_of(options.rules, [&](const Rule& rule) {
        return rule.allows(p.partition_index) && rule.topics.matches(name);
      });
      if (is_meant) found.push_back({name, p.partition_index});
    }
  }
  if (found.empty())
    return fail(ErrorCode::unknown_topic_or_partition,
                "Could not match any topic-partitions with the specified filters");
  // As Kafka's tool: by the text, so that t-10 comes before t-2.
  std::ranges::sort(found, {}, &TopicPartition::text);
  return found;
}

Result<Exit> show(const Options& options, Session& session, Streams& streams) {
  const auto partitions = matching(session, options);
  if (!partitions) return fail(partitions.error());
  const auto offsets = list_offsets(session, *partitions, options.timestamp);
  if (!offsets) return fail(offsets.error());
  const bool as_json = options.setting.output == Output::json;
  ordered_json items = ordered_json::array();
  std::vector<term::Failure> failures;
  for (const TopicPartition& at : *partitions) {
    const Result<int64_t>& offset = offsets->at(at);
    if (!offset) {
      const std::string reason = "Skip getting offsets for topic-partition " + at.text() + " due to error: ";
      if (!as_json) streams.err << reason << java_exception(offset.error()) << '\n';
      failures.push_back({reason + java_exception(offset.error()), offset.error().code});
      continue;
    }
    const bool is_there = *offset >= 0;
    if (as_json)
      items.push_back({{"topic", at.topic},
                       {"partition", at.partition},
                       {"offset", is_there ? ordered_json(*offset) : ordered_json()}});
    else if (is_there)
      streams.out << at.topic << ':' << at.partition << ':' << *offset << '\n';
  }
  if (as_json) term::print_document(streams.out, "get-offsets", items, failures);
  const bool is_script = options.setting.mode == Mode::script;  // for which a skipped partition is no failure
  return failures.empty() || is_script ? Exit::done : Exit::failed;
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "get-offsets", syntax.message_prefix};
  auto session = Session::open(options.connection, environment, "GetOffsetShell");
  if (!session) return report_failure(session.error(), style, streams);
  const auto exit = show(options, **session, streams);
  return exit ? *exit : report_failure(exit.error(), style, streams);
}

}  // namespace kt::cli::get_offsets
