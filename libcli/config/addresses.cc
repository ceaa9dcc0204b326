#include "libcli/config/addresses.h"

#include <algorithm>
#include <charconv>

namespace kt::config {
namespace {

constexpr std::string_view letters_and_digits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool is_host(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return letters_and_digits.contains(c) || std::string_view("-%._:").contains(c); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

/// Kafka's shape of an address: the port is any number.
struct HostAndDigits {
  std::string_view host;
  std::string_view port;
};

std::optional<HostAndDigits> split(std::string_view text) {
  if (const size_t scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  HostAndDigits parts{text.substr(0, colon), text.substr(colon + 1)};
  if (parts.host.starts_with('[')) parts.host.remove_prefix(1);
  if (parts.host.ends_with(']')) parts.host.remove_suffix(1);
  const bool digits = std::ranges::all_of(parts.port, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_host(parts.host) || parts.port.empty() || !digits) return std::nullopt;
  return parts;
}

/// The parts between commas, as Java's split gives them: without the empty ones at the end.
std::vector<std::string_view> at_commas(std::string_view list) {
  std::vector<std::string_view> parts;
  for (size_t start = 0; start <= list.size();) {
    const size_t end = std::min(list.find(',', start), list.size());
    parts.push_back(list.substr(start, end - start));
    start = end + 1;
  }
  while (!parts.empty() && parts.back().empty()) parts.pop_back();
  return parts;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  Address address{std::string(parts->host), 0};
  const auto [end, error] =
      std::from_chars(parts->port.data(), parts->port.data() + parts->port.size(), address.port);
  if (error != std::errc()) return std::nullopt;
  return address;
}

Result<std::vector<Address>> parse_addresses(std::string_view list, std::string_view setting) {
  const auto refuse = [setting](std::string_view what, std::string_view text) {
    return fail(ErrorCode::invalid_config,
                std::string(what).append(" in ").append(setting).append(": ").append(text));
  };
  std::vector<Address> addresses;
  for (const std::string_view part : at_commas(list)) {
    const std::string_view text = trimmed(part);
    if (text.empty()) continue;
    if (!split(text)) return refuse("Invalid url", text);
    const auto address = parse_address(text);
    if (!address) return refuse("Invalid port", text);
    addresses.push_back(*address);
  }
  if (addresses.empty())
    return fail(ErrorCode::invalid_config, "No resolvable bootstrap urls given in " + std::string(setting));
  return addresses;
}

std::optional<std::string> refuse_address_list(std::string_view list) {
  if (trimmed(list).empty()) return "Error while validating the bootstrap address\n";
  const auto parts = at_commas(list);
  const bool all_fit = !parts.empty() && std::ranges::all_of(parts, [](std::string_view part) {
    return split(part).has_value();
  });
  if (!all_fit) return "Please provide valid host:port like host1:9091,host2:9092\n";
  return std::nullopt;
}

}  // namespace kt::config
