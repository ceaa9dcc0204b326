#include "libcli/commands/log_dirs/log_dirs.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "libbroker/wire/35_describe_log_dirs.h"
#include "libcli/commands/framework/java_exception.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/framework/session.h"
#include "libcli/term/text.h"

namespace kt::cli::log_dirs {
namespace {

using nlohmann::ordered_json;
using wire::DescribeLogDirsResponse;

std::string joined(const std::vector<int32_t>& ids) {
  std::vector<std::string> texts;
  for (const int32_t id : ids) texts.push_back(std::to_string(id));
  return term::join(texts, ",");
}

/// The brokers asked for, or all. Errors: one that is not there.
Result<std::vector<int32_t>> brokers_of(const Options& options, const client::Topology& topology) {
  std::vector<int32_t> all;
  for (const auto& [id, broker] : topology.brokers) all.push_back(id);
  if (options.brokers.empty()) return all;
  const std::set<int32_t> wanted(options.brokers.begin(), options.brokers.end());
  std::vector<int32_t> missing;
  std::ranges::copy_if(wanted, std::back_inserter(missing),
                       [&](int32_t id) { return !topology.brokers.contains(id); });
  if (missing.empty()) return std::vector<int32_t>(wanted.begin(), wanted.end());
  return fail(
      ErrorCode::broker_not_available,
      fmt::format(
          "ERROR: The given brokers do not exist from --broker-list: {}. Current existent brokers: {}",
          joined(missing), joined(all)));
}

ordered_json directory_json(const DescribeLogDirsResponse::DescribeLogDirsResult& directory,
                            const Options& options) {
  ordered_json partitions = ordered_json::array();
  for (const auto& topic : directory.topics) {
    if (!options.topics.empty() && std::ranges::find(options.topics, topic.name) == options.topics.end())
      continue;
    for (const auto& p : topic.partitions) {
      partitions.push_back({{"partition", fmt::format("{}-{}", topic.name, p.partition_index)},
                            {"size", p.partition_size},
                            {"offsetLag", p.offset_lag},
                            {"isFuture", p.is_future_key}});
    }
  }
  return {{"partitions", partitions},
          {"error", directory.error_code == ErrorCode::none ? ordered_json()
                                                            : ordered_json(java_class(directory.error_code))},
          {"logDir", directory.log_dir}};
}

Result<void> describe(const Options& options, Session& session, std::ostream& out) {
  const auto topology = session.topology(std::vector<std::string>{});
  if (!topology) return fail(topology.error());
  const auto ids = brokers_of(options, **topology);
  if (!ids) return fail(ids.error());
  out << "Querying brokers for log directories information\n";
  ordered_json brokers = ordered_json::array();
  for (const int32_t id : *ids) {
    wire::DescribeLogDirsRequest request;
    request.topics.reset();  // null: all
    const auto response = session.ask<DescribeLogDirsResponse>(client::Target::node(id), std::move(request));
    if (!response) return fail(response.error());
    if (response->error_code != ErrorCode::none) return fail(response->error_code);
    ordered_json directories = ordered_json::array();
    for (const auto& directory : response->results) directories.push_back(directory_json(directory, options));
    brokers.push_back({{"broker", id}, {"logDirs", directories}});
  }
  out << "Received log directory information from brokers " << joined(*ids) << '\n';
  const ordered_json document = {{"brokers", brokers}, {"version", 1}};
  out << document.dump() << '\n';
  return {};
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "log-dirs"};
  auto session = Session::open(options.connection, environment, "log-dirs-tool");
  if (!session) return report_failure(session.error(), style, streams);
  const auto done = describe(options, **session, streams.out);
  return done ? Exit::done : report_failure(done.error(), style, streams);
}

}  // namespace kt::cli::log_dirs
