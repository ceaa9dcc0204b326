#include "libcli/commands/lab/node_files.h"

#include <sstream>
#include <string>

#include "libbroker/base/disk.h"
#include "libbroker/metadata/records.h"
#include "libcli/commands/storage/directories.h"
#include "libcli/commands/storage/features.h"

namespace kt::cli::lab {

Result<void> make_node_files(const kt::lab::Spec& spec, const kt::lab::NodeSpec& node,
                             const kt::lab::Place& place, Disk& disk, Environment& environment) {
  if (auto made = disk.make_directory(place.node(node)); !made) return made;
  const auto properties = kt::lab::node_properties(spec, node, place.node(node));
  if (auto written = disk.replace(place.node_properties(node), kt::lab::properties_text(properties));
      !written)
    return written;
  const std::string data = place.node(node) + "/data";
  const storage::NodeFile file{.node_id = node.id,
                               .has_roles = true,
                               .is_controller = node.is_controller,
                               .has_static_voters = true,
                               .controller_listener = "CONTROLLER",
                               .directories = {data},
                               .metadata_directory = data};
  storage::Options how{.cluster_id = spec.cluster_id, .ignore_formatted = true};
  how.metadata_version = metadata::metadata_version_latest;
  if (auto applied = storage::apply_features(how); !applied) return applied;
  Environment world{environment.variable, disk, environment.clock, environment.rng};
  std::ostringstream unread;
  return storage::format(file, how, world, unread);
}

}  // namespace kt::cli::lab
