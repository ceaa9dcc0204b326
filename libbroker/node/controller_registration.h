#pragma once
#include <memory>

#include "libbroker/api/controller_client.h"
#include "libbroker/base/loop.h"
#include "libbroker/metadata/image.h"

namespace kt::node {

/// A controller's place in the metadata (KIP-919): told to the active controller whenever the image does not
/// have it as it is. On the control loop.
class ControllerRegistration {
 public:
  ControllerRegistration(Loop& control, api::ControllerClient& controller,
                         wire::ControllerRegistrationRequest request)
      : control_(control), controller_(controller), request_(std::move(request)) {}
  ~ControllerRegistration() { control_.cancel(timer_); }

  void on_published(const metadata::Image& image);

 private:
  void send();

  static constexpr int64_t retry_ms = 100;
  Loop& control_;
  api::ControllerClient& controller_;
  const wire::ControllerRegistrationRequest request_;
  bool is_wanted_ = false, is_asking_ = false;
  Timers::Id timer_ = 0;
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>();
};

}  // namespace kt::node
