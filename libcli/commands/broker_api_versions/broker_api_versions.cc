#include "libcli/commands/broker_api_versions/broker_api_versions.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "libbroker/wire/60_describe_cluster.h"
#include "libbroker/wire/api_keys.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/framework/session.h"
#include "libcli/term/report.h"
#include "libcli/term/text.h"

namespace kt::cli::broker_api_versions {
namespace {

using nlohmann::ordered_json;

struct Broker {
  int32_t id = -1;
  std::string name;  // as Java prints a Node
};

/// "Produce(0): 0 to 12 [usable: 12]"
std::string line_of(int16_t key, const std::pair<int16_t, int16_t>& versions) {
  const wire::Api* api = wire::find_api(key);
  const auto [oldest, newest] = versions;
  const std::string range = oldest == newest ? std::to_string(oldest) : fmt::format("{} to {}", oldest, newest);
  if (!api) return fmt::format("UNKNOWN({}): {}", key, range);
  std::string usable = fmt::format("usable: {}", std::min(newest, api->max_version));
  if (api->max_version < oldest) usable = "unusable: node too new";
  if (newest < api->min_version) usable = "unusable: node too old";
  return fmt::format("{}({}): {} [{}]", api->name, key, range, usable);
}

Result<Served> served_by(Session& session, int32_t broker) {
  return session.wait<Result<Served>>([&](auto done) {
    session.cluster().versions(client::Target::node(broker), [done](Result<Served> served) mutable { done(std::move(served)); });
  });
}

Result<std::vector<Broker>> brokers_of(Session& session) {
  const auto topology = session.topology(std::vector<std::string>{});
  if (!topology) return fail(topology.error());
  std::vector<Broker> brokers;
  for (const auto& [id, broker] : (*topology)->brokers) {
    // Metadata names live brokers only: none of them is fenced.
    brokers.push_back({id, fmt::format("{}:{} (id: {} rack: {} isFenced: false)", broker.at.host, broker.at.port, id,
                                       broker.rack.value_or("null"))});
  }
  return brokers;
}

ordered_json json_of(const Broker& broker, const Served& served) {
  ordered_json apis = ordered_json::array();
  for (const auto& [key, versions] : served) {
    const wire::Api* api = wire::find_api(key);
    apis.push_back({{"key", key},
                    {"name", api ? ordered_json(api->name) : ordered_json(nullptr)},
                    {"min_version", versions.first},
                    {"max_version", versions.second}});
  }
  return {{"broker", broker.id}, {"apis", apis}};
}

Result<Exit> show(const Options& options, Session& session, std::ostream& out) {
  const auto brokers = brokers_of(session);
  if (!brokers) return fail(brokers.error());
  const bool as_json = options.setting.output == Output::json;
  ordered_json items = ordered_json::array();
  std::vector<term::Failure> failures;
  for (const Broker& broker : *brokers) {
    const auto served = served_by(session, broker.id);
    if (as_json && served) {
      items.push_back(json_of(broker, *served));
    } else if (as_json) {
      failures.push_back({served.error().message, served.error().code});
    } else {
      out << broker.name << " -> " << (served ? text_of(*served) : "ERROR: " + served.error().message) << '\n';
    }
  }
  if (as_json) term::print_document(out, "broker-api-versions", items, failures);
  return failures.empty() ? Exit::done : Exit::failed;
}

}  // namespace

constinit const Command command{syntax, parse_and_run<parse, run>};

std::string text_of(const Served& served) {
  std::map<int16_t, std::string> lines;
  for (const auto& [key, versions] : served) lines[key] = line_of(key, versions);
  for (const wire::Api& api : wire::apis()) {
    const auto key = static_cast<int16_t>(api.key);
    if (api.listeners != wire::Listeners::controller) lines.try_emplace(key, fmt::format("{}({}): UNSUPPORTED", api.name, key));
  }
  std::vector<std::string> in_order;
  for (auto& [key, line] : lines) in_order.push_back(std::move(line));
  return "(\n\t" + term::join(in_order, ",\n\t") + "\n)";
}

Exit run(const Options& options, Environment& environment, Streams& streams) {
  const FailureStyle style{options.setting, "broker-api-versions"};
  auto session = Session::open(options.connection, environment, "kt-broker-api-versions");
  if (!session) return report_failure(session.error(), style, streams);
  const auto exit = show(options, **session, streams.out);
  return exit ? *exit : report_failure(exit.error(), style, streams);
}

}  // namespace kt::cli::broker_api_versions
