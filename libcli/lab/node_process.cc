#include "libcli/lab/node_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "libbroker/net/owned_descriptor.h"

namespace kt::lab {
namespace {

constexpr int ready_descriptor = 3, control_descriptor = 4, first_free_descriptor = 5, exit_cannot_run = 127;

/// In the child, between fork and exec: only what is safe there.
[[noreturn]] void become_node(const NodeCommand& command, pid_t parent, int out, int in) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(exit_cannot_run);  // it was gone before it could be told to
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  const int ready = ::fcntl(command.ready, F_DUPFD_CLOEXEC, first_free_descriptor);
  const int control = ::fcntl(command.control, F_DUPFD_CLOEXEC, first_free_descriptor);
  ::dup2(ready, ready_descriptor);
  ::dup2(control, control_descriptor);
  ::setenv("KT_LAB_CONTROL", "4", 1);  // this process has one thread
  const char* words[] = {"kt", "server", command.properties_file.c_str(), "--ready-fd", "3", nullptr};
  ::execv("/proc/self/exe", const_cast<char* const*>(words));
  ::_exit(exit_cannot_run);
}

}  // namespace

Result<pid_t> start_node(const NodeCommand& command) {
  const net::OwnedDescriptor out(
      ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  const net::OwnedDescriptor in(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (out.get() < 0 || in.get() < 0)
    return fail(ErrorCode::kafka_storage_error,
                fmt::format("cannot write to {}: {}", command.log, std::strerror(errno)));
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become_node(command, self, out.get(), in.get());
  if (child < 0)
    return fail(ErrorCode::unknown_server_error,
                fmt::format("cannot start a process: {}", std::strerror(errno)));
  return child;
}

}  // namespace kt::lab
