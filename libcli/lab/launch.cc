#include "libcli/lab/launch.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "libcli/lab/supervisor.h"

namespace kt::lab {
namespace {

/// What the caller left open (a pipe of a test runner, say) is not a lab's.
void close_all_but(const std::vector<int>& kept) {
  std::vector<int> open;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored))
    open.push_back(std::stoi(entry.path().filename()));
  for (const int descriptor : open) {
    if (descriptor > STDERR_FILENO && std::ranges::find(kept, descriptor) == kept.end()) ::close(descriptor);
  }
}

void print_to(const std::string& log) {
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out < 0 ? in : out, STDOUT_FILENO);
  ::dup2(out < 0 ? in : out, STDERR_FILENO);
  for (const int descriptor : {in, out}) {
    if (descriptor > STDERR_FILENO) ::close(descriptor);
  }
}

/// The supervisor's whole life. Says in one line on the leash whether it has begun.
void supervise(Clock& clock, Supervisor::Options options) {
  ::setsid();
  std::vector<int> kept = options.ports.descriptors();
  const int leash = options.leash.get();
  kept.push_back(leash);
  close_all_but(kept);
  print_to(options.place.supervisor_log());
  Supervisor supervisor(clock, std::move(options));
  const auto opened = supervisor.open();
  const std::string line = (opened ? "" : opened.error().message) + "\n";
  if (::send(leash, line.data(), line.size(), MSG_NOSIGNAL) < 0 || !opened) return;
  supervisor.run();
}

std::string read_line(int from) {
  std::string line;
  char c;
  while (::read(from, &c, 1) == 1 && c != '\n') line += c;
  return c == '\n' ? line : "the lab's supervisor did not come up";
}

}  // namespace

Result<Launched> launch(Clock& clock, const Spec& spec, const Place& place, ReservedPorts ports,
                        int64_t ttl_ms) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(ErrorCode::unknown_server_error, fmt::format("cannot start a lab: {}", std::strerror(errno)));
  Launched lab{.pid = 0, .leash = net::OwnedDescriptor(ends[0])};
  net::OwnedDescriptor far_end(ends[1]);
  lab.pid = ::fork();
  if (lab.pid < 0)
    return fail(ErrorCode::unknown_server_error,
                fmt::format("cannot start a process: {}", std::strerror(errno)));
  if (lab.pid == 0) {
    supervise(clock, {spec, place, std::move(ports), std::move(far_end), ttl_ms});
    ::_exit(0);
  }
  far_end = net::OwnedDescriptor();
  const std::string refusal = read_line(lab.leash.get());
  if (refusal.empty()) return lab;
  ::waitpid(lab.pid, nullptr, 0);
  return fail(ErrorCode::unknown_server_error, refusal);
}

void let_go(const Launched& lab) {
  // Who cannot be told is gone already.
  ::send(lab.leash.get(), "1", 1, MSG_NOSIGNAL);
}

}  // namespace kt::lab
