#include "libbroker/net/precise_timer.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "libbroker/net/asio_loop.h"

namespace kt::net {

struct PreciseTimer::State {
  boost::asio::steady_timer timer;
  Task due;
  bool is_alive = true;
};

PreciseTimer::PreciseTimer(AsioLoop& loop, Task due)
    : state_(std::make_shared<State>(boost::asio::steady_timer(loop.context()), std::move(due))) {}

PreciseTimer::~PreciseTimer() {
  state_->is_alive = false;
  state_->timer.cancel();
}

void PreciseTimer::after_ns(int64_t delay_ns) {
  state_->timer.expires_after(std::chrono::nanoseconds(std::max<int64_t>(0, delay_ns)));
  state_->timer.async_wait([state = state_](const boost::system::error_code& error) {
    if (!error && state->is_alive) state->due();
  });
}

}  // namespace kt::net
