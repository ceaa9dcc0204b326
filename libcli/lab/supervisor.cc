#include "libcli/lab/supervisor.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "libcli/lab/node_process.h"

namespace kt::lab {
namespace {

constexpr size_t clients_max = 64;

sigset_t heeded_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

std::string ending_of(int status) {
  return WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                             : fmt::format("exit {}", WEXITSTATUS(status));
}

}  // namespace

Supervisor::Supervisor(Clock& clock, Options options)
    : clock_(clock),
      spec_(std::move(options.spec)),
      place_(std::move(options.place)),
      ports_(std::move(options.ports)),
      life_(spec_, clock.monotonic_ms(), options.ttl_ms),
      faults_(spec_.seed),
      leash_(std::move(options.leash)) {}

Supervisor::~Supervisor() {
  std::error_code ignored;  // a folder that is left says no more than that there was a lab
  if (lock_.get() >= 0) std::filesystem::remove_all(place_.run(), ignored);
}

Result<void> Supervisor::open() {
  net::OwnedDescriptor lock(::open(place_.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.get() < 0 || !LifeLock::take(lock.get()))
    return fail(ErrorCode::kafka_storage_error, fmt::format("lab {} is running", spec_.name));
  lock_ = std::move(lock);
  ::dprintf(lock_.get(), "%d\n", ::getpid());
  auto control = listen_for_control(place_);
  if (!control) return fail(control.error());
  control_ = std::move(*control);
  const sigset_t signals = heeded_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  signals_ = net::OwnedDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  events_ =
      net::OwnedDescriptor(::open(place_.events().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (signals_.get() < 0 || events_.get() < 0)
    return fail(ErrorCode::kafka_storage_error, fmt::format("{}: {}", place_.events(), std::strerror(errno)));
  return {};
}

void Supervisor::run() {
  carry_out(life_.begin(clock_.monotonic_ms()));
  while (!is_finished_) turn();
}

int64_t Supervisor::deadline_ms() const {
  return std::min(life_.deadline_ms(), faults_.deadline_ms().value_or(std::numeric_limits<int64_t>::max()));
}

void Supervisor::turn() {
  std::vector<pollfd> watched;
  std::vector<std::function<void()>> then;
  const auto watch = [&](const net::OwnedDescriptor& descriptor, std::function<void()> what,
                         short events = POLLIN) {
    if (descriptor.get() < 0) return;
    watched.push_back({descriptor.get(), events, 0});
    then.push_back(std::move(what));
  };
  // Who served, or did its work, before it ended has done so: what nodes say comes first.
  for (const auto& [id, child] : children_) {
    watch(child.ready, [this, id] { read_ready(id); });
    const auto events = static_cast<short>(child.unsent.empty() ? POLLIN : POLLIN | POLLOUT);
    watch(child.control, [this, id] { send_rest(id), read_node(id); }, events);
  }
  watch(signals_, [this] { read_signals(); });
  for (const auto& [id, client] : clients_) {
    if (client.unsent.empty())
      watch(client.socket, [this, id] { read_client(id); });
    else
      watch(client.socket, [this, id] { send_answer(id); }, POLLOUT);
  }
  watch(control_, [this] { accept_client(); });
  watch(leash_, [this] { read_leash(); });
  const int64_t left_ms =
      std::clamp<int64_t>(deadline_ms() - clock_.monotonic_ms(), 0, std::numeric_limits<int>::max());
  if (::poll(watched.data(), watched.size(), static_cast<int>(left_ms)) < 0) return;
  for (size_t i = 0; i < watched.size(); ++i) {
    if (watched[i].revents != 0) then[i]();
  }
  if (faults_.expire(clock_.monotonic_ms())) {
    carry_out(Record{-1, "a fault is over"});
    give_orders();
  }
  if (clock_.monotonic_ms() >= life_.deadline_ms()) decide(Tick{});
  answer_those_heard();
}

void Supervisor::decide(const Event& event) {
  const bool was_ending = life_.is_ending();
  auto effects = life_.step(event, clock_.monotonic_ms());
  if (life_.is_ending() && !was_ending && faults_.heal(std::nullopt))
    give_orders();  // nodes take leave of each other
  carry_out(std::move(effects));
}

void Supervisor::carry_out(std::vector<Effect> effects) {
  for (const Effect& effect : effects) std::visit([this](const auto& e) { carry_out(e); }, effect);
}

void Supervisor::carry_out(const Spawn& spawn) {
  const NodeSpec& node = *spec_.find(spawn.node);
  Child& child = children_[spawn.node];
  int ends[2] = {-1, -1}, channel[2] = {-1, -1};
  Result<pid_t> pid = fail(ErrorCode::unknown_server_error, "no descriptor is left");
  const bool has_both =
      ::pipe2(ends, O_CLOEXEC) == 0 && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) == 0;
  child.ready = net::OwnedDescriptor(ends[0]);
  child.control = net::OwnedDescriptor(channel[0]);
  const net::OwnedDescriptor ready(ends[1]), control(channel[1]);
  child.line.clear();
  child.unsent.clear();
  child.heard = faults_.version();  // which it reads before it begins to serve
  if (has_both) {
    give_orders(spawn.node);  // which wait for it in the channel
    pid = start_node({place_.node_properties(node), place_.node_log(node), ready.get(), control.get()});
  }
  if (!pid) return decide(Exited{spawn.node, pid.error().message});
  child.pid = *pid;
  decide(Started{spawn.node, *pid});
}

void Supervisor::carry_out(const Signal& signal) {
  const pid_t pid = children_[signal.node].pid;
  if (pid > 0) ::kill(pid, signal.signal);
}

void Supervisor::carry_out(const Answer& answer) {
  reply(answer.client, {.error = answer.error, .nodes = {}});
}

void Supervisor::carry_out(const Forget& forget) {
  carry_out(Record{forget.node, "is not added"});
  this->forget(forget.node);
}

void Supervisor::carry_out(const Record& record) {
  const NodeSpec* node = spec_.find(record.node);
  const nlohmann::ordered_json line = {
      {"at_ms", clock_.wall_ms()}, {"node", node ? node->name() : "lab"}, {"what", record.what}};
  const std::string text = line.dump() + "\n";
  // A lab goes on where its diary cannot.
  if (::write(events_.get(), text.data(), text.size()) < 0)
    ::dprintf(STDERR_FILENO, "events: %s\n", std::strerror(errno));
}

void Supervisor::read_leash() {
  char let_go;
  const bool is_let_go = ::read(leash_.get(), &let_go, 1) == 1;
  leash_ = net::OwnedDescriptor();  // poll() does not look at -1
  if (!is_let_go) decide(StopSignal{});
}

void Supervisor::accept_client() {
  net::OwnedDescriptor socket(::accept4(control_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.get() < 0 || clients_.size() >= clients_max) return;
  clients_[++last_client_].socket = std::move(socket);
}

void Supervisor::read_client(uint64_t id) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || !found->second.unsent.empty()) return;
  char part[4096];
  const ssize_t bytes = ::read(found->second.socket.get(), part, sizeof part);
  if (bytes < 0 && errno == EAGAIN) return;
  std::string& line = found->second.line;
  if (bytes > 0) line.append(part, static_cast<size_t>(bytes));
  if (bytes <= 0 || line.size() > control_line_bytes_max) {
    clients_.erase(found);
    return decide(Gone{id});
  }
  if (!line.ends_with('\n')) return;
  const auto request = parse_request(std::exchange(line, {}));
  if (!request) return reply(id, {.error = request.error().message, .nodes = {}});
  obey(id, *request);
}

void Supervisor::obey(uint64_t client, const Request& request) {
  if (request.ask == "status")
    return reply(client, {.error = {}, .nodes = life_.nodes(), .faults = faults_.all()});
  if (change(client, request)) return;
  const auto verb = verb_of(request.ask);
  if (!verb) return reply(client, {.error = "a lab cannot be asked to " + request.ask, .nodes = {}});
  decide(Asked{client, *verb, request.node, request.signal});
}

void Supervisor::reply(uint64_t client, const Reply& reply) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  Client& answered = found->second;
  answered.asks = std::nullopt, answered.version = std::nullopt;
  answered.unsent = to_line(reply);
  send_answer(client);
}

/// Most answers fit into the socket's buffer, and one of many faults goes on when there is room. Who is gone
/// needs none.
void Supervisor::send_answer(uint64_t client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  std::string& rest = found->second.unsent;
  const auto sent = ::send(found->second.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (sent > 0) rest.erase(0, static_cast<size_t>(sent));
  if (sent <= 0 || rest.empty()) clients_.erase(found);
}

void Supervisor::read_ready(int32_t node) {
  const auto child = children_.find(node);
  if (child == children_.end() || child->second.ready.get() < 0) return;
  char part[4096];
  const ssize_t bytes = ::read(child->second.ready.get(), part, sizeof part);
  const bool serves = bytes > 0 && std::ranges::find(part, part + bytes, '\n') != part + bytes;
  if (serves || bytes <= 0) child->second.ready = net::OwnedDescriptor();
  if (serves) decide(Ready{node});
}

void Supervisor::read_signals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD)
      reap();
    else
      decide(StopSignal{});
  }
}

void Supervisor::reap() {
  std::vector<int32_t> ids;
  for (const auto& [id, child] : children_) ids.push_back(id);
  for (const int32_t id : ids) {
    int status = 0;
    for (;;) {
      const auto found = children_.find(id);  // anew: a node that was added may be forgotten when it ends
      if (found == children_.end()) break;
      Child& child = found->second;
      if (child.pid <= 0 || ::waitpid(child.pid, &status, WNOHANG | WUNTRACED | WCONTINUED) <= 0) break;
      if (WIFSTOPPED(status)) {
        decide(Halted{id});
      } else if (WIFCONTINUED(status)) {
        decide(Continued{id});
      } else {
        child.pid = 0;
        child.ready = net::OwnedDescriptor();
        child.control = net::OwnedDescriptor();
        decide(Exited{id, ending_of(status)});
      }
    }
  }
}

}  // namespace kt::lab
