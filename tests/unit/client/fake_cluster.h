#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/net.h"
#include "libbroker/client/cluster.h"
#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/18_api_versions.h"
#include "libbroker/wire/api_keys.h"
#include "libbroker/wire/header.h"
#include "tests/unit/net/fakes.h"

namespace kt::client {

/// Time that also passes while something is being done: a millisecond with every so manieth look at it.
class RestlessClock final : public Clock {
 public:
  RestlessClock(ManualClock& clock, int looks) : clock_(clock), looks_(looks) {}
  int64_t wall_ms() override { return clock_.wall_ms(); }
  int64_t monotonic_ns() override {
    if (++looked_ % looks_ == 0) clock_.advance_ms(1);
    return clock_.monotonic_ns();
  }

 private:
  ManualClock& clock_;
  const int looks_;
  int looked_ = 0;
};

/// Brokers in memory, at 10.0.0.N:9092 for node N, that answer as the test says; time is virtual.
class FakeCluster final : public Net {
 public:
  template <class Response>
  using Answer = std::function<void(Response)>;

  FakeCluster() {
    on<wire::MetadataRequest, wire::MetadataResponse>(
        [this](int32_t, const wire::MetadataRequest&, auto answer) {
          ++metadata_requests;
          answer(metadata);
        });
  }

  /// How every broker answers a kind of request; the answer may be given later, in order on each connection.
  template <class Request, class Response>
  void on(std::function<void(int32_t node, const Request&, Answer<Response>)> handler) {
    handlers_[Request::api_key] = [handler](int32_t node, const wire::RequestHeader& header,
                                            const Slice& frame, std::function<void(std::string)> send) {
      handler(
          node, wire::decode<Request>(frame.sub(header.bytes), header.api_version),
          [header, send](Response response) {
            send(net::text_of(wire::encode_response(header.correlation_id, response, header.api_version)));
          });
    };
  }

  void add_broker(int32_t node) {
    metadata.brokers.push_back({.node_id = node, .host = host_of(node), .port = 9092});
  }
  void add_topic(const std::string& name, std::vector<int32_t> leaders, ErrorCode error = ErrorCode::none) {
    wire::MetadataResponse::MetadataResponseTopic topic{.error_code = error, .name = name};
    topic.topic_id.low = metadata.topics.size() + 1;
    for (size_t i = 0; i < leaders.size(); ++i) {
      topic.partitions.push_back(
          {.partition_index = static_cast<int32_t>(i), .leader_id = leaders[i], .leader_epoch = 0});
    }
    metadata.topics.push_back(std::move(topic));
  }
  /// Ends every connection to a broker.
  void disconnect(int32_t node);

  /// Lets time pass, a millisecond at a time.
  void run_ms(int64_t ms) {
    loop.run_posted();
    for (int64_t i = 0; i < ms; ++i) {
      clock.advance_ms(1);
      loop.advance_ms(1);
    }
  }

  Result<std::unique_ptr<Acceptor>> listen(std::vector<Loop*>, const Endpoint&, Accepted) override {
    return fail(ErrorCode::unsupported_version);
  }
  void connect(Loop&, const Endpoint& to, int64_t, Connected connected) override;

  static std::string host_of(int32_t node) { return "10.0.0." + std::to_string(node); }
  ClusterOptions options() const { return {.bootstrap = {{host_of(1), 9092}}, .client_id = "test"}; }

  net::FakeLoop loop;
  ManualClock clock;
  wire::MetadataResponse metadata;
  int metadata_requests = 0;
  std::set<int32_t> unreachable;

 private:
  class BrokerEnd;
  friend class BrokerEnd;
  using Handler = std::function<void(int32_t, const wire::RequestHeader&, const Slice&,
                                     std::function<void(std::string)>)>;
  std::map<int16_t, Handler> handlers_;
  std::set<BrokerEnd*> ends_;
};

/// The client's stream to a broker, and the broker behind it.
class FakeCluster::BrokerEnd final : public Stream {
 public:
  BrokerEnd(FakeCluster& cluster, int32_t node) : cluster_(cluster), node_(node) {
    cluster.ends_.insert(this);
  }
  ~BrokerEnd() override { cluster_.ends_.erase(this); }

  void start(Handler& handler) override { handler_ = &handler; }
  void send(std::vector<Piece> pieces) override {
    received_ += net::text_of(pieces);
    while (received_.size() >= 4) {
      const auto size = load_be<uint32_t>(reinterpret_cast<const std::byte*>(received_.data()));
      if (received_.size() < 4 + size) return;
      const Slice frame = Slice::copy(std::string_view(received_).substr(4, size));
      received_.erase(0, 4 + size);
      later([this, frame] { serve(frame); });
    }
  }
  size_t unsent_bytes() const override { return 0; }
  void pause_reading(bool) override {}
  Endpoint local() const override { return {"127.0.0.1", 50000}; }
  Endpoint peer() const override { return {host_of(node_), 9092}; }

  int32_t node() const { return node_; }
  void close() {
    later([this] { handler_->on_closed("the test ended it"); });
  }

 private:
  void later(std::function<void()> task) {
    cluster_.loop.post([alive = std::weak_ptr(alive_), task] {
      if (!alive.expired()) task();
    });
  }
  void serve(const Slice& frame) {
    const auto key = load_be<int16_t>(frame.data());
    const auto header = wire::decode_request_header(frame, *wire::find_api(key));
    auto reply = [this, alive = std::weak_ptr(alive_)](std::string body) {
      if (alive.expired()) return;
      later([this, body] { deliver(net::framed(body)); });
    };
    if (key == wire::ApiVersionsRequest::api_key) {
      wire::ApiVersionsResponse response;
      response.api_keys.push_back({.api_key = key, .min_version = 0, .max_version = 4});
      for (const auto& [api, handler] : cluster_.handlers_) {
        response.api_keys.push_back({.api_key = api,
                                     .min_version = wire::find_api(api)->min_version,
                                     .max_version = wire::find_api(api)->max_version});
      }
      return reply(net::text_of(wire::encode_response(header.correlation_id, response, header.api_version)));
    }
    cluster_.handlers_.at(key)(node_, header, frame, reply);
  }
  void deliver(std::string bytes) {
    const std::weak_ptr<bool> alive = alive_;
    while (!bytes.empty() && !alive.expired()) {
      const auto into = handler_->read_buffer();
      const size_t count = std::min(into.size(), bytes.size());
      std::memcpy(into.data(), bytes.data(), count);
      bytes.erase(0, count);
      handler_->on_read(count);
    }
  }

  FakeCluster& cluster_;
  const int32_t node_;
  Handler* handler_ = nullptr;
  std::string received_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

inline void FakeCluster::connect(Loop&, const Endpoint& to, int64_t, Connected connected) {
  const int32_t node = std::stoi(to.host.substr(to.host.rfind('.') + 1));
  loop.post([this, node, to, connected = std::move(connected)]() mutable {
    if (unreachable.contains(node)) {
      return connected(fail(ErrorCode::network_exception, "nobody answers at " + to.text()));
    }
    connected(std::unique_ptr<Stream>(std::make_unique<BrokerEnd>(*this, node)));
  });
}

inline void FakeCluster::disconnect(int32_t node) {
  for (BrokerEnd* end : ends_) {
    if (end->node() == node) end->close();
  }
}

}  // namespace kt::client
