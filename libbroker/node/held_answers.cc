#include "libbroker/node/held_answers.h"

#include <algorithm>
#include <utility>

namespace kt::node {

using Commit = api::Partition::Commit;

Task HeldAnswers::give(Answer answer, ErrorCode code) {
  return [answer = std::move(answer), code]() mutable {
    answer.loop->post([give = std::move(answer.give), code]() mutable { give(code); });
  };
}

void HeldAnswers::add(int64_t position, Answer answer, std::vector<Task>& ready) {
  const std::lock_guard lock(mutex_);
  const auto commit = check_(position, weak_from_this());
  if (!commit || *commit == Commit::done)
    return ready.push_back(give(std::move(answer), commit ? ErrorCode::none : commit.error().code));
  waiting_.emplace(position, Waiting{std::move(answer), clock_.monotonic_ms() + timeout_ms_});
  arm();
}

void HeldAnswers::arm() {
  if (waiting_.empty() || std::exchange(is_armed_, true)) return;
  const int64_t delay_ms = std::max<int64_t>(0, waiting_.begin()->second.until_ms - clock_.monotonic_ms());
  loop().post([self = shared_from_this(), delay_ms] {
    self->loop().after(delay_ms, [weak = std::weak_ptr(self)] {
      if (const auto held = weak.lock()) held->wake_late();
    });
  });
}

void HeldAnswers::wake_late() {
  {
    const std::lock_guard lock(mutex_);
    is_armed_ = false;
  }
  wake();
}

void HeldAnswers::wake() {
  std::vector<Task> ready;
  {
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty()) {
      const auto first = waiting_.begin();
      const auto commit = check_(first->first, weak_from_this());
      const bool is_late = clock_.monotonic_ms() >= first->second.until_ms;
      ErrorCode code = commit ? ErrorCode::none : commit.error().code;
      if (commit && *commit == Commit::pending) {
        if (!is_late) break;
        code = ErrorCode::request_timed_out;
      }
      ready.push_back(give(std::move(waiting_.extract(first).mapped().answer), code));
    }
    arm();
  }
  for (Task& task : ready) task();
}

}  // namespace kt::node
