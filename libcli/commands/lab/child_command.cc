#include "libcli/commands/lab/child_command.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "libbroker/net/owned_descriptor.h"

namespace kt::cli::lab {
namespace {

constexpr int exit_cannot_run = 127;

struct Pipe {
  net::OwnedDescriptor read, write;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    read = net::OwnedDescriptor(ends[0]);
    write = net::OwnedDescriptor(ends[1]);
  }
};

void read_both(const Pipe& out, const Pipe& err, ChildOutcome& outcome) {
  pollfd watched[] = {{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}};
  std::string* const texts[] = {&outcome.out, &outcome.err};
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    if (::poll(watched, 2, -1) < 0) continue;
    for (size_t i = 0; i < 2; ++i) {
      if (watched[i].revents == 0) continue;
      char part[4096];
      const ssize_t bytes = ::read(watched[i].fd, part, sizeof part);
      if (bytes > 0)
        texts[i]->append(part, static_cast<size_t>(bytes));
      else if (bytes == 0 || errno != EINTR)
        watched[i].fd = -1;
    }
  }
}

}  // namespace

Result<ChildOutcome> run_child(const std::vector<std::string>& words,
                               const std::map<std::string, std::string>& variables) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  Pipe out, err;
  const pid_t child = err.read.get() < 0 ? -1 : ::fork();
  if (child < 0)
    return fail(ErrorCode::unknown_server_error,
                fmt::format("cannot run {}: {}", words[0], std::strerror(errno)));
  if (child == 0) {  // no other thread runs yet that could hold a lock
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(out.write.get(), STDOUT_FILENO);
    ::dup2(err.write.get(), STDERR_FILENO);
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
    ::execvp(words[0] == "kt" ? "/proc/self/exe" : argv[0], argv.data());
    ::_exit(exit_cannot_run);
  }
  out.write = net::OwnedDescriptor();
  err.write = net::OwnedDescriptor();
  ChildOutcome outcome;
  read_both(out, err, outcome);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  outcome.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (outcome.status == exit_cannot_run && outcome.err.empty())
    return fail(ErrorCode::unknown_server_error, fmt::format("cannot run {}", words[0]));
  return outcome;
}

}  // namespace kt::cli::lab
