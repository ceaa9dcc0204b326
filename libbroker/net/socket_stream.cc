#include "libbroker/net/socket_stream.h"

#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <string>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/net/asio_loop.h"
#include "libbroker/net/send_queue.h"
#include "libbroker/net/socket_address.h"

namespace kt::net {
namespace {

constexpr size_t turn_bytes_max =
    1 << 20;  // read from one socket before the others of the loop have their turn

}  // namespace

/// The part that pending waits keep alive: a stream may be destroyed while one of its callbacks is running or
/// queued.
class SocketStream::Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(AsioLoop& loop, int descriptor)
      : loop_(loop), peer_(peer_endpoint(descriptor)), descriptor_(loop.context(), descriptor) {}

  void start(Handler& handler) {
    handler_ = &handler;
    wait_readable(shared_from_this());
  }

  /// No call of the handler follows.
  void close() {
    handler_ = nullptr;
    is_closed_ = true;
    boost::system::error_code ignored;
    descriptor_.close(ignored);
  }

  void send(std::vector<Piece> pieces) {
    if (is_closed_) return;
    KT_ASSERT(handler_ != nullptr);
    const bool is_idle = unsent_.bytes() == 0;
    unsent_.push(std::move(pieces));
    if (is_idle) push_out();
  }

  void pause_reading(bool paused) {
    is_paused_ = paused;
    if (!paused && handler_ != nullptr && !is_waiting_readable_ && !is_reading_)
      wait_readable(shared_from_this());
  }

  size_t unsent_bytes() const { return unsent_.bytes(); }
  Endpoint local() { return local_endpoint(descriptor_.native_handle()); }
  const Endpoint& peer() const { return peer_; }

 private:
  void wait_readable(std::shared_ptr<Socket> self) {
    is_waiting_readable_ = true;
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [self = std::move(self)](const boost::system::error_code& error) mutable {
                             self->is_waiting_readable_ = false;
                             if (!error) self->read(std::move(self));
                           });
  }

  void read(std::shared_ptr<Socket> self) {
    is_reading_ = true;
    read_turn();
    is_reading_ = false;
    if (handler_ != nullptr && !is_paused_ && !is_closed_) wait_readable(std::move(self));
  }

  /// Reads until the socket is empty, the handler has enough, or the turn is over. A buffer that was not
  /// filled means that the socket is empty now; asking again would cost a system call to learn the same.
  void read_turn() {
    for (size_t total = 0; total < turn_bytes_max && handler_ != nullptr && !is_paused_;) {
      const std::span<std::byte> into = handler_->read_buffer();
      if (into.empty()) {
        KT_ASSERT(is_paused_ || handler_ == nullptr);
        return;
      }
      const ptrdiff_t count = ::recv(descriptor_.native_handle(), into.data(), into.size(), 0);
      if (count > 0) {
        total += static_cast<size_t>(count);
        handler_->on_read(static_cast<size_t>(count));
        if (static_cast<size_t>(count) < into.size()) return;
      } else if (count == 0) {
        return fail("closed by the peer");
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return;
      } else if (errno != EINTR) {
        return fail(reason_of(errno));
      }
    }
  }

  void push_out() {
    switch (unsent_.send_to(descriptor_.native_handle())) {
      case SendQueue::Progress::sent_all:
        return;
      case SendQueue::Progress::socket_full:
        return wait_writable(shared_from_this());
      case SendQueue::Progress::broken:
        loop_.post([self = shared_from_this()] { self->fail({}); });
    }
  }

  void wait_writable(std::shared_ptr<Socket> self) {
    descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                           [self = std::move(self)](const boost::system::error_code& error) {
                             if (error || self->is_closed_) return;
                             self->push_out();
                             if (self->unsent_.bytes() == 0) self->handler_->on_drained();
                           });
  }

  /// A failed send comes first: the system tells the reason of an end only once, and then reads as if it were
  /// orderly.
  void fail(std::string_view read_reason) {
    if (Handler* handler = std::exchange(handler_, nullptr)) {
      is_closed_ = true;
      handler->on_closed(unsent_.reason().empty() ? read_reason : unsent_.reason());
    }
  }

  AsioLoop& loop_;
  const Endpoint peer_;
  boost::asio::posix::stream_descriptor descriptor_;
  Handler* handler_ = nullptr;
  SendQueue unsent_;
  bool is_paused_ = false;
  bool is_closed_ = false;
  bool is_reading_ = false;
  bool is_waiting_readable_ = false;
};

SocketStream::SocketStream(AsioLoop& loop, int descriptor)
    : socket_(std::make_shared<Socket>(loop, descriptor)) {}
SocketStream::~SocketStream() { socket_->close(); }
void SocketStream::start(Handler& handler) { socket_->start(handler); }
void SocketStream::send(std::vector<Piece> pieces) { socket_->send(std::move(pieces)); }
size_t SocketStream::unsent_bytes() const { return socket_->unsent_bytes(); }
void SocketStream::pause_reading(bool paused) { socket_->pause_reading(paused); }
Endpoint SocketStream::local() const { return socket_->local(); }
Endpoint SocketStream::peer() const { return socket_->peer(); }

}  // namespace kt::net
