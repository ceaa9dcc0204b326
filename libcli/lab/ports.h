#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/rng.h"
#include "libbroker/net/owned_descriptor.h"

namespace kt::lab {

/// Ports that stay a lab's while its nodes come and go. Each is held by a socket that is bound and never
/// listens: the kernel gives the port to no one else, neither by bind() nor to an outgoing connection, a node
/// binds beside it (SO_REUSEADDR on both), and where no node listens connections are refused, as with a dead
/// broker. Two such sockets may be bound to one port as well, so labs also take a name in the abstract
/// namespace, which has one owner.
class ReservedPorts {
 public:
  /// All of `ports` on 127.0.0.1, or none. Errors: network_exception, naming the first that is taken and who
  /// has it.
  static Result<ReservedPorts> take(std::span<const uint16_t> ports);
  /// Keeps those too.
  void add(ReservedPorts other) { held_.merge(other.held_); }
  void release(uint16_t port) { held_.erase(port); }
  /// The sockets, for whoever closes all others.
  std::vector<int> descriptors() const;

 private:
  struct Held {
    net::OwnedDescriptor name, place;
  };
  std::map<uint16_t, Held> held_;  // by port
};

/// " by kt (pid 12)": who listens on the port, or that it is someone else's process; empty: nobody.
std::string port_holder(uint16_t port);

/// A base for `--port-base auto`, below the ports of outgoing connections, so that none of them gets in the
/// way.
uint16_t random_port_base(Rng& rng);

}  // namespace kt::lab
