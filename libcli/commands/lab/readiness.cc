#include "libcli/commands/lab/readiness.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "libcli/commands/framework/session.h"

namespace kt::cli::lab {
namespace {

constexpr int64_t ask_again_ms = 10;

/// What the broker misses; empty: nothing.
std::string missing(Session& session, int32_t brokers) {
  const auto topology = session.topology(std::vector<std::string>{});
  if (!topology) return topology.error().message;
  if ((*topology)->controller_id < 0) return "it knows no controller";
  const auto seen = static_cast<int32_t>((*topology)->brokers.size());
  return seen == brokers ? "" : fmt::format("it sees {} of {} brokers", seen, brokers);
}

void pause(Session& session, int64_t ms) {
  session.wait<bool>([&](auto done) { session.loop().after(ms, [done]() mutable { done(true); }); });
}

}  // namespace

Result<void> wait_until_ready(const kt::lab::Spec& spec, Environment& environment, int64_t deadline_ms) {
  for (const kt::lab::NodeSpec& node : spec.nodes) {
    if (node.is_controller) continue;
    const auto left_ms = [&] { return deadline_ms - environment.clock.monotonic_ms(); };
    Connection connection{.addresses = fmt::format("127.0.0.1:{}", node.port), .properties = {}};
    connection.properties["request.timeout.ms"] = std::to_string(std::max<int64_t>(left_ms(), 1));
    const auto session = Session::open(connection, environment, "kt-lab");
    if (!session) return fail(session.error());
    for (;;) {
      const std::string why_not = missing(**session, spec.brokers());
      if (why_not.empty()) break;
      if (left_ms() <= 0)
        return fail(ErrorCode::request_timed_out, fmt::format("{} is not ready: {}", node.name(), why_not));
      pause(**session, std::min(ask_again_ms, left_ms()));
    }
  }
  return {};
}

}  // namespace kt::cli::lab
