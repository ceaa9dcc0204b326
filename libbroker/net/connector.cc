#include "libbroker/net/connector.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <string>
#include <utility>

#include "libbroker/net/asio_loop.h"
#include "libbroker/net/owned_descriptor.h"
#include "libbroker/net/socket_address.h"
#include "libbroker/net/socket_stream.h"

namespace kt::net {
namespace {

/// One connect(): tries addresses until one answers or the time is over. All on the loop.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(AsioLoop& loop, Endpoint to, Net::Connected connected)
      : loop_(loop), to_(std::move(to)), connected_(std::move(connected)), descriptor_(loop.context()) {}

  void start_timer(int64_t timeout_ms) {
    timer_ = loop_.after(timeout_ms, [self = shared_from_this(), timeout_ms] {
      self->finish(fail(ErrorCode::request_timed_out,
                        fmt::format("no answer from {} within {} ms", self->to_.text(), timeout_ms)));
    });
  }

  void try_all(Result<std::vector<SocketAddress>> addresses) {
    if (!connected_) return;  // timed out while the name was looked up
    if (!addresses) return finish(fail(std::move(addresses.error())));
    addresses_ = std::move(*addresses);
    try_next();
  }

 private:
  void try_next() {
    while (next_ < addresses_.size()) {
      const SocketAddress& address = addresses_[next_++];
      OwnedDescriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (socket.get() >= 0 && ::connect(socket.get(), address.get(), address.length) == 0) {
        return succeed(socket.release());
      }
      if (socket.get() >= 0 && errno == EINPROGRESS) {
        descriptor_.assign(socket.release());
        return wait();
      }
      last_failure_ = errno;
    }
    finish(
        fail(last_failure_ == ECONNREFUSED ? ErrorCode::broker_not_available : ErrorCode::network_exception,
             fmt::format("cannot connect to {}: {}", to_.text(), reason_of(last_failure_))));
  }

  void wait() {
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                             if (!error && self->connected_) self->learn_outcome();
                           });
  }

  void learn_outcome() {
    int reason = 0;
    socklen_t size = sizeof reason;
    ::getsockopt(descriptor_.native_handle(), SOL_SOCKET, SO_ERROR, &reason, &size);
    if (reason == 0) return succeed(descriptor_.release());
    last_failure_ = reason;
    descriptor_.close();
    try_next();
  }

  void succeed(int descriptor) {
    set_connected_options(descriptor);
    finish(std::make_unique<SocketStream>(loop_, descriptor));
  }

  void finish(Result<std::unique_ptr<Stream>> result) {
    if (!connected_) return;
    loop_.cancel(std::exchange(timer_, 0));
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    std::exchange(connected_, nullptr)(std::move(result));
  }

  AsioLoop& loop_;
  const Endpoint to_;
  Net::Connected connected_;  // null once called
  Timers::Id timer_ = 0;
  std::vector<SocketAddress> addresses_;
  size_t next_ = 0;
  int last_failure_ = 0;  // errno
  boost::asio::posix::stream_descriptor descriptor_;
};

}  // namespace

void connect_socket(AsioLoop& loop, Executor& resolvers, const Endpoint& to, int64_t timeout_ms,
                    Net::Connected connected) {
  auto attempt = std::make_shared<Attempt>(loop, to, std::move(connected));
  attempt->start_timer(timeout_ms);
  if (auto addresses = numeric_addresses(to); !addresses.empty()) {
    loop.post(
        [attempt, addresses = std::move(addresses)]() mutable { attempt->try_all(std::move(addresses)); });
    return;
  }
  resolvers.run(
      [attempt = std::move(attempt), &loop, to]() mutable {  // moved on: it has to die on the loop's thread
        loop.post([attempt = std::move(attempt), found = resolve(to)]() mutable {
          attempt->try_all(std::move(found));
        });
      });
}

}  // namespace kt::net
