#include "libbroker/net/client_connection.h"

#include <gtest/gtest.h>

#include "tests/unit/net/fakes.h"

namespace kt::net {
namespace {

std::string be32(int32_t value) {
  std::string bytes(4, '\0');
  store_be(reinterpret_cast<std::byte*>(bytes.data()), value);
  return bytes;
}
/// API key and version, correlation id, body.
std::string request(int32_t id, std::string_view body = "") {
  return be32(18 << 16) + be32(id) + std::string(body);
}
std::string response(int32_t id, std::string_view body = "") { return be32(id) + std::string(body); }

class ClientConnectionTest : public testing::Test {
 protected:
  ClientConnectionTest()
      : connection_(std::make_unique<ClientConnection>(loop_, budget_, std::make_unique<FakeStream>(wire_))) {
  }
  void send(int32_t id, int64_t timeout_ms = 1000) {
    connection_->send(pieces_of(request(id)), timeout_ms, [this, id](Result<Slice> answer) {
      log_ += std::to_string(id) + ":";
      log_ += answer ? std::string(answer->sub(4).text())
                     : std::string(name_of(answer.error().code)) + " " + answer.error().message;
      log_ += "\n";
      if (after_answer_) after_answer_();
    });
  }

  FakeLoop loop_;
  MemoryBudget budget_{1 << 20};
  FakeWire wire_;
  std::unique_ptr<ClientConnection> connection_;
  std::function<void()> after_answer_;
  std::string log_;
};

TEST_F(ClientConnectionTest, AnswersGoToTheirRequestsInOrder) {
  for (int id : {5, 6, 7}) send(id);
  EXPECT_EQ(wire_.sent, framed(request(5)) + framed(request(6)) + framed(request(7)));
  EXPECT_EQ(connection_->in_flight(), 3u);
  wire_.deliver(framed(response(5, "five")) + framed(response(6, "six")), 3);
  EXPECT_EQ(log_, "5:five\n6:six\n");
  EXPECT_EQ(connection_->in_flight(), 1u);
  log_.clear();
  wire_.deliver(framed(response(7, std::string(100'000, 'x'))));
  EXPECT_EQ(log_, "7:" + std::string(100'000, 'x') + "\n");
}

TEST_F(ClientConnectionTest, WhatExpectsNoAnswerTakesNone) {
  connection_->send_without_answer(pieces_of(request(1)));
  send(2);
  EXPECT_EQ(connection_->in_flight(), 1u);
  wire_.deliver(framed(response(2, "two")));
  EXPECT_EQ(log_, "2:two\n");
}

TEST_F(ClientConnectionTest, ADisconnectFailsEverythingPending) {
  send(1);
  send(2);
  bool is_ended = false;
  connection_->on_end([&] { is_ended = true; });
  wire_.handler->on_closed("connection reset by peer");
  EXPECT_EQ(log_,
            "1:NETWORK_EXCEPTION the connection to 127.0.0.1:50000 ended: connection reset by peer\n"
            "2:NETWORK_EXCEPTION the connection to 127.0.0.1:50000 ended: connection reset by peer\n");
  EXPECT_TRUE(is_ended);
  EXPECT_TRUE(wire_.is_destroyed);
  EXPECT_FALSE(connection_->is_open());
  log_.clear();
  send(3);
  EXPECT_EQ(log_, "");  // not from inside send()
  loop_.run_posted();
  EXPECT_EQ(log_, "3:NETWORK_EXCEPTION the connection to 127.0.0.1:50000 ended: connection reset by peer\n");
}

TEST_F(ClientConnectionTest, ATimeoutEndsTheConnection) {
  send(1, 1000);
  send(2, 500);
  loop_.advance_ms(499);
  EXPECT_TRUE(connection_->is_open());
  loop_.advance_ms(1);
  EXPECT_EQ(log_,
            "1:NETWORK_EXCEPTION the connection to 127.0.0.1:50000 ended: no answer within 500 ms\n"
            "2:REQUEST_TIMED_OUT the connection to 127.0.0.1:50000 ended: no answer within 500 ms\n");
  loop_.advance_ms(1000);
  EXPECT_FALSE(connection_->is_open());
}

TEST_F(ClientConnectionTest, AnAnsweredRequestDoesNotTimeOut) {
  send(1, 1000);
  wire_.deliver(framed(response(1, "one")));
  send(2, 5000);
  loop_.advance_ms(2000);
  EXPECT_EQ(log_, "1:one\n");
  EXPECT_TRUE(connection_->is_open());
}

TEST_F(ClientConnectionTest, AWrongAnswerEndsTheConnection) {
  send(1);
  wire_.deliver(framed(response(2)));
  EXPECT_EQ(log_,
            "1:NETWORK_EXCEPTION the connection to 127.0.0.1:50000 ended: it answered request 2 in the place "
            "of 1\n");
}

TEST_F(ClientConnectionTest, ATooShortAnswerEndsTheConnection) {
  send(1);
  wire_.deliver(framed("abc"));
  EXPECT_FALSE(connection_->is_open());
}

TEST_F(ClientConnectionTest, AnAnswerToNothingEndsTheConnection) {
  wire_.deliver(framed(response(1)));
  EXPECT_FALSE(connection_->is_open());
}

TEST_F(ClientConnectionTest, ANegativeSizeEndsTheConnection) {
  send(1);
  wire_.deliver(be32(-1));
  EXPECT_EQ(log_,
            "1:NETWORK_EXCEPTION the connection to 127.0.0.1:50000 ended: "
            "a frame of -1 bytes, the limit is 1073741824\n");
}

TEST_F(ClientConnectionTest, ACallbackMayDestroyTheConnection) {
  send(1);
  send(2);
  after_answer_ = [this] { connection_.reset(); };
  wire_.deliver(framed(response(1, "one")) + framed(response(2, "two")));
  EXPECT_EQ(log_, "1:one\n");
  loop_.advance_ms(10'000);
  EXPECT_EQ(log_, "1:one\n");
}

TEST_F(ClientConnectionTest, ACallbackMayDestroyTheConnectionAsItEnds) {
  send(1);
  send(2);
  after_answer_ = [this] { connection_.reset(); };
  wire_.handler->on_closed("closed by the peer");
  EXPECT_EQ(log_,
            "1:NETWORK_EXCEPTION the connection to 127.0.0.1:50000 ended: closed by the peer\n"
            "2:NETWORK_EXCEPTION the connection to 127.0.0.1:50000 ended: closed by the peer\n");
}

TEST_F(ClientConnectionTest, WhatCallbacksOfOneReadSendIsOneWrite) {
  for (int id : {1, 2, 3}) send(id);
  EXPECT_EQ(wire_.sends, 3u);
  wire_.sent.clear();
  int next = 4;
  after_answer_ = [&] { send(next++); };
  wire_.deliver(framed(response(1)) + framed(response(2)) + framed(response(3)));
  EXPECT_EQ(wire_.sends, 4u);
  EXPECT_EQ(wire_.sent, framed(request(4)) + framed(request(5)) + framed(request(6)));
}

TEST_F(ClientConnectionTest, ACallbackMaySendAndThenClose) {
  send(1);
  after_answer_ = [this] {
    after_answer_ = nullptr;
    send(2);
    connection_->close("enough");
  };
  wire_.deliver(framed(response(1, "one")));
  EXPECT_EQ(log_, "1:one\n2:NETWORK_EXCEPTION the connection to 127.0.0.1:50000 ended: enough\n");
  EXPECT_EQ(wire_.sent, framed(request(1)));
}

TEST_F(ClientConnectionTest, ACallbackMaySendTheNextRequest) {
  int32_t next = 2;
  after_answer_ = [&] { send(next++); };
  send(1);
  for (int32_t id = 1; id < 200; ++id) wire_.deliver(framed(response(id)));
  EXPECT_EQ(connection_->in_flight(), 1u);
  EXPECT_EQ(next, 201);
}

}  // namespace
}  // namespace kt::net
