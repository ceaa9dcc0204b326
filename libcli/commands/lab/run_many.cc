#include "libcli/commands/lab/run_many.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <list>
#include <mutex>
#include <string>

#include "libbroker/net/owned_descriptor.h"
#include "libcli/commands/framework/stop_signals.h"

namespace kt::cli::lab {
namespace {

using kt::lab::Point;

constexpr int exit_cannot_run = 127;
constexpr size_t pids_max = 16;  // as many as there may be jobs

struct Task {
  std::filesystem::path file;
  int32_t round = 1;
};

/// One exercise that runs.
struct Job {
  Task task;
  pid_t pid = 0;
  size_t slot = 0;
  net::OwnedDescriptor out;
  std::string text;
};

class Pool {
 public:
  Pool(const RunOptions& options, Results& results) : options_(options), results_(results) {}

  Exit run(std::deque<Task> tasks) {
    StopSignals signals;
    StopWatch watch(signals, [this](Exit) {
      const std::lock_guard held(pids_held_);
      is_stopped_ = true;
      for (const auto& pid : pids_) {
        if (pid > 0) ::kill(pid, SIGTERM);
      }
    });
    while (!jobs_.empty() || (!tasks.empty() && !is_stopped_)) {
      while (!is_stopped_ && !tasks.empty() && jobs_.size() < static_cast<size_t>(options_.jobs)) {
        start(std::move(tasks.front()));
        tasks.pop_front();
      }
      read();
    }
    return signals.received().value_or(worst_);
  }

 private:
  void start(Task task) {
    int ends[2] = {-1, -1};
    const pid_t pid = ::pipe2(ends, O_CLOEXEC) == 0 ? ::fork() : -1;
    net::OwnedDescriptor from(ends[0]);
    const net::OwnedDescriptor to(ends[1]);
    if (pid == 0) become_run(task, to.get());
    if (pid < 0) return fail_to_run(task);
    Job& job = jobs_.emplace_back(Job{std::move(task), pid, free_slot(), std::move(from), {}});
    const std::lock_guard held(pids_held_);
    pids_[job.slot] = pid;
    if (is_stopped_) ::kill(pid, SIGTERM);  // it was not there yet to be told
  }

  [[noreturn]] void become_run(const Task& task, int out) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(out, STDOUT_FILENO);
    std::vector<const char*> words = {"kt", "lab", "run", task.file.c_str(), "--mode", "ci", "--ndjson", "-"};
    if (options_.keeps_on_failure) words.push_back("--keep-on-failure");
    words.push_back(nullptr);
    ::execv("/proc/self/exe", const_cast<char* const*>(words.data()));
    ::_exit(exit_cannot_run);
  }

  void read() {
    std::vector<pollfd> watched;
    for (const Job& job : jobs_) watched.push_back({job.out.get(), POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0) return;
    size_t i = 0;
    for (auto job = jobs_.begin(); job != jobs_.end(); ++i) {
      char part[4096];
      const ssize_t bytes = watched[i].revents != 0 ? ::read(job->out.get(), part, sizeof part) : 1;
      const bool is_over = watched[i].revents != 0 && (bytes == 0 || (bytes < 0 && errno != EINTR));
      if (watched[i].revents != 0 && bytes > 0) job->text.append(part, static_cast<size_t>(bytes));
      if (is_over) end(*job);
      job = is_over ? jobs_.erase(job) : std::next(job);
    }
  }

  void end(const Job& job) {
    siginfo_t unread;
    while (::waitid(P_PID, static_cast<id_t>(job.pid), &unread, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
    }
    {
      const std::lock_guard held(pids_held_);
      pids_[job.slot] = 0;  // before the pid may be another process's
    }
    int status = 0;
    while (::waitpid(job.pid, &status, 0) < 0 && errno == EINTR) {
    }
    const Exit exit = WIFEXITED(status) ? static_cast<Exit>(WEXITSTATUS(status)) : Exit::failed;
    if (worst_ == Exit::done) worst_ = exit;
    bool says_why = false;
    for (size_t at = 0, next; (next = job.text.find('\n', at)) != job.text.npos; at = next + 1) {
      const std::string line = job.text.substr(at, next - at);
      auto point = kt::lab::parse_point(line);
      if (!point) {
        results_.remark(line.starts_with("# ") ? line.substr(2) : line);
        continue;
      }
      says_why = says_why || !point->holds;
      if (options_.repeat > 1) point->exercise += fmt::format(" #{}", job.task.round);
      results_.add(std::move(*point));
    }
    if (exit != Exit::done && !says_why && !is_stopped_) fail_to_run(job.task);
  }

  void fail_to_run(const Task& task) {
    if (worst_ == Exit::done) worst_ = Exit::failed;
    results_.add({task.file.stem(), "it runs to its end", false, {}});
  }

  size_t free_slot() const {
    size_t slot = 0;
    while (pids_[slot] != 0) ++slot;
    return slot;
  }

  const RunOptions& options_;
  Results& results_;
  std::list<Job> jobs_;
  std::mutex pids_held_;
  std::array<pid_t, pids_max> pids_{};  // for the thread that hears of signals
  std::atomic<bool> is_stopped_ = false;
  Exit worst_ = Exit::done;
};

}  // namespace

Exit run_many(const std::vector<std::filesystem::path>& files, const RunOptions& options, Results& results) {
  std::deque<Task> tasks;
  for (int32_t round = 1; round <= options.repeat; ++round) {
    for (const auto& file : files) tasks.push_back({file, round});
  }
  return Pool(options, results).run(std::move(tasks));
}

}  // namespace kt::cli::lab
