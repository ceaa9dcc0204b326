#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "libbroker/client/cluster.h"
#include "libbroker/client/controller_call.h"
#include "libcli/commands/framework/connection.h"
#include "libcli/commands/framework/environment.h"

namespace kt::net {
class AsioLoop;
class AsioNet;
class ThreadPool;
}  // namespace kt::net

namespace kt::cli {

/// A command's client of one cluster, which waits: each call turns the loop until its answer is there. One
/// thread.
class Session {
 public:
  /// Errors: the addresses cannot be understood, in Kafka's words (reference/cli.md §2.4, §2.5); settings
  /// that ask for TLS or SASL, which are not there yet.
  static Result<std::unique_ptr<Session>> open(const Connection& connection, Environment& environment,
                                               std::string default_client_id);
  /// Of a cluster that a test made; `let_pass` lets some of its time pass.
  Session(Clock& clock, std::unique_ptr<client::Cluster> cluster, int64_t api_timeout_ms,
          std::function<void()> let_pass);
  ~Session();
  Session(const Session&) = delete;

  client::Cluster& cluster() { return *cluster_; }
  Loop& loop();
  net::AsioLoop& reactor();  // the same, for what only it can do
  Net& net();
  Clock& clock() { return clock_; }
  /// default.api.timeout.ms: how long a tool asks again while the answers are errors that pass.
  int64_t api_timeout_ms() const { return api_timeout_ms_; }

  /// Sends one request and waits for its answer. Errors: as Cluster::call.
  template <class Response, class Request>
  Result<Response> ask(client::Target target, Request request, client::CallOptions options = {}) {
    return wait<Result<Response>>([&](auto done) {
      cluster_->call<Response>(
          target, std::move(request),
          [done](Result<Response> response) mutable { done(std::move(response)); }, options);
    });
  }
  /// As ask(), of the active controller, whichever that is, for default.api.timeout.ms at most.
  template <class Response, class Request>
  Result<Response> ask_controller(Request request) {
    return wait<Result<Response>>([&](auto done) {
      client::call_controller<Response>(
          *cluster_, std::move(request), clock_.monotonic_ms() + api_timeout_ms_,
          [done](Result<Response> response) mutable { done(std::move(response)); });
    });
  }
  /// Brokers, and these topics; all topics for none.
  Result<const client::Topology*> topology(std::optional<std::vector<std::string>> topics);

  /// Runs `begin`, which gets a function to call with the outcome, and turns the loop until it was called.
  template <class T, class Begin>
  T wait(Begin begin) {
    auto outcome = std::make_shared<std::optional<T>>();
    begin([this, outcome](T value) {
      outcome->emplace(std::move(value));
      stop_turning();
    });
    while (!*outcome) turn();
    return std::move(**outcome);
  }

  /// Lets retry.backoff.ms pass.
  void pause();

  /// Turns the loop until stop_turning(), which any thread may call.
  void turn();
  void stop_turning();

 private:
  Session(Environment& environment, client::ClusterOptions options, int64_t api_timeout_ms);

  Clock& clock_;
  const int64_t api_timeout_ms_;
  const std::function<void()> let_pass_;  // instead of what follows, in tests
  std::unique_ptr<net::ThreadPool> resolvers_;
  std::unique_ptr<net::AsioLoop> loop_;
  std::unique_ptr<net::AsioNet> net_;
  std::unique_ptr<client::Cluster> cluster_;
};

/// "a:9092,[::1]:9093,PLAINTEXT://b:9092". Errors: invalid_config, Kafka's sentences.
Result<std::vector<kt::Endpoint>> parse_addresses(const std::string& list);

}  // namespace kt::cli
