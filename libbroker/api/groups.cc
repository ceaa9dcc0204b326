#include "libbroker/api/groups.h"

#include "libbroker/base/java_hash.h"

namespace kt::api {

int32_t Groups::partition_of(const std::string& group_id, int32_t partition_count) {
  const int32_t hash = java_string_hash(group_id);
  return (hash == INT32_MIN ? 0 : hash < 0 ? -hash : hash) % partition_count;
}

}  // namespace kt::api
