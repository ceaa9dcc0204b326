#pragma once
#include <functional>
#include <string>
#include <vector>

#include "libbroker/base/loop.h"
#include "libbroker/base/result.h"
#include "libbroker/group/coordinator.h"

namespace kt::api {

/// The groups that this broker coordinates. Every call names the loop on which `then` is called, once, with an answer
/// that is committed. A group coordinated elsewhere is answered NOT_COORDINATOR, one whose log is still being read
/// COORDINATOR_LOAD_IN_PROGRESS.
class Groups {
 public:
  template <class Response>
  using Then = std::move_only_function<void(Response)>;
  virtual ~Groups() = default;

  virtual void join(Loop& loop, wire::JoinGroupRequest request, group::Coordinator::Asker asker,
                    Then<wire::JoinGroupResponse> then) = 0;
  virtual void sync(Loop& loop, wire::SyncGroupRequest request, Then<wire::SyncGroupResponse> then) = 0;
  virtual void heartbeat(Loop& loop, wire::HeartbeatRequest request, Then<wire::HeartbeatResponse> then) = 0;
  virtual void leave(Loop& loop, wire::LeaveGroupRequest request, int16_t version, Then<wire::LeaveGroupResponse> then) = 0;
  virtual void commit(Loop& loop, wire::OffsetCommitRequest request, int16_t version, group::Coordinator::Refused refused,
                      Then<wire::OffsetCommitResponse> then) = 0;
  virtual void delete_offsets(Loop& loop, wire::OffsetDeleteRequest request, group::Coordinator::Refused refused,
                              Then<wire::OffsetDeleteResponse> then) = 0;
  virtual void remove(Loop& loop, std::string group_id, Then<ErrorCode> then) = 0;
  virtual void fetch(Loop& loop, wire::OffsetFetchRequest::OffsetFetchRequestGroup request,
                     Then<wire::OffsetFetchResponse::OffsetFetchResponseGroup> then) = 0;
  virtual void describe(Loop& loop, std::string group_id, int16_t version,
                        Then<wire::DescribeGroupsResponse::DescribedGroup> then) = 0;
  /// All groups; the error when some could not be told yet.
  struct Listed {
    ErrorCode error_code = ErrorCode::none;
    std::vector<wire::ListGroupsResponse::ListedGroup> groups;
  };
  virtual Listed list() = 0;

  /// Which partition of `__consumer_offsets` keeps the group: Java's String.hashCode, sign bit off, modulo the count (G1).
  static int32_t partition_of(const std::string& group_id, int32_t partition_count);
};

}  // namespace kt::api
