#include "libcli/commands/storage/storage.h"

#include <ostream>

#include "libbroker/base/rng.h"
#include "libbroker/base/uuid.h"
#include "libcli/commands/framework/report_failure.h"
#include "libcli/commands/storage/directories.h"
#include "libcli/commands/storage/features.h"

namespace kt::cli::storage {

constinit const Command command{syntax, parse_and_run<parse, run>};

Exit run(const Options& options, Environment& environment, Streams& streams) {
  if (options.verb == Verb::random_uuid) {
    streams.out << Uuid::random(environment.rng).text() << '\n';
    return Exit::done;
  }
  const FailureStyle style{options.setting, "storage"};
  if (options.verb == Verb::version_mapping || options.verb == Verb::feature_dependencies) {
    const auto told = options.verb == Verb::version_mapping
                          ? print_version_mapping(options.release, streams.out)
                          : print_dependencies(options.features, streams.out);
    return told ? Exit::done : report_failure(told.error(), style, streams);
  }
  const auto node = read_node_file(environment.disk, options.config_file);
  if (!node) return report_failure(node.error(), style, streams);
  if (options.verb == Verb::info) {
    const auto exit = info(*node, environment.disk, streams.out);
    return exit ? *exit : report_failure(exit.error(), style, streams);
  }
  const auto done = format(*node, options, environment, streams.out);
  return done ? Exit::done : report_failure(done.error(), style, streams);
}

}  // namespace kt::cli::storage
