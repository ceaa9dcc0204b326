#include <cstdlib>
#include <filesystem>
#include <optional>
#include <ostream>

#include "libbroker/base/disk.h"
#include "libbroker/base/logger.h"
#include "libcli/commands/server/daemon.h"
#include "libcli/commands/server/host_name.h"
#include "libcli/commands/server/java_words.h"
#include "libcli/commands/server/node_properties.h"
#include "libcli/commands/server/options.h"
#include "libcli/commands/server/serve.h"
#include "libcli/commands/server/zookeeper_age.h"

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
  properties = with_controller(config::merge(std::move(properties), options.overrides));
  return properties.contains("process.roles") ? properties : with_old_defaults(std::move(properties));
}

}  // namespace

Exit run(const Options& options, Environment& environment, Streams& streams) {
  if (options.setting.mode == Mode::script) show_as_java(kafka_class);
  if (options.is_daemon) {
    streams.out.flush();
    const auto side = detach(daemon_output(environment, "kafkaServer.out"));
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
  begin_log(*properties, environment);
  name_hosts(*config, own_host_name);

  Service service{.ready_fd = options.ready_fd, .ready_file = options.ready_file};
  service.node.may_format = config->is_quorum_of_one();
  if (config->zookeeper_connect) {
    log_config_values(*properties);
    auto cluster_id = join(*config, environment);
    if (!cluster_id) return refuse(streams, cluster_id.error());
    service.node.may_format = true;
    service.node.cluster_id = std::move(*cluster_id);
    service.on_serving = [](const node::Node::Serving& serving) {
      log_info("kafka.server.KafkaServer", "[Kafka Server {}], started", serving.node_id);
    };
  }
  service.node.config = std::move(*config);
  service.node.properties = std::move(*properties);
  return serve(std::move(service), environment, streams);
}

}  // namespace kt::cli::server
