#include "libbroker/api/topics.h"

namespace kt::api {

bool has_partition(const metadata::Image& image, const std::string& topic, int32_t partition) {
  const metadata::Topic* known = image.topic(topic);
  return known && known->partition(partition);
}

TopicAccess::TopicAccess(const RequestContext& ctx, Operation operation) {
  for (const auto& [name, id] : ctx.image->topic_ids) ask(ctx, operation, name);
}

void TopicAccess::ask(const RequestContext& ctx, Operation operation, const std::string& topic) {
  if (!ctx.allowed(operation, ResourceType::topic, topic)) refused_.insert(topic);
}

}  // namespace kt::api
