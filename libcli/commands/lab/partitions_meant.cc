#include "libcli/commands/lab/partitions_meant.h"

#include <fmt/core.h>

#include <charconv>

namespace kt::cli::lab {

std::optional<TopicPartition> parse_partition(const std::string& text) {
  const size_t mark = text.find_last_of(":-");
  if (mark == text.npos || mark == 0) return std::nullopt;
  int32_t partition = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + mark + 1, end, partition);
  if (parsed.ec != std::errc() || parsed.ptr != end || partition < 0) return std::nullopt;
  return TopicPartition{text.substr(0, mark), partition};
}

Result<std::vector<Meant>> partitions_meant(Session& session, const std::string& text) {
  const bool names_one = text.find(':') != text.npos;
  const auto one = names_one ? parse_partition(text) : std::nullopt;
  if (names_one && !one)
    return fail(ErrorCode::invalid_config, text + " is no partition: orders, or orders:0");
  const std::string topic = one ? one->topic : text;
  const auto topology = session.topology(std::vector<std::string>{topic});
  if (!topology) return fail(topology.error());
  const auto found = (*topology)->topics.find(topic);
  std::vector<Meant> meant;
  if (found != (*topology)->topics.end()) {
    for (const auto& partition : found->second.partitions) {
      if (!one || partition.partition_index == one->partition)
        meant.push_back({{topic, partition.partition_index}, partition.leader_id, partition.replica_nodes});
    }
  }
  if (!meant.empty()) return meant;
  return fail(ErrorCode::unknown_topic_or_partition,
              one && found != (*topology)->topics.end() && !found->second.partitions.empty()
                  ? fmt::format("{} has no partition {}", topic, one->partition)
                  : fmt::format("topic {} does not exist", topic));
}

Result<std::unique_ptr<Session>> open_session(const kt::lab::Spec& spec, Environment& environment) {
  constexpr int64_t request_ms_max = 10'000;
  Connection connection{.addresses = spec.bootstrap_servers(), .properties = {}};
  connection.properties["request.timeout.ms"] = std::to_string(request_ms_max);
  return Session::open(connection, environment, "kt-lab");
}

}  // namespace kt::cli::lab
