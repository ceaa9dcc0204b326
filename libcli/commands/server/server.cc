#include <fmt/core.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "libbroker/base/disk.h"
#include "libbroker/base/log_format.h"
#include "libbroker/base/logger.h"
#include "libbroker/wire/json.h"
#include "libcli/commands/server/daemon.h"
#include "libcli/commands/server/lab_node.h"
#include "libcli/commands/server/node_properties.h"
#include "libcli/commands/server/options.h"
#include "libcli/commands/server/process.h"

namespace kt::cli::server {
namespace {

/// A directory of its own, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "kt-server-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

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

Result<void> tell_ready(const Options& options, const node::Node::Serving& serving, Disk& disk) {
  const std::string line = ready_line(serving);
  if (options.ready_fd && ::write(*options.ready_fd, line.data(), line.size()) < 0) {
    return fail(ErrorCode::unknown_server_error,
                fmt::format("cannot write to descriptor {} of --ready-fd", *options.ready_fd));
  }
  if (options.ready_file) return disk.replace(*options.ready_file, line);
  return {};
}

/// The node's property map: the file's or the embedded default, under --override.
Result<config::Properties> properties_of(const Options& options, const std::string& directory, Disk& disk) {
  config::Properties properties = embedded_properties(directory);
  if (options.file) {
    if (const auto there = disk.exists(*options.file); there && !*there) {
      return fail(ErrorCode::kafka_storage_error, "there is no property file " + *options.file);
    }
    auto loaded = config::load_properties(disk, *options.file);
    if (!loaded) return fail(loaded.error());
    properties = std::move(*loaded);
  }
  return as_single_node(config::merge(std::move(properties), options.overrides));
}

/// What large frames were read into serves for the next ones: given back in between, its pages would be fetched anew each time,
/// which costs more than what is done with them.
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

Exit refuse(Streams& streams, const Error& error) {
  streams.err << "error: " << error.message << '\n';
  return Exit::failed;
}

}  // namespace

Exit run(const Options& options, Environment& environment, Streams& streams) {
  if (options.is_daemon) {
    streams.out.flush();
    const auto side = detach(daemon_output(environment));
    if (!side) return refuse(streams, side.error());
    if (*side == Side::caller) return Exit::done;
  }
  std::optional<TemporaryDirectory> temporary;
  if (options.is_ephemeral) temporary.emplace();
  const std::string directory =
      temporary ? temporary->path() : options.directory.value_or(state_directory(environment) + "/server");
  auto properties = properties_of(options, directory, environment.disk);
  if (!properties) return refuse(streams, properties.error());
  for (const std::string& warning : metadata::warnings_about(*properties))
    streams.err << "warning: " << warning << '\n';
  const metadata::ConfigMap none;
  auto config = metadata::BrokerConfig::from({none, none, *properties});
  if (!config) return refuse(streams, config.error());
  const bool wants_json = config::find(*properties, "kt.log.format") == "json";
  set_log_format(wants_json ? LogFormat::json : LogFormat::text);
  set_log(environment.variable("KT_LOG_LEVEL") == "debug" ? LogLevel::debug : LogLevel::info, true);

  keep_freed_memory();
  const auto mutants = mutants_of(environment);
  if (!mutants) return refuse(streams, mutants.error());
  const auto lab = LabNode::from(environment);
  if (!lab) return refuse(streams, lab.error());
  LabNode* const lab_node = lab->get();
  const bool may_format = config->is_quorum_of_one();
  Process process(lab_node ? lab_node->disk() : environment.disk, lab_node ? lab_node->clock() : environment.clock,
                  {.config = std::move(*config),
                   .properties = std::move(*properties),
                   .may_format = may_format,
                   .mutants = *mutants},
                  lab_node);
  const auto serving = process.start();
  if (!serving) return refuse(streams, serving.error());
  if (auto told = tell_ready(options, *serving, environment.disk); !told)
    return refuse(streams, told.error());
  if (auto ended = process.run_until_signal(); !ended) return refuse(streams, ended.error());
  return Exit::done;
}

}  // namespace kt::cli::server
