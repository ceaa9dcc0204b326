#include "libcli/commands/server/process.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "libbroker/base/logger.h"
#include "libbroker/base/rng.h"
#include "libbroker/net/asio_loop.h"
#include "libbroker/net/asio_net.h"
#include "libbroker/net/thread_pool.h"
#include "libcli/commands/server/lab_node.h"

namespace kt::cli::server {
namespace {

constexpr size_t disk_threads = 2;

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

struct Process::Threads {
  Threads(Clock& clock, size_t data_loops) : control(clock), rng(system_seed()) {
    for (size_t i = 0; i < data_loops; ++i) data.push_back(std::make_unique<net::AsioLoop>(clock));
  }
  void run() {
    running.emplace_back([this] { control.run(); });
    for (auto& loop : data) running.emplace_back([&loop] { loop->run(); });
  }
  void join() {
    // From inside: a loop that has not begun to turn yet would miss a plain stop().
    control.post([this] { control.stop(); });
    for (auto& loop : data) loop->post([&loop] { loop->stop(); });
    running.clear();
  }
  /// Whatever is under way or waits on a pool or a loop uses the node, so it ends first.
  void end() {
    join();
    disk_pool.finish();
    control.forget_tasks();
    for (auto& loop : data) loop->forget_tasks();
    node.reset();
  }

  net::AsioLoop control;
  std::vector<std::unique_ptr<net::AsioLoop>> data;
  SeededRng rng;
  net::ThreadPool disk_pool{disk_threads};
  net::ThreadPool resolvers{1};
  net::AsioNet net{resolvers};
  std::unique_ptr<node::Node> node;
  std::vector<std::jthread> running;
  int failed = eventfd(0, EFD_CLOEXEC);  // readable once the node has failed
  std::optional<Error> failure;
};

Process::Process(Disk& disk, Clock& clock, node::Node::Options options, LabNode* lab)
    : disk_(disk), clock_(clock), options_(std::move(options)), lab_(lab) {
  raise_descriptor_limit();
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // for every thread to come: signals are read, not handled
}

Process::~Process() {
  if (!threads_) return;
  if (lab_) lab_->stop();
  threads_->end();
  ::close(threads_->failed);
}

Result<node::Node::Serving> Process::start() {
  threads_ = std::make_unique<Threads>(clock_, static_cast<size_t>(options_.config.io_threads));
  if (lab_ && lab_->seed()) threads_->rng = SeededRng(*lab_->seed());
  Net& net = lab_ ? lab_->wrap(threads_->net) : threads_->net;
  node::Seams seams{clock_, threads_->rng, disk_, net, threads_->control, {}, threads_->disk_pool};
  for (auto& loop : threads_->data) seams.data.push_back(loop.get());
  threads_->node = std::make_unique<node::Node>(std::move(seams), std::move(options_));
  threads_->node->on_fatal = [this](const Error& error) {
    if (!threads_->failure) threads_->failure = error;
    eventfd_write(threads_->failed, 1);
  };
  threads_->run();
  if (lab_) lab_->start();
  std::promise<Result<node::Node::Serving>> started;
  auto outcome = started.get_future();
  threads_->control.post([&] {
    threads_->node->start(
        [&](Result<node::Node::Serving> serving) { started.set_value(std::move(serving)); });
  });
  auto serving = outcome.get();
  if (serving && lab_) lab_->serves(*threads_->node, threads_->control);
  return serving;
}

Result<void> Process::run_until_signal() {
  const sigset_t signals = stop_signals();
  const int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
  pollfd watched[] = {{signal_fd, POLLIN, 0}, {threads_->failed, POLLIN, 0}};
  while (poll(watched, 2, -1) < 0) {
  }
  if (watched[1].revents != 0) return ::close(signal_fd), fail(*threads_->failure);
  signalfd_siginfo info;
  while (::read(signal_fd, &info, sizeof info) < 0) {
  }
  log_info("kt.Server", "Terminating process due to signal {}",
           info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT");
  std::promise<Result<void>> stopped;
  auto outcome = stopped.get_future();
  threads_->control.post(
      [&] { threads_->node->stop([&](Result<void> result) { stopped.set_value(std::move(result)); }); });
  // A second signal means now: what is not flushed is recovered at the next start.
  constexpr int second_signal_poll_ms = 20;
  while (outcome.wait_for(std::chrono::milliseconds(0)) != std::future_status::ready) {
    if (poll(watched, 1, second_signal_poll_ms) > 0) ::_exit(128 + SIGTERM);
  }
  ::close(signal_fd);
  return outcome.get();
}

}  // namespace kt::cli::server
