#include "libcli/commands/configs/entity.h"

#include <algorithm>

#include "libcli/commands/argv/given.h"

namespace kt::cli::configs {
namespace {

struct Flag {
  std::string_view option;
  std::string_view type;
};
constexpr Flag name_flags[] = {{"topic", "topics"},
                               {"client", "clients"},
                               {"user", "users"},
                               {"broker", "brokers"},
                               {"broker-logger", "broker-loggers"},
                               {"ip", "ips"},
                               {"client-metrics", "client-metrics"},
                               {"group", "groups"}};
constexpr Flag default_flags[] = {{"client-defaults", "clients"},
                                  {"user-defaults", "users"},
                                  {"broker-defaults", "brokers"},
                                  {"ip-defaults", "ips"}};

}  // namespace

bool EntityOptions::has_name() const {
  return std::ranges::any_of(names, [](const std::string& name) { return !name.empty(); });
}
bool EntityOptions::has_default() const { return std::ranges::find(names, "") != names.end(); }
bool EntityOptions::has_type(std::string_view type) const {
  return std::ranges::find(types, type) != types.end();
}

EntityOptions read_entities(const Given& given) {
  EntityOptions entities{.types = given.all("entity-type"), .by_type = given.has("entity-type")};
  for (const Occurrence& o : given.occurrences()) {
    const bool is_name = o.option->name == "entity-name";
    if (!is_name && o.option->name != "entity-default") continue;
    entities.names.push_back(is_name ? *o.value : "");
    entities.by_type = true;
  }
  for (const auto& [option, type] : name_flags) {
    if (!given.has(option)) continue;
    entities.types.emplace_back(type);
    entities.names.push_back(*given.text(option));
    entities.by_flag = true;
  }
  for (const auto& [option, type] : default_flags) {
    if (!given.has(option)) continue;
    entities.types.emplace_back(type);
    entities.names.emplace_back();
    entities.by_flag = true;
  }
  return entities;
}

}  // namespace kt::cli::configs
