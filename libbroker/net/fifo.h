#pragma once
#include <cstddef>
#include <utility>
#include <vector>

namespace kt::net {

/// A queue in one vector: nothing allocated while it stays short, unlike std::deque.
template <class T>
class Fifo {
 public:
  bool empty() const { return head_ == items_.size(); }
  size_t size() const { return items_.size() - head_; }
  T& front() { return items_[head_]; }
  T& operator[](size_t index) { return items_[head_ + index]; }
  void push(T item) {
    if (head_ > 64 && head_ > items_.size() / 2) {
      items_.erase(items_.begin(), items_.begin() + static_cast<ptrdiff_t>(head_));
      head_ = 0;
    }
    items_.push_back(std::move(item));
  }
  T pop() {
    T item = std::move(items_[head_++]);
    if (empty()) clear();
    return item;
  }
  void clear() {
    head_ = 0;
    if (items_.capacity() > 1024) {
      items_ = std::vector<T>();
    } else {
      items_.clear();
    }
  }

 private:
  std::vector<T> items_;
  size_t head_ = 0;
};

}  // namespace kt::net
