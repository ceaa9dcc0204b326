#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "libbroker/metadata/image.h"

namespace kt::node {

/// The image that clients are answered by, the same for all data loops at any moment: whoever was told of a
/// topic by one loop finds it on every other. One publishes, on the control loop; each loop reads through a
/// Reader of its own.
class PublishedImage {
 public:
  /// One loop's copy. A look at a counter that seldom moves is all that a request pays. Touched on that loop
  /// only.
  class Reader {
   public:
    explicit Reader(const PublishedImage& of) : of_(of) {}

    /// Never older than any image that a reader has had before this call.
    const std::shared_ptr<const metadata::Image>& latest() {
      if (of_.count_.load(std::memory_order_acquire) != count_) {
        const std::lock_guard lock(of_.mutex_);
        image_ = of_.image_;
        count_ = of_.count_.load(std::memory_order_relaxed);
      }
      return image_;
    }

   private:
    const PublishedImage& of_;
    uint64_t count_ = 0;
    std::shared_ptr<const metadata::Image> image_;
  };

  void publish(std::shared_ptr<const metadata::Image> image) {
    const std::lock_guard lock(mutex_);
    image_.swap(image);
    count_.fetch_add(1, std::memory_order_release);
  }

 private:
  mutable std::mutex mutex_;  // of image_, and of count_'s steps
  std::shared_ptr<const metadata::Image> image_ = std::make_shared<const metadata::Image>();
  std::atomic<uint64_t> count_ = 1;
};

}  // namespace kt::node
