#include "libcli/lab/control.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

namespace kt::lab {
namespace {

using nlohmann::json;

constexpr std::string_view verb_names[] = {"kill",  "stop",   "start", "restart",
                                           "pause", "resume", "down",  "await"};
constexpr int backlog = 16;

/// The address of `control.sock` in the folder that `folder` is open on: sun_path is short, folders may be
/// deep.
sockaddr_un address_in(int folder) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/control.sock", folder);
  path.copy(at.sun_path, sizeof at.sun_path - 1);
  return at;
}

template <class Use>
Result<net::OwnedDescriptor> open_socket(const Place& place, Use use) {
  const net::OwnedDescriptor folder(::open(place.run().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  net::OwnedDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (folder.get() >= 0 && socket.get() >= 0) {
    const sockaddr_un at = address_in(folder.get());
    if (use(socket.get(), reinterpret_cast<const sockaddr*>(&at))) return socket;
  }
  return fail(ErrorCode::network_exception,
              fmt::format("{}/control.sock: {}", place.run(), std::strerror(errno)));
}

NodeState state_named(const std::string& name) {
  for (const NodeState state : {NodeState::starting, NodeState::up, NodeState::paused, NodeState::stopping}) {
    if (name_of(state) == name) return state;
  }
  return NodeState::down;
}

}  // namespace

std::string to_line(const Request& request) {
  json line = {{"ask", request.ask}, {"signal", request.signal}};
  if (request.node) line["node"] = *request.node;
  if (request.fault) line["fault"] = json::parse(fault::to_json(*request.fault));
  if (request.for_ms) line["for_ms"] = *request.for_ms;
  if (request.id) line["id"] = *request.id;
  if (request.clock) {
    line["clock"] = {{"how", static_cast<int>(request.clock->how)},
                     {"by_ms", request.clock->by_ms},
                     {"rate", request.clock->rate}};
  }
  if (!request.tend.empty()) {
    line["tend"] = request.tend;
    line["topic"] = request.topic;
    line["partition"] = request.partition;
  }
  if (request.added) {
    const NodeSpec& node = *request.added;
    line["added"] = {{"id", node.id}, {"port", node.port}, {"rack", node.rack}};
  }
  return line.dump() + "\n";
}

Result<Request> parse_request(const std::string& line) {
  try {
    const json from = json::parse(line);
    Request request{.ask = from.at("ask"), .node = {}, .signal = from.value("signal", 9)};
    if (from.contains("node")) request.node = from.at("node").get<int32_t>();
    if (from.contains("fault")) {
      auto fault = fault::parse_fault(from.at("fault").dump());
      if (!fault) return fail(fault.error());
      request.fault = std::move(*fault);
    }
    if (from.contains("for_ms")) request.for_ms = from.at("for_ms").get<int64_t>();
    if (from.contains("id")) request.id = from.at("id").get<int32_t>();
    if (from.contains("clock")) {
      const json& clock = from.at("clock");
      const int how = clock.at("how");
      if (how < 0 || how > static_cast<int>(ClockChange::How::run))
        return fail(ErrorCode::invalid_request, "there is no such change of a clock");
      request.clock = {static_cast<ClockChange::How>(how), clock.at("by_ms"), clock.at("rate")};
    }
    request.tend = from.value("tend", "");
    request.topic = from.value("topic", "");
    request.partition = from.value("partition", 0);
    if (from.contains("added")) {
      const json& node = from.at("added");
      request.added = NodeSpec{node.at("id"), false, node.at("port"), node.at("rack")};
    }
    return request;
  } catch (const json::exception& error) {
    return fail(ErrorCode::invalid_request, fmt::format("cannot be understood: {}", error.what()));
  }
}

std::optional<Verb> verb_of(const std::string& ask) {
  const auto found = std::ranges::find(verb_names, ask);
  if (found == std::end(verb_names)) return std::nullopt;
  return static_cast<Verb>(found - std::begin(verb_names));
}

std::string to_line(const Reply& reply) {
  json nodes = json::array();
  for (const NodeStatus& node : reply.nodes) {
    nodes.push_back({{"id", node.spec.id},
                     {"controller", node.spec.is_controller},
                     {"port", node.spec.port},
                     {"rack", node.spec.rack},
                     {"state", name_of(node.state)},
                     {"pid", node.pid},
                     {"since_ms", node.since_ms},
                     {"starts", node.starts},
                     {"ended", node.ended}});
  }
  json faults = json::array();
  for (const fault::Fault& fault : reply.faults) faults.push_back(json::parse(fault::to_json(fault)));
  json line = {{"error", reply.error}, {"nodes", nodes}, {"faults", faults}};
  if (reply.id) line["id"] = *reply.id;
  return line.dump() + "\n";
}

Result<Reply> parse_reply(const std::string& line) {
  try {
    const json from = json::parse(line);
    Reply reply{.error = from.at("error"), .nodes = {}};
    for (const json& node : from.at("nodes")) {
      reply.nodes.push_back({.spec = {node.at("id"), node.at("controller"), node.at("port"), node.at("rack")},
                             .state = state_named(node.at("state")),
                             .pid = node.at("pid"),
                             .since_ms = node.at("since_ms"),
                             .starts = node.at("starts"),
                             .ended = node.at("ended")});
    }
    for (const json& fault : from.at("faults")) {
      auto parsed = fault::parse_fault(fault.dump());
      if (!parsed) return fail(parsed.error());
      reply.faults.push_back(std::move(*parsed));
    }
    if (from.contains("id")) reply.id = from.at("id").get<int32_t>();
    return reply;
  } catch (const json::exception&) {
    return fail(ErrorCode::unknown_server_error, "the lab's supervisor gave no whole answer");
  }
}

Result<net::OwnedDescriptor> listen_for_control(const Place& place) {
  ::unlink((place.run() + "/control.sock").c_str());  // of one that was killed
  return open_socket(place, [](int socket, const sockaddr* at) {
    return ::bind(socket, at, sizeof(sockaddr_un)) == 0 && ::listen(socket, backlog) == 0;
  });
}

Result<net::OwnedDescriptor> connect_control(const Place& place) {
  return open_socket(
      place, [](int socket, const sockaddr* at) { return ::connect(socket, at, sizeof(sockaddr_un)) == 0; });
}

Result<Reply> ask(const Place& place, const Request& request, int64_t timeout_ms) {
  const auto socket = connect_control(place);
  if (!socket) return fail(ErrorCode::resource_not_found, "the lab is not running: kt lab up starts it");
  const std::string line = to_line(request);
  if (::send(socket->get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    return fail(ErrorCode::network_exception, "the lab's supervisor does not listen");
  std::string answer;
  while (!answer.ends_with('\n') && answer.size() < answer_bytes_max) {
    pollfd readable{socket->get(), POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(timeout_ms)) == 0) {
      return fail(ErrorCode::request_timed_out,
                  fmt::format("the lab's supervisor was asked to {} and has not done it within {} ms",
                              request.ask, timeout_ms));
    }
    char part[4096];
    const ssize_t bytes = ::read(socket->get(), part, sizeof part);
    if (bytes <= 0) break;
    answer.append(part, static_cast<size_t>(bytes));
  }
  auto reply = parse_reply(answer);
  if (reply && !reply->error.empty()) return fail(ErrorCode::unknown_server_error, std::move(reply->error));
  return reply;
}

Result<void> take_down(const Place& place, int64_t timeout_ms) {
  const net::OwnedDescriptor lock(::open(place.lock().c_str(), O_RDONLY | O_CLOEXEC));
  const auto done = ask(place, {.ask = "down", .node = {}}, timeout_ms);
  if (!done) return fail(done.error());
  LifeLock::wait_until_free(lock.get());
  return {};
}

}  // namespace kt::lab
