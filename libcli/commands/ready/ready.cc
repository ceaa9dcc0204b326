#include "libcli/commands/ready/ready.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "libbroker/base/clock.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/framework/session.h"
#include "libcli/term/report.h"

namespace kt::cli::ready {
namespace {

constexpr int64_t ask_again_ms = 100;

/// What is missing for the cluster to serve; empty: nothing.
std::string missing(const client::Topology& topology, const Options& options) {
  const auto brokers = static_cast<int32_t>(topology.brokers.size());
  if (brokers < options.brokers_min) return fmt::format("{} of {} brokers are there", brokers, options.brokers_min);
  for (const auto& [name, topic] : topology.topics) {
    for (const auto& p : topic.partitions) {
      if (!topology.leader_of(name, p.partition_index)) return fmt::format("{}-{} has no leader", name, p.partition_index);
    }
  }
  return {};
}

/// The topology once the cluster serves. Errors: why it does not.
Result<const client::Topology*> ask(Session& session, const Options& options) {
  const auto topology = session.topology(std::nullopt);
  if (!topology) return topology;
  const std::string why_not = missing(**topology, options);
  if (!why_not.empty()) return fail(ErrorCode::leader_not_available, "not ready: " + why_not);
  return topology;
}

void pause(Session& session, int64_t ms) {
  session.wait<bool>([&](auto done) { session.loop().after(ms, [done]() mutable { done(true); }); });
}

Result<const client::Topology*> ask_until(Session& session, const Options& options, int64_t deadline_ms) {
  for (;;) {
    auto answer = ask(session, options);
    const int64_t left_ms = deadline_ms - session.clock().monotonic_ms();
    if (answer || options.wait_ms == 0) return answer;
    if (left_ms <= 0) return fail(ErrorCode::request_timed_out, answer.error().message);
    pause(session, std::min(ask_again_ms, left_ms));
  }
}

void tell(const client::Topology& topology, const Options& options, std::ostream& out) {
  if (options.setting.output == Output::json) {
    term::print_document(out, "ready", {{{"cluster_id", topology.cluster_id}, {"brokers", topology.brokers.size()}, {"topics", topology.topics.size()}}}, {});
  } else {
    out << fmt::format("ready: cluster {}, {} broker{}\n", topology.cluster_id, topology.brokers.size(), topology.brokers.size() == 1 ? "" : "s");
  }
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "ready"};
  Connection connection = options.connection;
  if (options.wait_ms > 0) {  // one silent broker must not use up more than the time there is
    connection.properties.try_emplace("request.timeout.ms", std::to_string(options.wait_ms));
    connection.properties.try_emplace("socket.connection.setup.timeout.ms", std::to_string(options.wait_ms));
  }
  auto session = Session::open(connection, environment, "kt-ready");
  if (!session) return report_failure(session.error(), style, streams);
  const auto topology = ask_until(**session, options, environment.clock.monotonic_ms() + options.wait_ms);
  if (!topology) return report_failure(topology.error(), style, streams);
  tell(**topology, options, streams.out);
  return Exit::done;
}

}  // namespace kt::cli::ready
