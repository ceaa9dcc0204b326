#include "libcli/commands/framework/stop_signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

namespace kt::cli {
namespace {

bool is_ignored(int signal) {
  struct sigaction now{};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

Exit exit_of(int signal) { return signal == SIGINT ? Exit::interrupted : Exit::terminated; }

}  // namespace

StopSignals::StopSignals() {
  sigemptyset(&heeded_);
  for (const int signal : {SIGINT, SIGTERM}) {
    if (!is_ignored(signal)) sigaddset(&heeded_, signal);
  }
  pthread_sigmask(SIG_BLOCK, &heeded_, &before_);
}

StopSignals::~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

std::optional<Exit> StopSignals::received() const {
  const int signal = received_.load();
  return signal == 0 ? std::nullopt : std::optional(exit_of(signal));
}

StopWatch::StopWatch(StopSignals& signals, std::function<void(Exit)> on_stop)
    : signals_(signals),
      on_stop_(std::move(on_stop)),
      ended_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { watch(); }) {}

StopWatch::~StopWatch() {
  eventfd_write(ended_, 1);
  thread_.join();
  ::close(ended_);
}

void StopWatch::watch() {
  const int signal_fd = signalfd(-1, &signals_.heeded_, SFD_CLOEXEC);
  pollfd watched[] = {{signal_fd, POLLIN, 0}, {ended_, POLLIN, 0}};
  while (poll(watched, 2, -1) < 0) {
  }
  signalfd_siginfo info;
  const bool was_told = watched[0].revents != 0 && ::read(signal_fd, &info, sizeof info) == sizeof info;
  ::close(signal_fd);
  if (!was_told) return;
  pthread_sigmask(SIG_UNBLOCK, &signals_.heeded_,
                  nullptr);  // here, so that the next one does what it always does
  signals_.received_ = static_cast<int>(info.ssi_signo);
  on_stop_(exit_of(signals_.received_));
}

}  // namespace kt::cli
