#include "libbroker/node/controller_registration.h"

namespace kt::node {

void ControllerRegistration::on_published(const metadata::Image& image) {
  const auto* known = image.controller(request_.controller_id);
  is_wanted_ = image.metadata_version() >= metadata::metadata_version_controllers &&
               (!known || known->incarnation != request_.incarnation_id);
  if (is_wanted_ && !is_asking_) send();
}

/// Asks again as long as it is wanted: the answer may come before the metadata.
void ControllerRegistration::send() {
  is_asking_ = true;
  controller_.ask(control_, request_, 0,
                  [this, alive = std::weak_ptr(alive_)](const Result<wire::ControllerRegistrationResponse>&) {
                    if (!alive.lock()) return;
                    timer_ = control_.after(retry_ms, [this] {
                      is_asking_ = false;
                      if (is_wanted_) send();
                    });
                  });
}

}  // namespace kt::node
