#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/wire/32_describe_configs.h"
#include "libcli/commands/configs/changes.h"
#include "libcli/commands/configs/entity.h"
#include "libcli/commands/framework/session.h"

namespace kt::cli::configs {

using ConfigEntry = wire::DescribeConfigsResponse::DescribeConfigsResourceResult;

/// The configs of one cluster's topics, brokers, groups and so on: all but quotas and credentials.
class ResourceConfigs {
 public:
  /// `through_controllers`: the session's addresses are those of controllers, which take every request
  /// themselves.
  ResourceConfigs(Session& session, bool through_controllers)
      : session_(session), through_controllers_(through_controllers) {}

  /// Everything of the type, sorted; last, for brokers and their loggers, "" for what holds for all of them.
  Result<std::vector<std::string>> names(std::string_view type);
  /// Whether there is such a thing, or a config was set for it ahead of time.
  Result<bool> is_known(std::string_view type, const std::string& name);
  /// Sorted by name. `all`: also what was not set while the cluster ran.
  Result<std::vector<ConfigEntry>> describe(std::string_view type, const std::string& name, bool all);
  Result<void> alter(std::string_view type, const std::string& name, const Changes& changes);

 private:
  client::Target target_of(std::string_view type, const std::string& name) const;
  Result<std::vector<std::string>> listed(std::string_view type);
  Result<std::vector<std::string>> topics();
  Result<std::vector<std::string>> brokers();
  Result<std::vector<std::string>> groups();

  Session& session_;
  const bool through_controllers_;
};

/// "DYNAMIC_TOPIC_CONFIG": where a value comes from, as Kafka's tool names it.
std::string_view source_name(int8_t source);

}  // namespace kt::cli::configs
