#include "libbroker/metadata/listeners.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>

#include "libbroker/metadata/java_text.h"

namespace kt::metadata {
namespace {

constexpr std::pair<std::string_view, SecurityProtocol> protocols[] = {
    {"PLAINTEXT", SecurityProtocol::plaintext},
    {"SSL", SecurityProtocol::ssl},
    {"SASL_PLAINTEXT", SecurityProtocol::sasl_plaintext},
    {"SASL_SSL", SecurityProtocol::sasl_ssl},
};

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::invalid_config, std::move(message));
}

std::optional<uint16_t> parse_port(std::string_view text) {
  const auto port = java::parse_long(text);
  if (!port || *port < 0 || *port > 65535) return std::nullopt;
  return static_cast<uint16_t>(*port);
}

/// "[host]:port" or "host:port"; the host may be empty.
std::optional<HostPort> split_host_port(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return std::nullopt;
  }
  if (!port) return std::nullopt;
  return HostPort{std::string(host), *port};
}

bool is_ipv4(std::string_view host) {
  return !host.empty() && std::ranges::count(host, '.') == 3 &&
         std::ranges::all_of(host, [](char c) { return c == '.' || ('0' <= c && c <= '9'); });
}

Result<Endpoint> parse_endpoint(std::string_view text, const ProtocolMap& known) {
  const size_t scheme = text.find("://");
  const auto place = scheme == text.npos ? std::nullopt : split_host_port(text.substr(scheme + 3));
  if (!place || scheme == 0) return invalid(fmt::format("Unable to parse {} to a broker endpoint", text));
  const std::string name = java::upper(text.substr(0, scheme));
  const auto protocol = known.find(name);
  if (protocol == known.end())
    return invalid(fmt::format("No security protocol defined for listener {}", name));
  return Endpoint{name, protocol->second, place->host, place->port};
}

Result<void> check_distinct_names(const std::vector<Endpoint>& endpoints, std::string_view text) {
  std::set<std::string_view> names;
  for (const Endpoint& endpoint : endpoints)
    if (!names.insert(endpoint.listener).second)
      return invalid(fmt::format("Each listener must have a different name, listeners: {}", text));
  return {};
}

Result<void> check_distinct_ports(const std::vector<Endpoint>& endpoints, std::string_view text) {
  for (size_t i = 0; i < endpoints.size(); ++i) {
    for (size_t j = i + 1; j < endpoints.size(); ++j) {
      const Endpoint &a = endpoints[i], &b = endpoints[j];
      if (a.port != b.port || a.port == 0) continue;
      const bool one_each =
          (is_ipv4(a.host) && b.host.contains(':')) || (is_ipv4(b.host) && a.host.contains(':'));
      if (!one_each)
        return invalid(fmt::format("Each listener must have a different port, listeners: {}", text));
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(SecurityProtocol protocol) { return protocols[static_cast<size_t>(protocol)].first; }

Result<ProtocolMap> parse_protocol_map(std::string_view text) {
  ProtocolMap map;
  for (const std::string& entry : java::split_list(text)) {
    if (entry.empty()) continue;
    const size_t colon = entry.rfind(':');
    const std::string_view word =
        colon == entry.npos ? "" : java::trim(std::string_view(entry).substr(colon + 1));
    const std::string wanted = java::upper(word);
    const auto found = std::ranges::find(protocols, std::string_view(wanted),
                                         &std::pair<std::string_view, SecurityProtocol>::first);
    if (found == std::end(protocols))
      return invalid(
          fmt::format("Invalid security protocol `{}` defined in listener.security.protocol.map", word));
    map[java::upper(java::trim(std::string_view(entry).substr(0, colon)))] = found->second;
  }
  return map;
}

Result<std::vector<Endpoint>> parse_listeners(std::string_view text, const ProtocolMap& known, Ports ports) {
  std::vector<Endpoint> endpoints;
  for (const std::string& entry : java::split_list(text)) {
    if (entry.empty()) continue;
    Result<Endpoint> endpoint = parse_endpoint(entry, known);
    if (!endpoint)
      return invalid(
          fmt::format("Error creating broker listeners from '{}': {}", text, endpoint.error().message));
    endpoints.push_back(*std::move(endpoint));
  }
  if (const auto names = check_distinct_names(endpoints, text); !names) return fail(names.error());
  if (ports == Ports::any) return endpoints;
  if (const auto distinct = check_distinct_ports(endpoints, text); !distinct) return fail(distinct.error());
  return endpoints;
}

Result<HostPort> parse_host_port(std::string_view text) {
  const auto place = split_host_port(java::trim(text));
  if (!place || place->host.empty())
    return invalid(fmt::format(
        "Failed to parse host and port from {}: an entry should be in the form \"{{host}}:{{port}}\"", text));
  return *place;
}

Result<std::vector<Voter>> parse_voters(const std::vector<std::string>& entries) {
  constexpr std::string_view form = "Each entry should be in the form `{id}@{host}:{port}`.";
  std::vector<Voter> voters;
  for (const std::string& entry : entries) {
    const size_t at = entry.find('@');
    if (at == entry.npos || entry.find('@', at + 1) != entry.npos)
      return invalid(fmt::format("Invalid configuration value for controller.quorum.voters. {}", form));
    const auto id = java::parse_long(std::string_view(entry).substr(0, at));
    if (!id || *id < 0 || *id > INT32_MAX)
      return invalid(fmt::format("Failed to parse voter ID as an integer from {}", entry.substr(0, at)));
    const auto place = split_host_port(std::string_view(entry).substr(at + 1));
    if (!place || place->host.empty())
      return invalid(fmt::format(
          "Failed to parse host {} from entry {} for the configuration controller.quorum.voters. {}",
          place ? "name" : "port", entry, form));
    voters.push_back({static_cast<int32_t>(*id), place->host, place->port});
  }
  return voters;
}

}  // namespace kt::metadata
