#include "libbroker/net/socket_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <system_error>

namespace kt::net {
namespace {

std::vector<SocketAddress> lookup(const Endpoint& at, int flags, int& error) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  error = ::getaddrinfo(at.host.c_str(), std::to_string(at.port).c_str(), &hints, &list);
  if (error != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<SocketAddress> found;
  for (const addrinfo* info = list; info != nullptr; info = info->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.length = info->ai_addrlen;
    found.push_back(address);
  }
  std::ranges::stable_sort(found, {}, [](const SocketAddress& a) { return a.family() != AF_INET; });
  return found;
}

template <class Call>
Endpoint endpoint_by(Call call, int descriptor) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (call(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.length) != 0) return {};
  return address.endpoint();
}

}  // namespace

Endpoint SocketAddress::endpoint() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return {text, ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof text);
  } else {
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  }
  return {text, ntohs(v6.sin6_port)};
}

std::vector<SocketAddress> numeric_addresses(const Endpoint& at) {
  int error = 0;
  return lookup(at, AI_NUMERICHOST, error);
}

Result<std::vector<SocketAddress>> resolve(const Endpoint& at) {
  int error = 0;
  std::vector<SocketAddress> found = lookup(at, 0, error);
  if (!found.empty()) return found;
  const bool is_unknown = error == EAI_NONAME || error == EAI_NODATA;
  if (is_unknown) return fail(ErrorCode::network_exception, fmt::format("unknown host {}", at.host));
  const std::string why = error == EAI_SYSTEM ? reason_of(errno) : ::gai_strerror(error);
  return fail(ErrorCode::network_exception, fmt::format("cannot resolve host {}: {}", at.host, why));
}

Endpoint local_endpoint(int descriptor) { return endpoint_by(::getsockname, descriptor); }
Endpoint peer_endpoint(int descriptor) { return endpoint_by(::getpeername, descriptor); }

void set_connected_options(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

std::string reason_of(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty()) text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

}  // namespace kt::net
