#include "libcli/commands/server/serve.h"

#include <fmt/core.h>
#include <malloc.h>
#include <unistd.h>

#include <ostream>

#include "libbroker/base/disk.h"
#include "libbroker/base/log_format.h"
#include "libbroker/base/logger.h"
#include "libbroker/wire/json.h"
#include "libcli/commands/server/lab_node.h"
#include "libcli/commands/server/process.h"
#include "libcli/config/properties.h"

namespace kt::cli::server {
namespace {

std::string ready_line(const node::Node::Serving& serving) {
  std::string listeners;
  for (const auto& [name, at] : serving.listeners) {
    listeners += fmt::format("{}{{\"name\":{},\"address\":{},\"port\":{}}}", listeners.empty() ? "" : ",",
                             wire::json_string(name), wire::json_string(at.text()), at.port);
  }
  std::string metrics;
  if (serving.metrics) {
    metrics = fmt::format(",\"metrics\":{{\"address\":{},\"port\":{}}}",
                          wire::json_string(serving.metrics->text()), serving.metrics->port);
  }
  return fmt::format("{{\"cluster_id\":{},\"node_id\":{},\"pid\":{},\"listeners\":[{}]{}}}\n",
                     wire::json_string(serving.cluster_id), serving.node_id, ::getpid(), listeners, metrics);
}

Result<void> tell_ready(const Service& service, const node::Node::Serving& serving, Disk& disk) {
  const std::string line = ready_line(serving);
  if (service.ready_fd && ::write(*service.ready_fd, line.data(), line.size()) < 0) {
    return fail(ErrorCode::unknown_server_error,
                fmt::format("cannot write to descriptor {} of --ready-fd", *service.ready_fd));
  }
  if (service.ready_file) return disk.replace(*service.ready_file, line);
  return {};
}

/// What large frames were read into serves for the next ones: given back in between, its pages would be
/// fetched anew each time, which costs more than what is done with them.
void keep_freed_memory() {
  constexpr int kept_bytes_max = 16 << 20, mapped_bytes_min = 8 << 20;
  ::mallopt(M_TRIM_THRESHOLD, kept_bytes_max);
  ::mallopt(M_MMAP_THRESHOLD, mapped_bytes_min);
}

/// A build with KT_MUTANTS takes one from the environment: known bugs are for those who look for them.
Result<Mutants> mutants_of([[maybe_unused]] Environment& environment) {
#ifdef KT_MUTANTS
  if (const auto name = environment.variable("KT_MUTANT")) {
    const auto mutant = parse_mutant(*name);
    if (!mutant) return fail(ErrorCode::invalid_config, "KT_MUTANT names no mutant: " + *name);
    log_warn("KafkaServer", "This server is broken by intent: {}", *name);
    return Mutants(*mutant);
  }
#endif
  return Mutants();
}

}  // namespace

void begin_log(const metadata::ConfigMap& properties, const Environment& environment) {
  const bool wants_json = config::find(properties, "kt.log.format") == "json";
  set_log_format(wants_json ? LogFormat::json : LogFormat::text);
  set_log(environment.variable("KT_LOG_LEVEL") == "debug" ? LogLevel::debug : LogLevel::info, true);
}

Exit serve(Service service, Environment& environment, Streams& streams) {
  keep_freed_memory();
  const auto mutants = mutants_of(environment);
  if (!mutants) return refuse(streams, mutants.error());
  service.node.mutants = *mutants;
  const auto lab = LabNode::from(environment);
  if (!lab) return refuse(streams, lab.error());
  LabNode* const lab_node = lab->get();
  Process process(lab_node ? lab_node->disk() : environment.disk,
                  lab_node ? lab_node->clock() : environment.clock, std::move(service.node), lab_node);
  const auto serving = process.start();
  if (!serving) return refuse(streams, serving.error());
  if (service.on_serving) service.on_serving(*serving);
  if (auto told = tell_ready(service, *serving, environment.disk); !told)
    return refuse(streams, told.error());
  if (auto ended = process.run_until_signal(); !ended) return refuse(streams, ended.error());
  return Exit::done;
}

Exit refuse(Streams& streams, const Error& error) {
  streams.err << "error: " << error.message << '\n';
  return Exit::failed;
}

}  // namespace kt::cli::server
