#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libbroker/client/cluster.h"

namespace kt::cli::zookeeper {

/// What Kafka of 2017 kept in ZooKeeper, as far as a cluster's metadata tells: the nodes that people looked
/// at. Paths to data, which is empty where a node was only there for its children:
///
///     /brokers/ids/0 {"endpoints":["PLAINTEXT://host:9092"],"host":"host","port":9092,...} /brokers/topics/t
///     {"version":1,"partitions":{"0":[2,0,1]}} /brokers/topics/t/partitions/0/state
///     {"leader":2,"leader_epoch":0,"isr":[2,0,1],...} /config/topics/t
///     {"version":1,"config":{"retention.ms":"1000"}} /controller  /cluster/id
class Nodes {
 public:
  using Configs =
      std::map<std::string, std::vector<std::pair<std::string, std::string>>>;  // of topics, own ones

  Nodes(const client::Topology& topology, const Configs& configs);

  /// The names below a node, in order; none where there is no such node.
  std::optional<std::vector<std::string>> children(std::string_view path) const;
  std::optional<std::string> data(std::string_view path) const;

 private:
  void add(const std::string& path, std::string data = {});
  std::map<std::string, std::string, std::less<>> data_;  // by path, "/" too, parents always there
};

}  // namespace kt::cli::zookeeper
