#include "libbroker/net/asio_net.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/sendfile.h>

#include <fstream>

#include "libbroker/base/rng.h"
#include "libbroker/net/thread_pool.h"
#include "tests/unit/net/fakes.h"
#include "tests/unit/net/loop_thread.h"

namespace kt::net {
namespace {

/// Keeps what it reads.
class Collector final : public Stream::Handler {
 public:
  std::span<std::byte> read_buffer() override { return buffer_; }
  void on_read(size_t count) override {
    read.append(reinterpret_cast<const char*>(buffer_.data()), count);
    if (echoes) stream->send(pieces_of({reinterpret_cast<const char*>(buffer_.data()), count}));
    if (ends_after != 0 && read.size() >= ends_after) stream.reset();
  }
  void on_drained() override { ++drained; }
  void on_closed(std::string_view reason) override { closed = reason; }

  void take(std::unique_ptr<Stream> accepted) {
    stream = std::move(accepted);
    stream->start(*this);
  }

  std::unique_ptr<Stream> stream;
  std::string read;
  std::string closed;
  int drained = 0;
  bool echoes = false;
  size_t ends_after = 0;

 private:
  std::vector<std::byte> buffer_ = std::vector<std::byte>(1000);
};

class AsioNetTest : public testing::Test {
 protected:
  ~AsioNetTest() override {
    thread_.run([&] {
      acceptor_.reset();
      collector_.stream.reset();
      return 0;
    });
    thread_.stop();
  }
  /// Listens with the collector as the server of one connection.
  Endpoint listen(const std::string& host = "127.0.0.1") {
    auto acceptor = net_.listen({&thread_.loop()}, {host, 0}, [this](Loop&, std::unique_ptr<Stream> stream) {
      collector_.take(std::move(stream));
    });
    EXPECT_TRUE(acceptor) << acceptor.error().message;
    acceptor_ = std::move(*acceptor);
    return acceptor_->local();
  }
  Result<std::unique_ptr<Stream>> connect(const Endpoint& to, int64_t timeout_ms = 10'000) {
    std::promise<Result<std::unique_ptr<Stream>>> outcome;
    auto result = outcome.get_future();
    thread_.loop().post([&] {
      net_.connect(thread_.loop(), to, timeout_ms,
                   [&](auto stream) { outcome.set_value(std::move(stream)); });
    });
    EXPECT_EQ(result.wait_for(deadline), std::future_status::ready);
    return result.get();
  }

  LoopThread thread_;
  ThreadPool resolvers_{1};
  AsioNet net_{resolvers_};
  Collector collector_;
  std::unique_ptr<Acceptor> acceptor_;
};

TEST_F(AsioNetTest, BytesGoBothWays) {
  collector_.echoes = true;
  BlockingClient client(listen());
  std::string bytes(3'000'000, '\0');
  SeededRng rng(1);
  for (char& c : bytes) c = static_cast<char>(rng.next());
  std::thread sender([&] { client.send(bytes); });
  const bool is_same = client.receive(bytes.size()) == bytes;
  sender.join();
  EXPECT_TRUE(is_same);
}

TEST_F(AsioNetTest, BothFamiliesAndTheEmptyHost) {
  for (const std::string host : {"127.0.0.1", "::1", "localhost", "", "::", "0.0.0.0"}) {
    const Endpoint at = listen(host);
    EXPECT_NE(at.port, 0);
    const bool has_v4 = host != "::1", has_v6 = host == "::1" || host == "::" || host.empty();
    for (const std::string client_host : {"127.0.0.1", "::1"}) {
      if (client_host == "::1" ? !has_v6 : !has_v4) continue;
      BlockingClient client({client_host, at.port});
      client.send("x");
      ASSERT_TRUE(eventually(thread_, [&] { return collector_.read == "x"; })) << host;
      const auto [local, peer] =
          thread_.run([&] { return std::pair(collector_.stream->local(), collector_.stream->peer()); });
      EXPECT_EQ(local, (Endpoint{client_host, at.port}));
      EXPECT_EQ(peer.host, client_host);
      thread_.run([&] { return collector_.stream.reset(), collector_.read.clear(), 0; });
    }
  }
}

TEST_F(AsioNetTest, SentencesOfAFailedListen) {
  const Endpoint at = listen();
  const auto nobody = [](Loop&, std::unique_ptr<Stream>) {};
  const auto message = [&](const Endpoint& endpoint) {
    auto result = net_.listen({&thread_.loop()}, endpoint, nobody);
    return result ? "listening" : result.error().message;
  };
  EXPECT_EQ(message(at), "port " + std::to_string(at.port) + " is in use at 127.0.0.1");
  EXPECT_EQ(message({"no-such-host.invalid", 9092}), "unknown host no-such-host.invalid");
  EXPECT_EQ(message({"192.0.2.1", 9092}),
            "cannot listen on port 9092: 192.0.2.1 is not an address of this machine");
}

TEST_F(AsioNetTest, ABoundPlaceholderThatNeverListensIsNoObstacle) {
  const int placeholder = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(placeholder, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = {.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(placeholder, reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(placeholder, reinterpret_cast<sockaddr*>(&address), &size);
  auto acceptor = net_.listen({&thread_.loop()}, {"127.0.0.1", ntohs(address.sin_port)},
                              [](Loop&, std::unique_ptr<Stream>) {});
  EXPECT_TRUE(acceptor) << acceptor.error().message;
  ::close(placeholder);
}

TEST_F(AsioNetTest, ADestroyedAcceptorRefusesAtOnce) {
  const Endpoint at = listen();
  acceptor_.reset();
  const auto refused = connect(at);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), (Error{ErrorCode::broker_not_available,
                                    "cannot connect to " + at.text() + ": connection refused"}));
}

TEST_F(AsioNetTest, ConnectsByNameAndByNumber) {
  const Endpoint at = listen();
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    auto stream = connect({host, at.port});
    ASSERT_TRUE(stream) << stream.error().message;
    EXPECT_EQ((*stream)->peer(), at);
    thread_.run([&] { return stream->reset(), 0; });
  }
  const auto unknown = connect({"no-such-host.invalid", 1});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "unknown host no-such-host.invalid");
}

TEST_F(AsioNetTest, AConnectThatNobodyAnswersTimesOut) {
  // A listener whose queue is full drops further SYNs: on loopback, the one way to get no answer at all.
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent, 0), 0);
  ::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size);
  const Endpoint at{"127.0.0.1", ntohs(address.sin_port)};
  std::vector<std::unique_ptr<Stream>> held;
  Result<std::unique_ptr<Stream>> last = nullptr;
  for (int i = 0; i < 10 && last; ++i) {
    last = connect(at, 50);
    if (last) held.push_back(std::move(*last));
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error(),
            (Error{ErrorCode::request_timed_out, "no answer from " + at.text() + " within 50 ms"}));
  thread_.run([&] { return held.clear(), 0; });
  ::close(silent);
}

TEST_F(AsioNetTest, SeveralLoopsTakeTurns) {
  LoopThread second;
  int on_first = 0, on_second = 0;  // each is touched on its own loop only
  auto acceptor = net_.listen(
      {&thread_.loop(), &second.loop()}, {"127.0.0.1", 0},
      [&](Loop& loop, std::unique_ptr<Stream>) { ++(&loop == &second.loop() ? on_second : on_first); });
  ASSERT_TRUE(acceptor);
  std::vector<BlockingClient> clients;
  for (int i = 0; i < 10; ++i) clients.emplace_back((*acceptor)->local());
  for (BlockingClient& client : clients) EXPECT_TRUE(client.is_at_end());  // each was accepted, then dropped
  EXPECT_EQ(thread_.run([&] { return on_first; }), 5);
  EXPECT_EQ(second.run([&] { return on_second; }), 5);
  acceptor->reset();
}

TEST_F(AsioNetTest, OutOfDescriptorsConnectionsWait) {
#ifdef KT_SANITIZED
  GTEST_SKIP() << "UBSan probes memory through a pipe and needs descriptors of its own";
#endif
  const Endpoint at = listen();
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  testing::internal::CaptureStderr();
  const int lowest_free = ::dup(client);
  ::close(lowest_free);
  const rlimit none_left = {.rlim_cur = static_cast<rlim_t>(lowest_free), .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
  sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(at.port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  std::promise<void> waited;  // a timer as long as the acceptor's: it has tried, in vain, at least once
  thread_.run([&] { return thread_.loop().after(100, [&] { waited.set_value(); }); });
  EXPECT_EQ(waited.get_future().wait_for(deadline), std::future_status::ready);
  EXPECT_FALSE(thread_.run([&] { return collector_.stream != nullptr; }));
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(eventually(thread_, [&] { return collector_.stream != nullptr; }));
  EXPECT_THAT(said,
              testing::HasSubstr("cannot accept connections at " + at.text() + ": too many open files"));
  ::close(client);
}

TEST_F(AsioNetTest, APausedStreamIsNotReadUntilItResumes) {
  BlockingClient client(listen());
  client.send("one");
  ASSERT_TRUE(eventually(thread_, [&] { return collector_.read == "one"; }));
  thread_.run([&] { return collector_.stream->pause_reading(true), 0; });
  client.send("two");
  client.close();
  EXPECT_EQ(thread_.run([&] { return collector_.read; }), "one");
  thread_.run([&] { return collector_.stream->pause_reading(false), 0; });
  ASSERT_TRUE(eventually(thread_, [&] { return !collector_.closed.empty(); }));
  EXPECT_EQ(collector_.read, "onetwo");
  EXPECT_EQ(collector_.closed, "closed by the peer");
}

TEST_F(AsioNetTest, AStreamMayEndInsideItsCallback) {
  collector_.ends_after = 5000;
  BlockingClient client(listen());
  client.send(std::string(20'000, 'x'));
  EXPECT_TRUE(client.is_at_end());
  EXPECT_EQ(thread_.run([&] { return collector_.closed; }), "");
}

TEST_F(AsioNetTest, WhatAPeerDoesNotReadIsKeptAndThenDrained) {
  BlockingClient client(listen());
  ASSERT_TRUE(eventually(thread_, [&] { return collector_.stream != nullptr; }));
  const std::string bytes(20 << 20, 'y');
  const auto [unsent, drained] = thread_.run([&] {
    collector_.stream->send(pieces_of(bytes));
    return std::pair(collector_.stream->unsent_bytes(), collector_.drained);
  });
  EXPECT_GT(unsent, 0u);
  EXPECT_EQ(drained, 0);
  EXPECT_TRUE(client.receive(bytes.size()) == bytes);
  ASSERT_TRUE(eventually(thread_, [&] { return collector_.drained == 1; }));
  EXPECT_EQ(thread_.run([&] { return collector_.stream->unsent_bytes(); }), 0u);
}

TEST_F(AsioNetTest, AResetPeerIsNoticedByTheSender) {
  BlockingClient client(listen());
  ASSERT_TRUE(eventually(thread_, [&] { return collector_.stream != nullptr; }));
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  client.close();
  thread_.run([&] {
    for (int i = 0; i < 10; ++i) collector_.stream->send(pieces_of("after the end"));
    return 0;
  });
  ASSERT_TRUE(eventually(thread_, [&] { return !collector_.closed.empty(); }));
  EXPECT_THAT(collector_.closed, testing::AnyOf("connection reset by peer", "broken pipe"));
}

/// A file with numbered lines, open.
class FilePieceTest : public AsioNetTest {
 protected:
  FilePieceTest() : path_(testing::TempDir() + "/kt-net-" + std::to_string(::getpid())) {
    for (int i = 0; text_.size() < 3'000'000; ++i) text_ += std::to_string(i) + '\n';
    std::ofstream(path_, std::ios::binary) << text_;
    file_ =
        std::shared_ptr<const int>(new int(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)), [](const int* fd) {
          ::close(*fd);
          delete fd;
        });
  }
  ~FilePieceTest() override { ::unlink(path_.c_str()); }

  const std::string path_;
  std::string text_;
  std::shared_ptr<const int> file_;
};

TEST_F(FilePieceTest, RangesAndSlicesComeInOrder) {
  BlockingClient client(listen());
  ASSERT_TRUE(eventually(thread_, [&] { return collector_.stream != nullptr; }));
  std::string expected;
  std::vector<Piece> pieces;
  for (int i = 0; i < 100; ++i) {
    const std::string header = "header " + std::to_string(i) + ":";
    const FileRange range{file_, static_cast<uint64_t>(i * 997),
                          static_cast<uint32_t>(i % 7 == 0 ? 2'000'000 : i)};
    pieces.emplace_back(Slice::copy(header));
    pieces.emplace_back(range);
    expected += header + text_.substr(range.position, range.bytes);
  }
  for (int i = 0; i < 200; ++i)
    pieces.emplace_back(Slice::copy(std::to_string(i)));  // more than one gather write
  for (int i = 0; i < 200; ++i) expected += std::to_string(i);
  thread_.run([&] { return collector_.stream->send(std::move(pieces)), 0; });
  EXPECT_TRUE(client.receive(expected.size()) == expected);
  EXPECT_EQ(file_.use_count(), thread_.run([&] { return 1; }));
}

TEST_F(FilePieceTest, AFileThatCannotBeSentIsCopied) {
  const int comm = ::open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
  if (::sendfile(STDERR_FILENO, comm, nullptr, 1) >= 0 || errno != EINVAL)
    GTEST_SKIP() << "sendfile can send this one";
  BlockingClient client(listen());
  ASSERT_TRUE(eventually(thread_, [&] { return collector_.stream != nullptr; }));
  const auto file = std::make_shared<const int>(comm);
  std::string name(64, '\0');
  name.resize(static_cast<size_t>(::pread(comm, name.data(), name.size(), 0)));
  const auto size = static_cast<uint32_t>(name.size());
  thread_.run(
      [&] { return collector_.stream->send({FileRange{file, 0, size}, FileRange{file, 2, size - 2}}), 0; });
  EXPECT_EQ(client.receive(2 * size - 2), name + name.substr(2));
  ::close(comm);
}

TEST_F(FilePieceTest, AFileThatIsTooShortEndsTheConnection) {
  BlockingClient client(listen());
  ASSERT_TRUE(eventually(thread_, [&] { return collector_.stream != nullptr; }));
  const auto past_end = static_cast<uint32_t>(text_.size());
  thread_.run([&] { return collector_.stream->send({FileRange{file_, 10, past_end}}), 0; });
  EXPECT_EQ(client.receive(past_end - 10).size(), past_end - 10);
  ASSERT_TRUE(eventually(thread_, [&] { return !collector_.closed.empty(); }));
  EXPECT_EQ(collector_.closed, "a file ended before the range that was to be sent");
}

TEST_F(FilePieceTest, SendfileToADeadPeerRaisesNoSignal) {
  BlockingClient client(listen());
  ASSERT_TRUE(eventually(thread_, [&] { return collector_.stream != nullptr; }));
  client.close();
  thread_.run([&] {
    collector_.stream->pause_reading(true);  // so that the sender is the one to find out
    for (int i = 0; i < 10; ++i) collector_.stream->send({FileRange{file_, 0, 1'000'000}});
    return 0;
  });
  ASSERT_TRUE(eventually(thread_, [&] { return !collector_.closed.empty(); }));
}

}  // namespace
}  // namespace kt::net
