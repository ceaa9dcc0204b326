#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "libbroker/base/clock.h"
#include "libbroker/base/net.h"
#include "libbroker/net/asio_loop.h"

namespace kt::net {

constexpr auto deadline = std::chrono::seconds(20);  // of everything a test waits for

/// A loop and its thread.
class LoopThread {
 public:
  LoopThread() : loop_(clock_), thread_([this] { loop_.run(); }) {}
  ~LoopThread() { stop(); }
  AsioLoop& loop() { return loop_; }
  void stop() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
  }
  /// Runs `work` on the loop and returns its result.
  template <class Work>
  auto run(Work work) {
    std::packaged_task<std::invoke_result_t<Work>()> task(std::move(work));
    auto result = task.get_future();
    loop_.post([task = std::move(task)]() mutable { task(); });
    EXPECT_EQ(result.wait_for(deadline), std::future_status::ready);
    return result.get();
  }

 private:
  SystemClock clock_;
  AsioLoop loop_;
  std::thread thread_;
};

/// Waits on a loop, in turns, until `done` holds there.
template <class Done>
testing::AssertionResult eventually(LoopThread& thread, Done done) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!thread.run(done)) {
    if (std::chrono::steady_clock::now() > end)
      return testing::AssertionFailure() << "not within the deadline";
    std::this_thread::yield();
  }
  return testing::AssertionSuccess();
}

/// A plain blocking client of 127.0.0.1 or ::1.
class BlockingClient {
 public:
  explicit BlockingClient(const Endpoint& to) {
    const bool is_v6 = to.host.find(':') != to.host.npos;
    fd_ = ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit = {.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (is_v6) {
      sockaddr_in6 address = {
          .sin6_family = AF_INET6, .sin6_port = htons(to.port), .sin6_addr = in6addr_loopback};
      EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << errno;
    } else {
      sockaddr_in address = {
          .sin_family = AF_INET, .sin_port = htons(to.port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
      EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << errno;
    }
  }
  BlockingClient(BlockingClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~BlockingClient() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int fd() const { return fd_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(count, 0) << errno;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }
  /// So many bytes, or fewer when the peer closed.
  std::string receive(size_t size) {
    std::string bytes(size, '\0');
    size_t got = 0;
    while (got < size) {
      const ssize_t count = ::recv(fd_, bytes.data() + got, size - got, 0);
      if (count <= 0) break;
      got += static_cast<size_t>(count);
    }
    bytes.resize(got);
    return bytes;
  }
  /// The server has ended the connection.
  bool is_at_end() {
    char byte;
    const ssize_t count = ::recv(fd_, &byte, 1, 0);
    return count == 0 || (count < 0 && errno == ECONNRESET);
  }

 private:
  int fd_ = -1;
};

}  // namespace kt::net
