#include "libbroker/node/producer_ids.h"

namespace kt::node {

void ProducerIds::next(Loop& loop, Then then) {
  std::optional<int64_t> id;
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    id = take();
    const bool is_low = used_ >= present_.count / 10 * 9 && following_.count == 0;
    ask = is_low && !is_asking_;
    if (ask) is_asking_ = true;
    if (!id) waiting_.push_back({&loop, std::move(then)});
  }
  if (ask) ask_for_block();
  if (id) then(*id);
}

std::optional<int64_t> ProducerIds::take() {
  if (used_ == present_.count) {
    present_ = std::exchange(following_, {});
    used_ = 0;
  }
  if (present_.count == 0) return std::nullopt;
  return present_.first + used_++;
}

void ProducerIds::ask_for_block() {
  ask_([this](Result<Block> block) { on_block(std::move(block)); });
}

void ProducerIds::on_block(Result<Block> block) {
  std::vector<std::pair<Waiting, Result<int64_t>>> served;
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    if (block) following_ = *block;
    for (Waiting& waiting : std::exchange(waiting_, {})) {
      if (!block) {
        served.emplace_back(std::move(waiting), fail(block.error()));
      } else if (const auto id = take()) {
        served.emplace_back(std::move(waiting), *id);
      } else {
        waiting_.push_back(std::move(waiting));
      }
    }
    is_asking_ = ask = !waiting_.empty();  // more than a block has ids for
  }
  for (auto& [waiting, id] : served) {
    waiting.loop->post([then = std::move(waiting.then), id = std::move(id)]() mutable { then(std::move(id)); });
  }
  if (ask) ask_for_block();
}

}  // namespace kt::node
