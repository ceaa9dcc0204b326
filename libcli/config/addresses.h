#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/result.h"

namespace kt::config {

/// Where a server listens. An IPv6 host has no brackets.
struct Address {
  std::string host;
  uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

/// "host:port", "[v6]:port" or "PROTOCOL://host:port", as Kafka's clients read it; none for anything else.
std::optional<Address> parse_address(std::string_view text);

/// A comma-separated bootstrap list; blanks around and empty parts are dropped.
/// Errors: invalid_config in the words of Kafka's clients, `setting` being "bootstrap.servers" or the like.
Result<std::vector<Address>> parse_addresses(std::string_view list, std::string_view setting);

/// The check of some tools before they start a client; the message of the refusal, none when all is well.
std::optional<std::string> refuse_address_list(std::string_view list);

}  // namespace kt::config
