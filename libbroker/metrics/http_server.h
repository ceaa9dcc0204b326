#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libbroker/base/loop.h"
#include "libbroker/base/net.h"

namespace kt::metrics {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// As much of HTTP/1.1 as a scraper needs: GET and HEAD, a response per connection. On one loop.
class HttpServer {
 public:
  using Respond = std::move_only_function<void(HttpResponse)>;
  /// Answers a GET of `path`, now or later, on the loop; a path that it does not know with 404.
  using Handler = std::function<void(std::string_view path, Respond respond)>;

  static constexpr size_t head_bytes_max = 8 << 10;
  static constexpr size_t connections_max = 32;         // more are closed at once
  static constexpr int64_t connection_ms_max = 10'000;  // from its opening to its last byte

  HttpServer(Loop& loop, Handler handler);
  ~HttpServer();
  /// Begins to accept; returns the address with the port that the system picked. Errors: Net::listen's
  /// sentences.
  Result<Endpoint> listen(Net& net, const Endpoint& at);

 private:
  class Connection;
  struct Connections;
  std::shared_ptr<Connections> connections_;  // shared with streams that are on their way here
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace kt::metrics
