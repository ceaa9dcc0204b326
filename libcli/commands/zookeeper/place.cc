#include "libcli/commands/zookeeper/place.h"

#include <fmt/core.h>

#include <charconv>

#include "libbroker/base/disk.h"
#include "libbroker/metadata/listeners.h"
#include "libcli/commands/framework/version.h"

namespace kt::cli::zookeeper {
namespace {

constexpr int32_t node_id_base = 1'000'000, zookeeper_id_max = 255;
constexpr uint64_t myid_bytes_max = 64;

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid_config, std::move(message));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

template <class Number>
bool reads_as(std::string_view text, Number& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && !text.empty();
}

Result<int32_t> read_id(const std::string& data_directory, Disk& disk) {
  const std::string path = data_directory + "/myid";
  const auto is_there = disk.exists(path);
  if (!is_there) return fail(is_there.error());
  if (!*is_there) return 0;
  const auto text = disk.read_all(path, myid_bytes_max);
  if (!text) return fail(text.error());
  int32_t id = 0;
  if (!reads_as(trimmed(*text), id) || id < 0 || id > zookeeper_id_max)
    return invalid(fmt::format("{} holds no number from 0 to {}", path, zookeeper_id_max));
  return id;
}

}  // namespace

Result<Place> read_place(const config::Properties& properties, const std::string& path, Disk& disk) {
  for (const auto& [key, value] : properties) {
    if (key.starts_with("server."))
      return invalid(fmt::format(
          "{} names {}: a controller takes the place of one ZooKeeper, not of several. Leave the servers "
          "out; or run several controllers from Kafka's own property files (process.roles=controller)",
          path, key));
  }
  Place place{.data_directory = config::find(properties, "dataDir").value_or(""),
              .host = config::find(properties, "clientPortAddress").value_or("")};
  if (place.data_directory.empty()) return invalid("dataDir is not set in " + path);
  const auto port = config::find(properties, "clientPort");
  if (!port) return invalid("clientPort is not set in " + path);
  if (!reads_as(trimmed(*port), place.port))
    return invalid(fmt::format("clientPort={} in {} is no port", *port, path));
  if (place.host == "0.0.0.0" || place.host == "::") place.host.clear();
  const auto id = read_id(place.data_directory, disk);
  if (!id) return fail(id.error());
  place.id = *id;
  return place;
}

config::Properties controller_properties(const Place& place) {
  const std::string listener(metadata::zookeeper_listener);
  const std::string host = place.host.contains(':') ? "[" + place.host + "]" : place.host;
  return {{"process.roles", "controller"},
          {"node.id", std::to_string(node_id_base + place.id)},
          {"log.dirs", place.data_directory},
          {"controller.listener.names", listener},
          {"listeners", fmt::format("{}://{}:{}", listener, host, place.port)},
          {"controller.quorum.bootstrap.servers", "localhost:2181"}};  // nobody's to ask: it is alone
}

std::string answer_to_word(const Place& place, std::string_view word) {
  if (word == "ruok") return "imok";
  if (word == "isro") return "rw";
  if (word == "conf")
    return fmt::format("clientPort={}\ndataDir={}\nserverId={}\n", place.port, place.data_directory,
                       place.id);
  if (word == "srvr" || word == "stat")
    return fmt::format("Zookeeper version: none, kt {} in its place\nMode: standalone\n", kt_version);
  if (word == "mntr") return fmt::format("zk_version\tkt {}\nzk_server_state\tstandalone\n", kt_version);
  return "";
}

}  // namespace kt::cli::zookeeper
