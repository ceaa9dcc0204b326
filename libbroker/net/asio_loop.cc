#include "libbroker/net/asio_loop.h"

#include <signal.h>
#include <time.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <limits>
#include <utility>

namespace kt::net {
namespace {

constexpr int64_t never_ms = std::numeric_limits<int64_t>::max();
constexpr int64_t delay_ms_max = int64_t{1} << 40;  // 34 years: keeps deadlines from overflowing

/// sendfile to a socket whose peer is gone raises SIGPIPE and, unlike sendmsg, has no flag against it. The
/// signal goes to the calling thread, so blocking it there while the loop runs leaves the rest of the process
/// alone.
class SigpipeBlocked {
 public:
  SigpipeBlocked() {
    ::sigemptyset(&sigpipe_);
    ::sigaddset(&sigpipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~SigpipeBlocked() {
    const timespec no_wait = {};
    if (::sigismember(&before_, SIGPIPE) == 0) ::sigtimedwait(&sigpipe_, nullptr, &no_wait);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeBlocked(const SigpipeBlocked&) = delete;
  SigpipeBlocked& operator=(const SigpipeBlocked&) = delete;

 private:
  sigset_t sigpipe_;
  sigset_t before_;
};

}  // namespace

/// UNSAFE_IO: sockets are touched by the loop's thread alone, so Asio need not lock them; post() stays safe.
struct AsioLoop::Reactor {
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  boost::asio::steady_timer timer{context};
};

AsioLoop::AsioLoop(Clock& clock)
    : clock_(clock), reactor_(std::make_unique<Reactor>()), armed_ms_(never_ms) {}

AsioLoop::~AsioLoop() {
  // Tasks may own streams, which live in the reactor: they go first. Whatever dies here may still cancel
  // timers and post.
  forget_tasks();
  reactor_.reset();
  forget_tasks();
}

void AsioLoop::forget_tasks() {
  std::exchange(timers_, {});
  while (!posted_.empty()) std::exchange(posted_, {});
}

boost::asio::io_context& AsioLoop::context() { return reactor_->context; }

void AsioLoop::run() {
  const SigpipeBlocked guard;
  reactor_->context.restart();
  reactor_->context.run();
}

void AsioLoop::stop() { reactor_->context.stop(); }

void AsioLoop::post(Task task) {
  bool was_empty;
  {
    const std::lock_guard lock(mutex_);
    was_empty = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (was_empty && reactor_ != nullptr) boost::asio::post(reactor_->context, [this] { run_posted(); });
}

/// Runs what was posted until now; what these tasks post waits for the next turn, so that sockets get theirs.
void AsioLoop::run_posted() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(posted_);
  }
  for (Task& task : running_) std::exchange(task, nullptr)();
  running_.clear();
}

Timers::Id AsioLoop::after(int64_t delay_ms, Task task) {
  const int64_t delay = std::clamp<int64_t>(delay_ms, 0, delay_ms_max);
  const int64_t now_ms_rounded_up = (clock_.monotonic_ns() + 999'999) / 1'000'000;
  const Id id = timers_.add(now_ms_rounded_up + delay, std::move(task));
  arm();
  return id;
}

void AsioLoop::cancel(Id id) { timers_.cancel(id); }

/// A deadline that moved later is left to fire and look again: it costs less than a timerfd call per change.
void AsioLoop::arm() {
  const auto next = timers_.next_deadline();
  if (!next || *next >= armed_ms_ || reactor_ == nullptr) return;
  armed_ms_ = *next;
  const int64_t delay_ns = std::max<int64_t>(0, armed_ms_ * 1'000'000 - clock_.monotonic_ns());
  reactor_->timer.expires_after(std::chrono::nanoseconds(delay_ns));
  reactor_->timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) run_due();
  });
}

void AsioLoop::run_due() {
  armed_ms_ = never_ms;
  const int64_t now_ms = clock_.monotonic_ms();
  while (Task task = timers_.take_due(now_ms)) task();
  arm();
}

}  // namespace kt::net
