#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libbroker/metadata/config_layers.h"
#include "libbroker/wire/32_describe_configs.h"

namespace kt::metadata {

/// What a DescribeConfigs asks of one resource. `keys`: only these; none or empty: all.
struct DescribeWhat {
  const std::optional<std::vector<std::string>>& keys;
  bool synonyms = false;
};
using ConfigEntries = std::vector<wire::DescribeConfigsResponse::DescribeConfigsResourceResult>;

/// Entries by name, as Kafka describes them: passwords and keys of unknown type are sensitive and have no
/// value; a topic key's synonyms start at the first broker key that stands for it, so one set in hours goes
/// unmentioned.
ConfigEntries describe_topic(const DescribeWhat& what, const ConfigMap& overrides,
                             const BrokerLayers& broker);
/// Everything one broker goes by.
ConfigEntries describe_broker(const DescribeWhat& what, const BrokerLayers& broker);
/// What is set for all brokers while the cluster runs.
ConfigEntries describe_broker_default(const DescribeWhat& what, const BrokerLayers& broker);
ConfigEntries describe_group(const DescribeWhat& what, const ConfigMap& overrides,
                             const BrokerLayers& broker);
ConfigEntries describe_client_metrics(const DescribeWhat& what, const ConfigMap& configs);

}  // namespace kt::metadata
