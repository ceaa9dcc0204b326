#include "libbroker/metrics/http_server.h"

#include <fmt/core.h>

#include <array>
#include <vector>

namespace kt::metrics {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Service Unavailable";
  }
}

std::string bytes_of(const HttpResponse& response, bool with_body) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
      response.status, reason_of(response.status), response.content_type, response.body.size(),
      with_body ? response.body : "");
}

HttpResponse failure(int status) { return {.status = status, .body = std::string(reason_of(status)) + "\n"}; }

}  // namespace

struct HttpServer::Connections {
  Connections(Loop& at, Handler how) : loop(at), handler(std::move(how)) {}
  Loop& loop;
  Handler handler;
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> open;
  uint64_t last = 0;
};

/// One request and its response. Ends by taking itself out of `all`.
class HttpServer::Connection final : private Stream::Handler {
 public:
  Connection(std::shared_ptr<Connections> all, uint64_t number, std::unique_ptr<Stream> stream)
      : all_(all), loop_(all->loop), number_(number), stream_(std::move(stream)) {
    timer_ = loop_.after(connection_ms_max, [this] { end(); });
  }
  ~Connection() override { loop_.cancel(timer_); }
  void start() { stream_->start(*this); }

 private:
  std::span<std::byte> read_buffer() override { return buffer_; }

  void on_read(size_t count) override {
    if (is_asked_) return;  // what comes after the request is nothing to us
    head_.append(reinterpret_cast<const char*>(buffer_.data()), count);
    if (head_.find("\r\n\r\n") != std::string::npos) return ask();
    if (head_.size() > head_bytes_max) respond(failure(431), true);
  }

  void on_drained() override { end(); }
  void on_closed(std::string_view) override { end(); }

  // "GET /metrics?name[]=x HTTP/1.1"
  void ask() {
    is_asked_ = true;
    const std::string_view line = std::string_view(head_).substr(0, head_.find("\r\n"));
    const size_t method_end = line.find(' '), target_end = line.rfind(' ');
    if (method_end == line.npos || target_end == method_end ||
        !line.substr(target_end).starts_with(" HTTP/1."))
      return respond(failure(400), true);
    const std::string_view method = line.substr(0, method_end);
    if (method != "GET" && method != "HEAD") return respond(failure(405), true);
    std::string_view path = line.substr(method_end + 1, target_end - method_end - 1);
    path = path.substr(0, path.find('?'));
    const auto all = all_.lock();
    if (!all) return;
    all->handler(path, [weak = all_, number = number_, with_body = method == "GET"](HttpResponse response) {
      const auto all = weak.lock();
      if (!all) return;
      const auto found = all->open.find(number);
      if (found != all->open.end()) found->second->respond(response, with_body);
    });
  }

  void respond(const HttpResponse& response, bool with_body) {
    is_asked_ = true;
    stream_->send({Slice::copy(bytes_of(response, with_body))});
    if (stream_->unsent_bytes() == 0) end();
  }

  /// Later, for a callback of the stream may be under way.
  void end() {
    loop_.post([weak = all_, number = number_] {
      if (const auto all = weak.lock()) all->open.erase(number);
    });
  }

  const std::weak_ptr<Connections> all_;
  Loop& loop_;
  const uint64_t number_;
  std::unique_ptr<Stream> stream_;
  std::array<std::byte, 1024> buffer_;
  std::string head_;
  bool is_asked_ = false;
  Timers::Id timer_ = 0;
};

HttpServer::HttpServer(Loop& loop, Handler handler)
    : connections_(std::make_shared<Connections>(loop, std::move(handler))) {}

HttpServer::~HttpServer() = default;

Result<Endpoint> HttpServer::listen(Net& net, const Endpoint& at) {
  auto acceptor = net.listen(
      {&connections_->loop}, at, [weak = std::weak_ptr(connections_)](Loop&, std::unique_ptr<Stream> stream) {
        const auto all = weak.lock();
        if (!all || all->open.size() >= connections_max) return;
        const uint64_t number = ++all->last;
        auto& connection = all->open[number] = std::make_unique<Connection>(all, number, std::move(stream));
        connection->start();
      });
  if (!acceptor) return fail(std::move(acceptor.error()));
  acceptor_ = std::move(*acceptor);
  return acceptor_->local();
}

}  // namespace kt::metrics
