#include "libcli/lab/ports.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "libcli/lab/spec.h"

namespace kt::lab {
namespace {

namespace fs = std::filesystem;
constexpr uint16_t automatic_port_min = 10'000;
constexpr uint16_t ports_of_a_lab = 200;

bool bind_name(int socket, uint16_t port) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const std::string name = fmt::format("kt-lab-port-{}", port);
  name.copy(at.sun_path + 1, name.size());  // after a zero: the abstract namespace
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&at), length) == 0;
}

bool bind_port(int socket, uint16_t port) {
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

/// The inode of the socket that listens on the port, as /proc/net/tcp has it.
std::optional<std::string> listening_inode(uint16_t port) {
  constexpr std::string_view listening = "0A";
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(table);
    std::string line;
    std::getline(in, line);  // the headings
    while (std::getline(in, line)) {
      std::istringstream words(line);
      std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
      words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
      if (state == listening && local.ends_with(fmt::format(":{:04X}", port))) return inode;
    }
  }
  return std::nullopt;
}

std::unexpected<Error> taken(uint16_t port, int error) {
  if (error == EADDRINUSE)
    return fail(ErrorCode::network_exception, fmt::format("port {} is in use{}", port, port_holder(port)));
  return fail(ErrorCode::network_exception,
              fmt::format("cannot take port {}: {}", port, std::strerror(error)));
}

}  // namespace

std::string port_holder(uint16_t port) {
  const auto inode = listening_inode(port);
  if (!inode) return "";
  const fs::path wanted = "socket:[" + *inode + "]";
  std::error_code error;
  for (const auto& process : fs::directory_iterator("/proc", error)) {
    const std::string pid = process.path().filename();
    if (!std::ranges::all_of(pid, [](unsigned char c) { return std::isdigit(c) != 0; })) continue;
    for (const auto& descriptor : fs::directory_iterator(process.path() / "fd", error)) {
      if (fs::read_symlink(descriptor.path(), error) != wanted) continue;
      std::string name;
      std::ifstream(process.path() / "comm") >> name;
      return fmt::format(" by {} (pid {})", name, pid);
    }
  }
  return " by a process of someone else";
}

Result<ReservedPorts> ReservedPorts::take(std::span<const uint16_t> ports) {
  ReservedPorts reserved;
  for (const uint16_t port : ports) {
    net::OwnedDescriptor name(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    net::OwnedDescriptor place(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (name.get() < 0 || place.get() < 0) return taken(port, errno);
    if (!bind_name(name.get(), port)) {
      const int error = errno;
      const std::string held = port_holder(port);
      if (error == EADDRINUSE && held.empty())
        return fail(ErrorCode::network_exception, fmt::format("port {} belongs to another lab", port));
      return taken(port, error);
    }
    if (!bind_port(place.get(), port)) return taken(port, errno);
    reserved.held_.emplace(port, Held{std::move(name), std::move(place)});
  }
  return reserved;
}

std::vector<int> ReservedPorts::descriptors() const {
  std::vector<int> descriptors;
  for (const auto& [port, held] : held_) {
    descriptors.push_back(held.name.get());
    descriptors.push_back(held.place.get());
  }
  return descriptors;
}

uint16_t random_port_base(Rng& rng) {
  int ephemeral_min = 32'768;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> ephemeral_min;
  const int highest = ephemeral_min - ports_of_a_lab;
  if (highest <= automatic_port_min)
    return automatic_port_min;  // outgoing connections may take any port here
  return static_cast<uint16_t>(automatic_port_min +
                               rng.below(static_cast<uint64_t>(highest - automatic_port_min)));
}

}  // namespace kt::lab
