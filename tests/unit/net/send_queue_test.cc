#include "libbroker/net/send_queue.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

namespace kt::net {
namespace {

class SendQueueTest : public testing::Test {
 protected:
  SendQueueTest() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_), 0);
  }
  ~SendQueueTest() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  /// Sends all of the queue, taking at most `step` bytes at the other end each time the socket is full.
  std::string pump(SendQueue& queue, size_t step) {
    std::string received, part(step, '\0');
    auto progress = SendQueue::Progress::socket_full;
    while (progress == SendQueue::Progress::socket_full || queue.bytes() > 0) {
      progress = queue.send_to(ends_[0]);
      if (progress == SendQueue::Progress::broken) return queue.reason();
      const ssize_t count = ::recv(ends_[1], part.data(), part.size(), 0);
      if (count > 0) received.append(part, 0, static_cast<size_t>(count));
    }
    for (ssize_t count; (count = ::recv(ends_[1], part.data(), part.size(), 0)) > 0;) {
      received.append(part, 0, static_cast<size_t>(count));
    }
    return received;
  }
  int ends_[2];
};

TEST_F(SendQueueTest, GoesOnWhereTheSocketStopped) {
  std::string expected;
  std::vector<Piece> pieces;
  for (size_t i = 0; i < 300; ++i) {
    const std::string text(i * i % 7001, static_cast<char>('a' + i % 26));
    pieces.emplace_back(Slice::copy(text));
    expected += text;
  }
  SendQueue queue;
  queue.push(pieces);
  EXPECT_EQ(queue.bytes(), expected.size());
  EXPECT_TRUE(pump(queue, 999) == expected);
  EXPECT_EQ(queue.bytes(), 0u);
}

TEST_F(SendQueueTest, ACopiedRangeGoesOnWhereTheSocketStopped) {
  const int table =
      ::open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);  // long, and of a kind that sendfile refuses
  if (table < 0 || ::sendfile(ends_[0], table, nullptr, 1) >= 0 || errno != EINVAL) {
    GTEST_SKIP() << "no long file that sendfile refuses";
  }
  const auto file = std::shared_ptr<const int>(new int(table), [](const int* fd) {
    ::close(*fd);
    delete fd;
  });
  std::string expected(300'000, '\0');
  for (size_t got = 0; got < expected.size();) {
    const ssize_t count =
        ::pread(table, expected.data() + got, expected.size() - got, static_cast<off_t>(got));
    ASSERT_GT(count, 0);
    got += static_cast<size_t>(count);
  }
  SendQueue queue;
  queue.push({FileRange{file, 1000, 290'000}, FileRange{file, 5, 10}});
  EXPECT_TRUE(pump(queue, 5000) == expected.substr(1000, 290'000) + expected.substr(5, 10));
}

TEST_F(SendQueueTest, EmptyPiecesAreNothing) {
  SendQueue queue;
  queue.push({Slice::empty(), FileRange{}, Slice::copy("x"), Slice{}});
  EXPECT_EQ(pump(queue, 10), "x");
}

}  // namespace
}  // namespace kt::net
