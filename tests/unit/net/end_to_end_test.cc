// Server and client on real loopback sockets.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <mutex>

#include "libbroker/base/rng.h"
#include "libbroker/net/asio_net.h"
#include "libbroker/net/client_connection.h"
#include "libbroker/net/server.h"
#include "libbroker/net/thread_pool.h"
#include "tests/unit/net/fakes.h"
#include "tests/unit/net/loop_thread.h"

namespace kt::net {
namespace {

/// Answers with what it was asked; "hold" waits for release(), "drop" is dropped.
class EchoDispatcher final : public Dispatcher {
 public:
  void on_request(ServerConnection& from, Slice frame, Reply reply) override {
    const std::string_view text = frame.text();
    if (text.ends_with("drop")) return;
    if (text.ends_with("hold")) return held.push_back({std::move(frame), std::move(reply)});
    if (text.ends_with("mute")) from.mute(20);
    reply(text.size() < 4 ? pieces_of(text) : std::vector<Piece>{frame.sub(0, 2), frame.sub(2)});
  }
  void on_closed(ServerConnection&, std::string_view reason) override {
    const std::lock_guard lock(mutex_);
    closed_ = reason;
  }
  std::string last_close_reason() {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  void release() {
    while (!held.empty()) {
      held.back().second({held.back().first});
      held.pop_back();
    }
  }

  std::vector<std::pair<Slice, Reply>> held;

 private:
  std::mutex mutex_;  // connections of several loops end here
  std::string closed_;
};

class EndToEndTest : public testing::Test {
 protected:
  EndToEndTest() { serve({}); }
  ~EndToEndTest() override {
    stop_serving();
    thread_.stop();
  }
  void serve(const ServerOptions& options) {
    stop_serving();
    server_ = std::make_unique<Server>(std::vector<Loop*>{&thread_.loop()}, budget_, dispatcher_, options);
    const auto at = server_->listen(net_, {"127.0.0.1", 0});
    ASSERT_TRUE(at) << at.error().message;
    at_ = *at;
  }
  void stop_serving() {
    if (!server_) return;
    std::promise<void> closed;
    server_->close([&] { closed.set_value(); });
    EXPECT_EQ(closed.get_future().wait_for(deadline), std::future_status::ready);
    server_.reset();
  }

  LoopThread thread_;
  ThreadPool resolvers_{1};
  AsioNet net_{resolvers_};
  MemoryBudget budget_{64 << 20};
  EchoDispatcher dispatcher_;
  std::unique_ptr<Server> server_;
  Endpoint at_;
};

TEST_F(EndToEndTest, PipelinedRequestsOfManySizesAreAnsweredInOrder) {
  SeededRng rng(11);
  std::string stream;
  for (int i = 0; i < 100; ++i) {
    std::string body(i % 10 == 0 ? rng.below(400'000) : rng.below(300), '\0');
    for (char& c : body) c = static_cast<char>('a' + rng.below(26));
    stream += framed(body + "#");
  }
  BlockingClient client(at_);
  std::thread sender([&] { client.send(stream); });
  const bool is_same = client.receive(stream.size()) == stream;
  sender.join();
  EXPECT_TRUE(is_same);
}

TEST_F(EndToEndTest, CutAtEveryByte) {
  const std::string stream = framed("one") + framed("") + framed("three");
  BlockingClient client(at_);
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    client.send(stream.substr(0, cut));
    thread_.run([] { return 0; });
    client.send(stream.substr(cut));
    ASSERT_EQ(client.receive(stream.size()), stream) << "cut at " << cut;
  }
}

TEST_F(EndToEndTest, OutOfOrderCompletion) {
  BlockingClient client(at_);
  client.send(framed("1 hold") + framed("2 hold") + framed("3") + framed("4 hold"));
  ASSERT_TRUE(eventually(thread_, [&] { return dispatcher_.held.size() == 3; }));
  thread_.run([&] { return dispatcher_.release(), 0; });
  const std::string expected = framed("1 hold") + framed("2 hold") + framed("3") + framed("4 hold");
  EXPECT_EQ(client.receive(expected.size()), expected);
}

TEST_F(EndToEndTest, BrokenPeersAreClosedAndOthersAreNot) {
  BlockingClient good(at_);
  for (const std::string& bytes : {std::string("\xff\xff\xff\xff", 4), std::string("\x7f\xff\xff\xff", 4),
                                   framed("drop"), std::string("GET / HTTP/1.1\r\n\r\n")}) {
    BlockingClient bad(at_);
    bad.send(bytes);
    EXPECT_TRUE(bad.is_at_end());
  }
  good.send(framed("still here"));
  EXPECT_EQ(good.receive(14), framed("still here"));
}

TEST_F(EndToEndTest, MutedConnectionsComeBack) {
  BlockingClient client(at_);
  client.send(framed("mute") + framed("next"));
  EXPECT_EQ(client.receive(16), framed("mute") + framed("next"));
}

TEST_F(EndToEndTest, AThousandConnections) {
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  std::vector<BlockingClient> clients;
  for (int i = 0; i < 1000; ++i) clients.emplace_back(at_);
  for (int round = 0; round < 3; ++round) {
    for (BlockingClient& client : clients) client.send(framed("hello"));
    for (BlockingClient& client : clients) ASSERT_EQ(client.receive(9), framed("hello"));
  }
  EXPECT_EQ(server_->open_connections(), 1000u);
  BlockingClient one_too_many(at_);  // connections_per_host_max
  EXPECT_TRUE(one_too_many.is_at_end());
  clients.clear();
  EXPECT_TRUE(eventually(thread_, [&] { return server_->open_connections() == 0; }));
  EXPECT_EQ(server_->counters()[0]->requests.get(), 3000u);
}

// 4 in a second are served at once; the fifth a quarter of a second later, by the clock that stands still.
TEST_F(EndToEndTest, ConnectionsThatComeTooFastAreServedLater) {
  ManualClock clock;
  serve({.connections_per_second_max = 4, .clock = &clock});
  const auto started = std::chrono::steady_clock::now();
  std::vector<BlockingClient> clients;
  for (int i = 0; i < 5; ++i) clients.emplace_back(at_).send(framed("hello"));
  for (BlockingClient& client : clients) EXPECT_EQ(client.receive(9), framed("hello"));
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(200));
}

TEST_F(EndToEndTest, AStoppedServerClosesItsConnections) {
  BlockingClient client(at_);
  client.send(framed("hold"));
  ASSERT_TRUE(eventually(thread_, [&] { return dispatcher_.held.size() == 1; }));
  stop_serving();
  EXPECT_TRUE(client.is_at_end());
  EXPECT_EQ(dispatcher_.last_close_reason(), "the server stops");
  thread_.run([&] { return dispatcher_.release(), 0; });
}

TEST_F(EndToEndTest, AClientConnectionAsksAndIsAnswered) {
  std::atomic<int> answered = 0;
  std::unique_ptr<ClientConnection> client;
  MemoryBudget answers(64 << 20);
  constexpr int requests = 500;
  thread_.loop().post([&] {
    ClientConnection::open(net_, thread_.loop(), answers, at_, 10'000, [&](auto opened) {
      ASSERT_TRUE(opened) << opened.error().message;
      client = std::move(*opened);
      for (int i = 0; i < requests; ++i) {
        // An echo of the request stands in for a response: its first int32 is the correlation id.
        std::string body(8, '\0');
        body.append(i % 100 == 0 ? 1'000'000 : i, 'x');
        client->send(pieces_of(body), 10'000, [&, body](Result<Slice> answer) {
          if (answer && answer->text() == body) ++answered;
        });
      }
    });
  });
  EXPECT_TRUE(eventually(thread_, [&] { return answered == requests; }));
  thread_.run([&] { return client.reset(), 0; });
  EXPECT_EQ(answers.used_bytes(), 0u);
}

TEST_F(EndToEndTest, AClientOfNobodyHearsWhy) {
  const Endpoint was_at = at_;
  stop_serving();
  std::promise<std::string> message;
  thread_.loop().post([&] {
    ClientConnection::open(net_, thread_.loop(), budget_, was_at, 10'000,
                           [&](auto opened) { message.set_value(opened ? "" : opened.error().message); });
  });
  EXPECT_EQ(message.get_future().get(), "cannot connect to " + was_at.text() + ": connection refused");
}

TEST_F(EndToEndTest, SeveralLoopsServe) {
  LoopThread second;
  Server server({&thread_.loop(), &second.loop()}, budget_, dispatcher_, {});
  const auto at = server.listen(net_, {"127.0.0.1", 0});
  ASSERT_TRUE(at);
  std::vector<BlockingClient> clients;
  for (int i = 0; i < 20; ++i) clients.emplace_back(*at);
  for (BlockingClient& client : clients) client.send(framed("hello"));
  for (BlockingClient& client : clients) EXPECT_EQ(client.receive(9), framed("hello"));
  EXPECT_EQ(server.counters()[0]->requests.get(), 10u);
  EXPECT_EQ(server.counters()[1]->requests.get(), 10u);
  std::promise<void> closed;
  server.close([&] { closed.set_value(); });
  EXPECT_EQ(closed.get_future().wait_for(deadline), std::future_status::ready);
  for (BlockingClient& client : clients) EXPECT_TRUE(client.is_at_end());
}

/// Keeps each frame for a while, as a request that waits would.
class SlowDispatcher final : public Dispatcher {
 public:
  explicit SlowDispatcher(MemoryBudget& budget) : budget_(budget) {}
  void on_request(ServerConnection& from, Slice frame, Reply reply) override {
    used_max = std::max(used_max, budget_.used_bytes());
    from.loop().after(1, [frame = std::move(frame), reply = std::move(reply)]() mutable {
      reply(pieces_of(std::to_string(frame.size())));
    });
  }
  size_t used_max = 0;

 private:
  MemoryBudget& budget_;
};

TEST_F(EndToEndTest, ManyLargeFramesStayWithinTheBudget) {
  constexpr size_t frame_bytes = 300'000, budget_bytes = 1'000'000, connections = 20, frames = 5;
  MemoryBudget budget(budget_bytes);
  SlowDispatcher dispatcher(budget);
  Server server({&thread_.loop()}, budget, dispatcher, {});
  const auto at = server.listen(net_, {"127.0.0.1", 0});
  ASSERT_TRUE(at);
  std::vector<std::thread> clients;
  std::atomic<size_t> answered = 0;
  for (size_t i = 0; i < connections; ++i) {
    clients.emplace_back([&] {
      BlockingClient client(*at);
      for (size_t j = 0; j < frames; ++j) client.send(framed(std::string(frame_bytes, 'x')));
      for (size_t j = 0; j < frames; ++j) answered += client.receive(10) == framed("300000");
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, connections * frames);
  std::promise<void> closed;
  server.close([&] { closed.set_value(); });
  EXPECT_EQ(closed.get_future().wait_for(deadline), std::future_status::ready);
  EXPECT_LE(dispatcher.used_max, 2 * budget_bytes + FrameReader::claim_bytes_max);
  EXPECT_EQ(budget.used_bytes(), 0u);
}

TEST_F(EndToEndTest, APeerThatNeverReadsIsHeldBack) {
  serve({.limits = {.unsent_bytes_max = 1 << 20}});
  BlockingClient client(at_);
  const std::string request = framed(std::string(100'000, 'x'));
  const timeval at_once = {.tv_sec = 0, .tv_usec = 200'000};
  ::setsockopt(client.fd(), SOL_SOCKET, SO_SNDTIMEO, &at_once, sizeof at_once);
  size_t sent = 0;
  ssize_t count = 1;
  for (; count > 0 && sent < (200u << 20); sent += static_cast<size_t>(std::max<ssize_t>(count, 0))) {
    const size_t offset = sent % request.size();
    count = ::send(client.fd(), request.data() + offset, request.size() - offset, MSG_NOSIGNAL);
  }
  EXPECT_LT(count, 0) << "the server took " << sent << " bytes";
  EXPECT_LT(thread_.run([&] { return budget_.used_bytes(); }), 3u << 20);
  const size_t answered = sent / request.size();
  for (size_t i = 0; i < answered; ++i) ASSERT_TRUE(client.receive(request.size()) == request);
}

}  // namespace
}  // namespace kt::net
