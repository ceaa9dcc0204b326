#include "libcli/commands/sim/workers.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace kt::cli::sim {
namespace {

[[noreturn]] void give_up(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// False when the other side is gone.
bool send_all(int link, const void* from, size_t bytes) {
  for (auto* at = static_cast<const char*>(from); bytes > 0;) {
    const ssize_t sent = ::send(link, at, bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += sent, bytes -= static_cast<size_t>(sent);
  }
  return true;
}

bool receive_all(int link, void* into, size_t bytes) {
  for (auto* at = static_cast<char*>(into); bytes > 0;) {
    const ssize_t received = ::recv(link, at, bytes, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return false;
    at += received, bytes -= static_cast<size_t>(received);
  }
  return true;
}

std::string contents(int file) {
  constexpr size_t bytes_max = 4'000;
  std::array<char, bytes_max> bytes;
  const ssize_t count = ::pread(file, bytes.data(), bytes.size(), 0);
  return {bytes.data(), count > 0 ? static_cast<size_t>(count) : 0};
}

}  // namespace

Workers::Workers(size_t count, Work work) : work_(std::move(work)), workers_(count) {
  for (Worker& worker : workers_) start(worker);
}

Workers::~Workers() {
  for (Worker& worker : workers_) end(worker);
}

void Workers::start(Worker& worker) {
  int links[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, links) != 0)
    give_up("cannot make a pair of sockets");
  worker.words = ::memfd_create("kt-sim-stderr", MFD_CLOEXEC);
  if (worker.words < 0) give_up("cannot make a file in memory");
  worker.pid = ::fork();
  if (worker.pid < 0) give_up("cannot start a process");
  if (worker.pid == 0) {
    ::close(links[0]);
    // Those of its elders; while it holds them they do not see the end of their links.
    for (const Worker& other : workers_)
      if (other.link >= 0 && &other != &worker) ::close(other.link);
    ::dup2(worker.words, STDERR_FILENO);
    serve(links[1]);
  }
  ::close(links[1]);
  worker.link = links[0];
  worker.task.reset();
}

void Workers::serve(int link) {
  for (uint64_t task = 0; receive_all(link, &task, sizeof task);) {
    const std::string answer = work_(task);
    const uint64_t bytes = answer.size();
    if (!send_all(link, &bytes, sizeof bytes) || !send_all(link, answer.data(), bytes)) break;
  }
  ::_exit(0);
}

void Workers::end(Worker& worker) {
  if (worker.pid < 0) return;
  ::close(worker.link);
  ::close(worker.words);
  if (worker.task) ::kill(worker.pid, SIGKILL);
  while (::waitpid(worker.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  worker = Worker{};
}

bool Workers::has_idle() const {
  return std::ranges::any_of(workers_, [](const Worker& worker) { return !worker.task; });
}

bool Workers::is_all_idle() const {
  return std::ranges::none_of(workers_, [](const Worker& worker) { return worker.task.has_value(); });
}

void Workers::give(uint64_t task) {
  const auto idle = std::ranges::find_if(workers_, [](const Worker& worker) { return !worker.task; });
  if (idle == workers_.end()) throw std::logic_error("no worker is idle");
  idle->task = task;
  (void)send_all(idle->link, &task, sizeof task);  // take() finds out when it is gone
}

Workers::Done Workers::take() {
  std::vector<pollfd> waited;
  for (const Worker& worker : workers_) waited.push_back({worker.task ? worker.link : -1, POLLIN, 0});
  while (::poll(waited.data(), waited.size(), -1) < 0) {
    if (errno != EINTR) give_up("cannot wait for a worker");
  }
  const auto ready = std::ranges::find_if(waited, [](const pollfd& one) { return one.revents != 0; });
  Worker& worker = workers_[static_cast<size_t>(ready - waited.begin())];
  Done done{*std::exchange(worker.task, std::nullopt), std::string(), {}};
  uint64_t bytes = 0;
  if (receive_all(worker.link, &bytes, sizeof bytes)) {
    done.answer->resize(bytes);
    if (receive_all(worker.link, done.answer->data(), bytes)) return done;
  }
  done.answer.reset();
  done.last_words = contents(worker.words);
  end(worker);
  start(worker);
  return done;
}

}  // namespace kt::cli::sim
