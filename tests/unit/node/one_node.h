#pragma once
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "libbroker/api/authorizer.h"
#include "libbroker/api/quotas.h"
#include "libbroker/net/client_connection.h"
#include "libbroker/node/node.h"
#include "libbroker/sim/world.h"
#include "libbroker/wire/header.h"
#include "tests/unit/node/breakable_disk.h"

namespace kt::node {

/// What is particular about a node.
struct NodeSetup {
  metadata::ConfigMap properties = {};  // on top of those of a node of both roles with its logs in /data
  std::shared_ptr<const api::Authorizer> authorizer = nullptr;  // null: everything is allowed
  std::shared_ptr<api::Quotas> quotas = nullptr;                // null: nobody is throttled
  size_t data_loops = 1;
};

/// One connection of a client, opened at its first request and again when it was closed.
struct Port {
  uint16_t number = 9092;
  int connection = 0;
};

/// One whole node on a simulated machine, and another machine whose client asks it anything at any version.
/// Time is virtual: a wait costs nothing, and every run of a test is the same.
class OneNode {
 public:
  static constexpr int32_t node_id = 1;

  explicit OneNode(NodeSetup setup = {}, uint64_t seed = 1);
  ~OneNode();

  /// Starts the node and waits until it serves. Errors: its sentence on why it cannot.
  Result<Node::Serving> start();
  /// As SIGTERM: the clean stop, and the end of the process.
  Result<void> stop();
  /// As SIGKILL.
  void kill();
  bool is_running() { return world_.machine(server_).is_running(); }
  /// What the node said when it could not go on.
  const std::optional<Error>& fatal() const { return fatal_; }
  sim::SimDisk& disk() { return world_.machine(server_).disk(); }
  /// The same disk as the node sees it.
  BreakableDisk& mounts() { return *mounts_; }
  sim::World& world() { return world_; }

  /// The answer to any bytes, or network_exception when the node closed the connection.
  Result<Slice> ask_raw(std::vector<Piece> request, Port port = {});
  /// Sends without waiting; the answer is there once ready() holds.
  struct Pending {
    std::optional<Result<Slice>> answer;
    int64_t answered_ms = 0;  // world time
    bool is_ready() const { return answer.has_value(); }
  };
  std::shared_ptr<Pending> send(std::vector<Piece> request, Port port = {});
  void wait_for(const Pending& pending);
  /// Over a connection that is open, a request that has no answer.
  void send_without_answer(std::vector<Piece> request, Port port = {});

  template <class Response, class Request>
  Result<Response> try_ask(const Request& request, int16_t version, Port port = {}) {
    auto answer = ask_raw(encoded(request, version), port);
    if (!answer) return fail(answer.error());
    return decoded<Response>(*answer, version);
  }
  /// The answer, of which no byte is left over. Throws when the connection was closed instead.
  template <class Response, class Request>
  Response ask(const Request& request, int16_t version, Port port = {}) {
    auto response = try_ask<Response>(request, version, port);
    if (!response)
      throw std::runtime_error(std::string(Request::type_name) + ": " + response.error().message);
    return std::move(*response);
  }
  template <class Response, class Request>
  Response ask(const Request& request) {
    return ask<Response>(request, Request::max_version);
  }

  template <class Request>
  std::vector<Piece> encoded(const Request& request, int16_t version) {
    return wire::encode_request(++correlation_id_, "test", request, version);
  }
  /// Throws wire::DecodeError.
  template <class Response>
  static Response decoded(const Slice& answer, int16_t version) {
    const bool flexible = version >= Response::first_flexible;
    wire::Decoder decoder(answer, version, flexible);
    int32_t correlation_id = 0;
    decoder.value(correlation_id);
    if (wire::response_header_is_flexible(static_cast<wire::ApiKey>(Response::api_key), flexible))
      decoder.skip_tags();
    Response response;
    decoder.value(response);
    if (decoder.remaining() > 0) throw wire::DecodeError("bytes are left over behind the answer");
    return response;
  }

  /// Makes a topic; throws when it cannot be made.
  void create_topic(const std::string& name, int32_t partitions = 1,
                    std::vector<std::pair<std::string, std::string>> configs = {});
  Uuid topic_id(const std::string& name);

 private:
  struct Client;
  Client& client();
  void run_until(const std::function<bool()>& is_met, const char* what);

  const NodeSetup setup_;
  sim::World world_;
  uint32_t server_ = 0, client_ = 0;
  std::unique_ptr<BreakableDisk> mounts_;
  int32_t correlation_id_ = 0;
  std::optional<Result<Node::Serving>> started_;
  std::optional<Error> fatal_;
};

/// One batch of records, each a value without a key.
Slice batch_of(const std::vector<std::string>& values, int64_t timestamp_ms = sim::SimClock::epoch_ms);

}  // namespace kt::node
