#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "libbroker/base/loop.h"
#include "libbroker/base/result.h"

namespace kt::node {

/// Hands out producer ids from the blocks that the controller gives this broker; the next block is asked for when nine
/// tenths of the present one are gone (semantics I9). Any thread.
class ProducerIds {
 public:
  struct Block {
    int64_t first = 0;
    int32_t count = 0;
  };
  /// Asks the controller; the callback may come on any thread.
  using Ask = std::function<void(std::function<void(Result<Block>)>)>;
  explicit ProducerIds(Ask ask) : ask_(std::move(ask)) {}

  using Then = std::move_only_function<void(Result<int64_t>)>;
  /// `then` runs on `loop`, at once when an id is there. Errors: the controller's.
  void next(Loop& loop, Then then);

 private:
  struct Waiting {
    Loop* loop;
    Then then;
  };
  std::optional<int64_t> take();
  void ask_for_block();
  void on_block(Result<Block> block);

  const Ask ask_;
  std::mutex mutex_;  // guards what follows
  Block present_, following_;
  int32_t used_ = 0;
  bool is_asking_ = false;
  std::vector<Waiting> waiting_;
};

}  // namespace kt::node
