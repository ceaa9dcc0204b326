#pragma once
#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/net.h"

namespace kt::net {

/// An IPv4 or IPv6 address and port, as the system calls take them.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  /// The numeric address and port; an IPv4 client of a dual-stack socket reads as IPv4.
  Endpoint endpoint() const;
};

/// The addresses of a numeric host, without asking anyone; none when it is a name.
std::vector<SocketAddress> numeric_addresses(const Endpoint& at);
/// The addresses of a host by the system's resolver, IPv4 first as Java clients prefer it. May block for
/// seconds. Errors: network_exception, "unknown host NAME".
Result<std::vector<SocketAddress>> resolve(const Endpoint& at);

/// The two ends of a connected or listening socket.
Endpoint local_endpoint(int descriptor);
Endpoint peer_endpoint(int descriptor);

/// What every connected socket has: no Nagle delay, and keep-alive probes.
void set_connected_options(int descriptor);

/// "connection reset by peer", ...: what the system says of an errno, in lower case.
std::string reason_of(int error);

}  // namespace kt::net
