#pragma once
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"
#include "libbroker/base/mutants.h"
#include "libbroker/sim/world.h"

namespace kt::sim::toy {

inline constexpr uint16_t port = 9092;

/// A stream of numbers, eight bytes each: as little protocol as shows order, loss and misdelivery.
class Numbers final : public Stream::Handler {
 public:
  using OnNumber = std::function<void(uint64_t)>;
  using OnClosed = std::function<void(std::string_view)>;

  Numbers(std::unique_ptr<Stream> stream, OnNumber on_number, OnClosed on_closed)
      : stream_(std::move(stream)), on_number_(std::move(on_number)), on_closed_(std::move(on_closed)) {
    stream_->start(*this);
  }

  void send(uint64_t number) {
    std::vector<std::byte> bytes(8);
    store_be(bytes.data(), number);
    stream_->send({Slice::own(std::move(bytes))});
  }
  Stream& stream() { return *stream_; }

  std::span<std::byte> read_buffer() override { return std::span(buffer_).subspan(filled_); }
  void on_read(size_t count) override {
    filled_ += count;
    KT_ASSERT(filled_ <= buffer_.size());
    if (filled_ < buffer_.size()) return;
    filled_ = 0;
    on_number_(load_be<uint64_t>(buffer_.data()));
  }
  void on_closed(std::string_view reason) override { on_closed_(reason); }

 private:
  const std::unique_ptr<Stream> stream_;
  const OnNumber on_number_;
  const OnClosed on_closed_;
  std::array<std::byte, 8> buffer_;
  size_t filled_ = 0;
};

/// Keeps the connections that a server accepted, and calls back with each number that came in on one.
class Server {
 public:
  using OnNumber = std::function<void(uint64_t connection, uint64_t number)>;

  Server(Machine& machine, OnNumber on_number) : machine_(machine), on_number_(std::move(on_number)) {
    auto acceptor =
        machine.net().listen(machine.loops(), {"", port},
                             [this](Loop&, std::unique_ptr<Stream> stream) { add(std::move(stream)); });
    KT_ASSERT(acceptor.has_value());
    acceptor_ = std::move(*acceptor);
  }

  void send(uint64_t connection, uint64_t number) {
    const auto found = open_.find(connection);
    if (found != open_.end()) found->second->send(number);
  }
  size_t connections() const { return open_.size(); }

 private:
  void add(std::unique_ptr<Stream> stream) {
    const uint64_t id = ++last_id_;
    open_[id] = std::make_unique<Numbers>(
        std::move(stream), [this, id](uint64_t number) { on_number_(id, number); },
        [this, id](std::string_view) { machine_.loop().post([this, id] { open_.erase(id); }); });
  }

  Machine& machine_;
  const OnNumber on_number_;
  uint64_t last_id_ = 0;
  std::map<uint64_t, std::unique_ptr<Numbers>> open_;
  std::unique_ptr<Acceptor> acceptor_;
};

/// Keeps one connection to a server; on any trouble, connects anew after a while.
class Client {
 public:
  using OnNumber = std::function<void(uint64_t)>;
  using OnUp = std::function<void(bool is_up)>;

  Client(Machine& machine, std::string host, OnUp on_up, OnNumber on_number)
      : machine_(machine),
        host_(std::move(host)),
        on_up_(std::move(on_up)),
        on_number_(std::move(on_number)) {
    connect();
  }

  void send(uint64_t number) {
    if (numbers_) numbers_->send(number);
  }
  /// Lets go of the connection and makes another.
  void reconnect() {
    machine_.loop().post([this] {
      if (!numbers_) return;  // it is about to
      numbers_.reset();
      on_up_(false);
      machine_.loop().after(50, [this] { connect(); });
    });
  }

 private:
  void connect() {
    machine_.net().connect(machine_.loop(), {host_, port}, 1'000,
                           [this](Result<std::unique_ptr<Stream>> stream) {
                             if (!stream) {
                               machine_.loop().after(100, [this] { connect(); });
                               return;
                             }
                             numbers_ = std::make_unique<Numbers>(std::move(*stream), on_number_,
                                                                  [this](std::string_view) { reconnect(); });
                             on_up_(true);
                           });
  }

  Machine& machine_;
  const std::string host_;
  const OnUp on_up_;
  const OnNumber on_number_;
  std::unique_ptr<Numbers> numbers_;
};

/// Answers every number with itself.
inline Program echo_server() {
  return [](Machine& machine) -> Process {
    struct Echo {
      explicit Echo(Machine& machine)
          : server(machine,
                   [this](uint64_t connection, uint64_t number) { server.send(connection, number); }) {}
      Server server;
    };
    return std::make_shared<Echo>(machine);
  };
}

/// What the outside remembers of a client, whatever becomes of its process.
struct Answers {
  std::vector<uint64_t> got;
  uint64_t connections = 0;
};

/// Sends 1 to `count`, all that are not answered again after a reconnect, and writes down what comes back.
inline Program counting_client(std::string host, uint64_t count, Answers& answers) {
  return [=, &answers](Machine& machine) -> Process {
    struct Counting {
      Counting(Machine& machine, const std::string& host, uint64_t count, Answers& answers)
          : client(
                machine, host,
                [this, count, &answers](bool is_up) {
                  if (!is_up) return;
                  ++answers.connections;
                  const uint64_t last = answers.got.empty() ? 0 : answers.got.back();
                  for (uint64_t i = last + 1; i <= count; ++i) client.send(i);
                },
                [&answers](uint64_t number) { answers.got.push_back(number); }) {}
      Client client;
    };
    return std::make_shared<Counting>(machine, host, count, answers);
  };
}

}  // namespace kt::sim::toy
