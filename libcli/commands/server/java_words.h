#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace kt::cli::server {

// Kafka and ZooKeeper have always been stopped by what ps shows of them: `ps ax | grep java | grep
// kafka.Kafka`, or java and the name of a property file. So a server that was started under its script's name
// has "java CLASS" in its argument list, right behind that name.

inline constexpr std::string_view kafka_class = "kafka.Kafka";
inline constexpr std::string_view zookeeper_class = "org.apache.zookeeper.server.quorum.QuorumPeerMain";

/// Starts this program anew, in its place, with the words in its argument list. Returns where they are there
/// already, and where the system does not allow it: then only ps tells less.
void show_as_java(std::string_view class_name);

/// `words` without them.
std::vector<std::string> without_java(std::vector<std::string> words, std::string_view class_name);

}  // namespace kt::cli::server
