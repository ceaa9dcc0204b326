#include "libcli/commands/server/lab_node.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "libbroker/base/logger.h"

namespace kt::cli::server {
namespace {

using nlohmann::json;

constexpr size_t line_bytes_max = 1 << 20;
constexpr std::pair<std::string_view, node::Tending> tendings[] = {
    {"roll", node::Tending::roll}, {"retain", node::Tending::retain}, {"compact", node::Tending::compact}};

/// None at the end of the channel, and of a line that is too long.
std::optional<std::string> read_line(int channel, std::string& rest) {
  for (;;) {
    if (const size_t end = rest.find('\n'); end != rest.npos) {
      std::string line = rest.substr(0, end);
      rest.erase(0, end + 1);
      return line;
    }
    char part[4096];
    const ssize_t bytes = ::read(channel, part, sizeof part);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0 || rest.size() > line_bytes_max) return std::nullopt;
    rest.append(part, static_cast<size_t>(bytes));
  }
}

/// A socket whose other end the parent process made.
bool is_from_parent(int descriptor) {
  ucred maker{};
  socklen_t size = sizeof maker;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &maker, &size) == 0 && maker.pid == ::getppid();
}

}  // namespace

Result<std::unique_ptr<LabNode>> LabNode::from(Environment& environment) {
  const auto variable = environment.variable("KT_LAB_CONTROL");
  if (!variable) return std::unique_ptr<LabNode>();
  int descriptor = -1;
  const auto parsed = std::from_chars(variable->data(), variable->data() + variable->size(), descriptor);
  if (parsed.ec != std::errc() || !is_from_parent(descriptor))
    return fail(ErrorCode::invalid_config,
                "KT_LAB_CONTROL is for nodes that kt lab starts: unset it to run a server of your own");
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  net::OwnedDescriptor channel(descriptor);
  std::string rest;
  const auto line = read_line(descriptor, rest);
  if (!line) return fail(ErrorCode::invalid_request, "the lab's supervisor gave no orders");
  auto orders = fault::parse_orders(*line);
  if (!orders) return fail(orders.error());
  return std::unique_ptr<LabNode>(new LabNode(std::move(channel), std::move(*orders), environment));
}

LabNode::LabNode(net::OwnedDescriptor channel, fault::Orders first, Environment& environment)
    : channel_(std::move(channel)),
      real_clock_(environment.clock),
      board_(std::move(first)),
      clock_(environment.clock),
      disk_(board_, environment.disk),
      jitter_seed_(environment.rng.next()) {
  clock_.set(board_.orders()->clock);
}

LabNode::~LabNode() { stop(); }

Net& LabNode::wrap(Net& net) {
  net_ = std::make_unique<fault::FaultNet>(fault::FaultServices{board_, real_clock_, jitter_seed_}, net);
  return *net_;
}

void LabNode::serves(node::Node& node, Loop& control) {
  control_ = &control;
  node_ = &node;
}

void LabNode::start() {
  thread_ = std::jthread([this] { take_orders(); });
}

void LabNode::stop() {
  if (!thread_.joinable()) return;
  ::shutdown(channel_.get(), SHUT_RD);  // which ends its read
  thread_.join();
}

void LabNode::take_orders() {
  std::string rest;
  while (const auto line = read_line(channel_.get(), rest)) obey(*line);
}

void LabNode::obey(const std::string& line) {
  if (json::parse(line, nullptr, false).contains("tend")) return tend(line);
  auto orders = fault::parse_orders(line);
  if (!orders) return log_warn("kt.Lab", "{}", orders.error().message);
  const int64_t version = orders->version;
  clock_.set(orders->clock);
  board_.set(std::move(*orders));
  answer(json{{"version", version}}.dump());
}

void LabNode::tend(const std::string& line) {
  const json order = json::parse(line, nullptr, false);
  const auto what = std::ranges::find(tendings, order.value("tend", ""),
                                      &std::pair<std::string_view, node::Tending>::first);
  const auto ticket = order.value("ticket", int64_t{0});
  const auto done = [this, ticket](const Result<void>& outcome) {
    answer(json{{"ticket", ticket}, {"error", outcome ? "" : outcome.error().message}}.dump());
  };
  if (what == std::end(tendings)) return done(fail(ErrorCode::invalid_request, "there is no such work"));
  node::Node* const node = node_;
  if (!node) return done(fail(ErrorCode::coordinator_not_available, "it does not serve yet"));
  control_->post([node, done, what = what->second, topic = order.value("topic", ""),
                  partition = order.value("partition", 0)] { node->tend(what, topic, partition, done); });
}

/// One line, whole: it is short, and the supervisor always reads.
void LabNode::answer(const std::string& line) {
  const std::string text = line + "\n";
  if (::send(channel_.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0)
    log_warn("kt.Lab", "the supervisor is not told: {}", text);
}

}  // namespace kt::cli::server
