#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "libbroker/base/result.h"
#include "libcli/config/properties.h"

namespace kt {
class Disk;
}

namespace kt::cli::zookeeper {

/// What a zookeeper.properties says of ZooKeeper's place.
struct Place {
  std::string data_directory;  // dataDir
  std::string host;            // clientPortAddress; empty: every address
  uint16_t port = 0;           // clientPort
  int32_t id = 0;              // as dataDir/myid has it
};

/// Errors: invalid_config or kafka_storage_error with one sentence: dataDir or clientPort is missing or no
/// good, the file is of one server of several (server.N), which nothing here takes the place of.
Result<Place> read_place(const config::Properties& properties, const std::string& path, Disk& disk);

/// The properties of the controller that stands there: node 1000000 + myid, alone in its quorum, so that it
/// is none of the ids that brokers have.
config::Properties controller_properties(const Place& place);

/// What ZooKeeper answers to one of its four-letter words, as far as there is something to say; empty:
/// nothing, and the connection ends.
std::string answer_to_word(const Place& place, std::string_view word);

}  // namespace kt::cli::zookeeper
