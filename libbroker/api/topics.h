#pragma once
#include <set>
#include <string>

#include "libbroker/api/context.h"
#include "libbroker/metadata/image.h"

namespace kt::api {

bool has_partition(const metadata::Image& image, const std::string& topic, int32_t partition);

/// Which of a request's topics its sender may use, asked once, for answers that are made after the request's context is
/// gone.
class TopicAccess {
 public:
  /// The topics named.
  template <class Topics>
  TopicAccess(const RequestContext& ctx, Operation operation, const Topics& topics) {
    for (const auto& topic : topics) ask(ctx, operation, topic.name);
  }
  /// Every topic there is.
  TopicAccess(const RequestContext& ctx, Operation operation);
  bool operator()(const std::string& topic) const { return !refused_.contains(topic); }

 private:
  void ask(const RequestContext& ctx, Operation operation, const std::string& topic);
  std::set<std::string> refused_;
};

}  // namespace kt::api
