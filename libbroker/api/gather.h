#pragma once
#include <functional>
#include <memory>
#include <vector>

namespace kt::api {

/// Collects `count` results by index, each given once in any order on one loop, and hands all to `then`; at once when
/// there are none to wait for.
template <class T>
std::function<void(size_t index, T result)> gather_answers(size_t count, std::move_only_function<void(std::vector<T>)> then) {
  struct State {
    std::vector<T> results;
    size_t missing;
    std::move_only_function<void(std::vector<T>)> then;
  };
  auto state = std::make_shared<State>(std::vector<T>(count), count, std::move(then));
  if (count == 0) state->then({});
  return [state](size_t index, T result) {
    state->results[index] = std::move(result);
    if (--state->missing == 0) state->then(std::move(state->results));
  };
}

}  // namespace kt::api
