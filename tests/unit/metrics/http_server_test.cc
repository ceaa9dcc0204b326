#include "libbroker/metrics/http_server.h"

#include <gtest/gtest.h>

#include "libbroker/net/asio_net.h"
#include "libbroker/net/thread_pool.h"
#include "tests/unit/net/loop_thread.h"

namespace kt::metrics {
namespace {

using net::BlockingClient;

/// A server that knows /here, and /later, which it answers in the loop's next turn.
class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    at_ = thread_.run([&] {
      server_ = std::make_unique<HttpServer>(
          thread_.loop(), [this](std::string_view path, HttpServer::Respond respond) {
            asked_.emplace_back(path);
            if (path == "/here") return respond({.body = "it is\n"});
            if (path != "/later") return respond({.status = 404, .body = "no\n"});
            thread_.loop().post(
                [respond = std::move(respond)]() mutable { respond({.status = 503, .body = "wait\n"}); });
          });
      return *server_->listen(net_, {"127.0.0.1", 0});
    });
  }
  ~HttpServerTest() override {
    thread_.run([&] { return server_.reset(), true; });
  }
  std::string answer_to(std::string_view request) {
    BlockingClient client(at_);
    client.send(request);
    return client.receive(4096);
  }

  net::ThreadPool resolvers_{1};
  net::AsioNet net_{resolvers_};
  net::LoopThread thread_;
  std::unique_ptr<HttpServer> server_;
  std::vector<std::string> asked_;
  Endpoint at_;
};

TEST_F(HttpServerTest, AnswersAGetAndEnds) {
  EXPECT_EQ(answer_to("GET /here HTTP/1.1\r\nHost: x\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\nConnection: "
            "close\r\n\r\nit is\n");
}

TEST_F(HttpServerTest, AnswersLater) {
  const std::string answer = answer_to("GET /later HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nwait\n"));
}

TEST_F(HttpServerTest, AQueryIsNoPartOfThePath) {
  answer_to("GET /here?name[]=x HTTP/1.0\r\n\r\n");
  EXPECT_EQ(asked_, std::vector<std::string>{"/here"});
}

TEST_F(HttpServerTest, HeadHasNoBody) {
  const std::string answer = answer_to("HEAD /here HTTP/1.1\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, RefusesWhatIsNoGet) {
  EXPECT_TRUE(answer_to("POST /here HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(answer_to("hello\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(answer_to("GET /here\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(asked_.empty());
}

TEST_F(HttpServerTest, AHeadHasALimit) {
  BlockingClient client(at_);
  client.send("GET /here HTTP/1.1\r\nX: " + std::string(HttpServer::head_bytes_max, 'x'));
  EXPECT_TRUE(client.receive(12) == "HTTP/1.1 431");
}

TEST_F(HttpServerTest, ARequestMayComeInPieces) {
  BlockingClient client(at_);
  for (const char* piece : {"GET /he", "re HTTP/1.1\r", "\n\r", "\n"}) client.send(piece);
  EXPECT_TRUE(client.receive(4096).ends_with("it is\n"));
}

TEST_F(HttpServerTest, ConnectionsHaveALimit) {
  std::vector<BlockingClient> clients;
  for (size_t i = 0; i < HttpServer::connections_max; ++i) clients.emplace_back(at_).send("G");
  BlockingClient one_too_many(at_);
  EXPECT_TRUE(one_too_many.is_at_end());
  clients.front().send("ET /here HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(clients.front().receive(4096).ends_with("it is\n"));
}

TEST_F(HttpServerTest, APeerThatLeavesIsForgotten) {
  for (size_t i = 0; i < 3 * HttpServer::connections_max; ++i) {
    BlockingClient client(at_);
    client.send("GET /here HTTP/1.1\r\n\r\n");
    EXPECT_FALSE(client.receive(1).empty());
  }
}

}  // namespace
}  // namespace kt::metrics
