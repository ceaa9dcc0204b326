#include "libbroker/net/listener.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <utility>

#include "libbroker/base/logger.h"
#include "libbroker/net/owned_descriptor.h"
#include "libbroker/net/socket_address.h"
#include "libbroker/net/socket_stream.h"

namespace kt::net {
namespace {

constexpr int backlog = 4096;                   // the kernel lowers it to net.core.somaxconn
constexpr int accepts_per_turn_max = 64;        // then the loop's connections have their turn
constexpr int64_t retry_accept_after_ms = 100;  // out of descriptors or memory: some may be freed until then

std::string refusal(int error, const Endpoint& at) {
  const std::string where = at.host.empty() ? "every address" : at.host;
  switch (error) {
    case EADDRINUSE:
      return fmt::format("port {} is in use at {}", at.port, where);
    case EACCES:
      return fmt::format("no permission to listen on port {} at {}", at.port, where);
    case EADDRNOTAVAIL:
      return fmt::format("cannot listen on port {}: {} is not an address of this machine", at.port, where);
    default:
      return fmt::format("cannot listen on port {} at {}: {}", at.port, where, reason_of(error));
  }
}

/// A bound, listening, non-blocking socket; or -1 and errno.
int listen_at(const SocketAddress& address, bool is_dual_stack) {
  const int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  // SO_REUSEADDR: a restart need not wait for connections in TIME_WAIT, and a lab's bound but never listening
  // placeholder does not stand in the way. Not SO_REUSEPORT: two brokers on one port must not go unnoticed.
  const int on = 1, v6_only = is_dual_stack ? 0 : 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.family() == AF_INET6)
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
  if (::bind(descriptor, address.get(), address.length) == 0 && ::listen(descriptor, backlog) == 0)
    return descriptor;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return -1;
}

int listen_everywhere(uint16_t port) {
  const int both = listen_at(numeric_addresses({"::", port}).front(), true);
  const bool is_without_v6 = both < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
  return is_without_v6 ? listen_at(numeric_addresses({"0.0.0.0", port}).front(), false) : both;
}

}  // namespace

/// The part that the loops' pending work keeps alive.
class Listener::Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(std::vector<AsioLoop*> loops, int descriptor, Net::Accepted accepted)
      : loops_(std::move(loops)),
        accepted_(std::move(accepted)),
        socket_(descriptor),
        descriptor_(loops_[0]->context()) {}

  ~Socket() {
    if (descriptor_.is_open()) descriptor_.release();
  }

  int fd() const { return socket_.get(); }

  /// On the first loop, as everything below but stop().
  void start() {
    descriptor_.assign(fd());
    wait();
  }

  /// From any thread: the kernel refuses connections from now on, the rest is tidied on the loop.
  void stop() {
    is_stopped_ = true;
    ::shutdown(fd(), SHUT_RDWR);
    loops_[0]->post([self = shared_from_this()] { self->descriptor_.release(); });
  }

 private:
  void wait() {
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                             if (!error) self->accept_turn();
                           });
  }

  void accept_turn() {
    for (int i = 0; i < accepts_per_turn_max && !is_stopped_; ++i) {
      const int connected = ::accept4(fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (connected >= 0) {
        hand_over(OwnedDescriptor(connected));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        return wait_for_resources(errno);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      }  // else that one connection failed before it was accepted (accept(2)): look at the next
    }
    if (!is_stopped_) wait();
  }

  void wait_for_resources(int error) {
    if (!std::exchange(is_starved_, true)) {
      log_warn("net", "cannot accept connections at {}: {}", local_endpoint(fd()).text(), reason_of(error));
    }
    loops_[0]->after(retry_accept_after_ms, [self = shared_from_this()] { self->accept_turn(); });
  }

  void hand_over(OwnedDescriptor connected) {
    is_starved_ = false;
    set_connected_options(connected.get());
    AsioLoop& loop = *loops_[next_loop_++ % loops_.size()];
    if (&loop == loops_[0]) return accepted_(loop, std::make_unique<SocketStream>(loop, connected.release()));
    loop.post([self = shared_from_this(), &loop, connected = std::move(connected)]() mutable {
      if (!self->is_stopped_)
        self->accepted_(loop, std::make_unique<SocketStream>(loop, connected.release()));
    });
  }

  const std::vector<AsioLoop*> loops_;
  const Net::Accepted accepted_;
  const OwnedDescriptor socket_;
  boost::asio::posix::stream_descriptor descriptor_;  // watches socket_
  size_t next_loop_ = 0;
  bool is_starved_ = false;
  std::atomic<bool> is_stopped_ = false;
};

Result<std::unique_ptr<Acceptor>> Listener::open(std::vector<AsioLoop*> loops, const Endpoint& at,
                                                 Net::Accepted accepted) {
  int descriptor = -1;
  if (at.host.empty()) {
    descriptor = listen_everywhere(at.port);
  } else {
    const auto addresses = resolve(at);
    if (!addresses) return fail(addresses.error());
    descriptor = listen_at(addresses->front(), at.host == "::");
  }
  if (descriptor < 0) return fail(ErrorCode::network_exception, refusal(errno, at));
  AsioLoop& first = *loops[0];
  auto socket = std::make_shared<Socket>(std::move(loops), descriptor, std::move(accepted));
  first.post([socket] { socket->start(); });
  return std::unique_ptr<Acceptor>(new Listener(std::move(socket)));
}

Listener::~Listener() { socket_->stop(); }
Endpoint Listener::local() const { return local_endpoint(socket_->fd()); }

}  // namespace kt::net
