#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/result.h"

namespace kt::metadata {

/// Numbered as in RegisterBrokerRecord.
enum class SecurityProtocol : int16_t { plaintext = 0, ssl = 1, sasl_plaintext = 2, sasl_ssl = 3 };
constexpr bool is_security_protocol(int16_t id) { return 0 <= id && id <= 3; }
std::string_view name_of(SecurityProtocol protocol);

/// A named place to connect to. An empty host means every address of the machine.
struct Endpoint {
  std::string listener;  // upper case
  SecurityProtocol protocol = SecurityProtocol::plaintext;
  std::string host;  // IPv6 without its brackets
  uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

/// The listener of a controller that has ZooKeeper's place, on ZooKeeper's port. Besides what every
/// controller answers, it says which brokers there are, since that is what was asked there.
inline constexpr std::string_view zookeeper_listener = "ZOOKEEPER";

/// Which protocol the listener of a name speaks.
using ProtocolMap = std::map<std::string, SecurityProtocol, std::less<>>;

/// "A:PLAINTEXT,B:SSL". Errors: invalid_config.
Result<ProtocolMap> parse_protocol_map(std::string_view text);
/// "PLAINTEXT://:9092,EXTERNAL://[::1]:9093": names distinct, and ports too where asked, except that one IPv4
/// and one IPv6 address may share one. Errors: invalid_config with Kafka's sentences.
enum class Ports { distinct, any };
Result<std::vector<Endpoint>> parse_listeners(std::string_view text, const ProtocolMap& protocols,
                                              Ports ports);

struct HostPort {
  std::string host;
  uint16_t port = 0;
  bool operator==(const HostPort&) const = default;
};
/// "host:9092" or "[::1]:9092". Errors: invalid_config.
Result<HostPort> parse_host_port(std::string_view text);

/// A voter of a static quorum, "1@host:9093".
struct Voter {
  int32_t id = 0;
  std::string host;
  uint16_t port = 0;
  bool operator==(const Voter&) const = default;
};
/// Errors: invalid_config with Kafka's sentences.
Result<std::vector<Voter>> parse_voters(const std::vector<std::string>& entries);

}  // namespace kt::metadata
