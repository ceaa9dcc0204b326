#include "libbroker/net/server.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/base/logger.h"
#include "libbroker/net/connection_rate.h"

namespace kt::net {

/// Who may still come in, and when it is served.
class Server::Admission {
 public:
  explicit Admission(const ServerOptions& options)
      : options_(options), rate_(options.connections_per_second_max) {}
  /// How long the new connection has to wait; none: there is no place for it.
  std::optional<int64_t> enter(const std::string& host) {
    const std::lock_guard lock(mutex_);
    const auto from_host = by_host_.find(host);
    const size_t open_from_host = from_host == by_host_.end() ? 0 : from_host->second;
    if (open_ >= options_.connections_max || open_from_host >= options_.connections_per_host_max) {
      refuse(host, open_from_host);
      return std::nullopt;
    }
    is_refusing_ = false;
    ++by_host_[host];
    ++open_;
    return options_.clock ? rate_.wait_ms_of_next(options_.clock->monotonic_ms()) : 0;
  }
  void leave(const std::string& host) {
    const std::lock_guard lock(mutex_);
    --open_;
    const auto found = by_host_.find(host);
    if (--found->second == 0) by_host_.erase(found);
  }
  size_t open() const {
    const std::lock_guard lock(mutex_);
    return open_;
  }

 private:
  void refuse(const std::string& host, size_t open_from_host) {
    if (std::exchange(is_refusing_, true)) return;
    if (open_ >= options_.connections_max)
      log_warn("net", "connections are refused: {} are open, max.connections is {}", open_,
               options_.connections_max);
    else
      log_warn("net", "connections of {} are refused: {} are open, max.connections.per.ip is {}", host,
               open_from_host, options_.connections_per_host_max);
  }

  const ServerOptions options_;
  mutable std::mutex mutex_;
  ConnectionRate rate_;
  size_t open_ = 0;
  std::map<std::string, size_t> by_host_;
  bool is_refusing_ = false;  // and has said so
};

/// The connections of one loop. Touched on that loop only.
class Server::LoopConnections final : public Dispatcher {
 public:
  LoopConnections(Loop& loop, MemoryBudget& budget, Dispatcher& outer, const ServerOptions& options,
                  Admission& admission)
      : home_(loop, budget, *this, options.limits), outer_(outer), admission_(admission) {}

  Loop& loop() { return home_.loop; }
  const ConnectionCounters& counters() const { return home_.counters; }

  void add(std::unique_ptr<Stream> stream) {
    if (is_closed_) return;
    const auto wait_ms = admission_.enter(stream->peer().host);
    if (!wait_ms) return;
    auto connection = std::make_unique<ServerConnection>(home_, std::move(stream));
    ServerConnection& added = *connection;
    connections_.emplace(&added, Open{++last_opened_, std::move(connection)});
    added.start();
    if (*wait_ms > 0) added.mute(*wait_ms);
  }

  /// In the order they were opened, not of their addresses: a simulated run must be the same every time.
  void close_all() {
    is_closed_ = true;
    std::map<uint64_t, ServerConnection*> in_order;
    for (const auto& [connection, open] : connections_) in_order.emplace(open.number, connection);
    for (const auto& [number, connection] : in_order) on_closed(*connection, "the server stops");
  }

  void on_opened(ServerConnection& connection) override { outer_.on_opened(connection); }
  void on_request(ServerConnection& from, Slice frame, Reply reply) override {
    outer_.on_request(from, std::move(frame), std::move(reply));
  }
  void on_answered(ServerConnection& connection) override { outer_.on_answered(connection); }
  std::string answer_to_word(std::string_view four_bytes) override {
    return outer_.answer_to_word(four_bytes);
  }
  void on_closed(ServerConnection& connection, std::string_view reason) override {
    outer_.on_closed(connection, reason);
    admission_.leave(connection.peer().host);
    connections_.erase(&connection);
  }

 private:
  ServerLoop home_;
  Dispatcher& outer_;
  Admission& admission_;
  struct Open {
    uint64_t number;
    std::unique_ptr<ServerConnection> connection;
  };
  std::unordered_map<ServerConnection*, Open> connections_;
  uint64_t last_opened_ = 0;
  bool is_closed_ = false;
};

struct Server::Shared {
  explicit Shared(const ServerOptions& options) : admission(options) {}
  Admission admission;
  std::vector<std::unique_ptr<LoopConnections>> by_loop;
};

Server::Server(std::vector<Loop*> loops, MemoryBudget& budget, Dispatcher& dispatcher,
               const ServerOptions& options)
    : shared_(std::make_shared<Shared>(options)) {
  for (Loop* loop : loops) {
    shared_->by_loop.push_back(
        std::make_unique<LoopConnections>(*loop, budget, dispatcher, options, shared_->admission));
  }
}

Server::~Server() = default;

Result<Endpoint> Server::listen(Net& net, const Endpoint& at) {
  std::vector<Loop*> loops;
  for (const auto& connections : shared_->by_loop) loops.push_back(&connections->loop());
  auto acceptor = net.listen(loops, at, [shared = shared_](Loop& loop, std::unique_ptr<Stream> stream) {
    const auto mine =
        std::ranges::find_if(shared->by_loop, [&](const auto& c) { return &c->loop() == &loop; });
    KT_ASSERT(mine != shared->by_loop.end());
    (*mine)->add(std::move(stream));
  });
  if (!acceptor) return fail(std::move(acceptor.error()));
  acceptor_ = std::move(*acceptor);
  return acceptor_->local();
}

void Server::close(Task closed) {
  acceptor_.reset();
  auto left = std::make_shared<std::atomic<size_t>>(shared_->by_loop.size());
  auto last = std::make_shared<Task>(std::move(closed));
  for (const auto& connections : shared_->by_loop) {
    connections->loop().post([shared = shared_, mine = connections.get(), left, last] {
      mine->close_all();
      if (--*left == 0) (*last)();
    });
  }
}

size_t Server::open_connections() const { return shared_->admission.open(); }

std::vector<const ConnectionCounters*> Server::counters() const {
  std::vector<const ConnectionCounters*> all;
  for (const auto& connections : shared_->by_loop) all.push_back(&connections->counters());
  return all;
}

}  // namespace kt::net
