// The names are those of clients/src/main/java/org/apache/kafka/common/protocol/Errors.java.
#include "libcli/commands/framework/java_exception.h"

#include <gtest/gtest.h>

namespace kt::cli {
namespace {

TEST(JavaException, FollowsTheCodesName) {
  EXPECT_EQ(java_class(ErrorCode::offset_out_of_range),
            "org.apache.kafka.common.errors.OffsetOutOfRangeException");
  EXPECT_EQ(java_class(ErrorCode::kafka_storage_error),
            "org.apache.kafka.common.errors.KafkaStorageException");
  EXPECT_EQ(java_class(ErrorCode::unknown_server_error),
            "org.apache.kafka.common.errors.UnknownServerException");
}

TEST(JavaException, WhereJavaHasAnotherWord) {
  EXPECT_EQ(java_class(ErrorCode::network_exception), "org.apache.kafka.common.errors.NetworkException");
  EXPECT_EQ(java_class(ErrorCode::corrupt_message), "org.apache.kafka.common.errors.CorruptRecordException");
}

TEST(JavaException, IsFollowedByTheSentence) {
  EXPECT_EQ(java_exception({ErrorCode::invalid_request, "No."}),
            "org.apache.kafka.common.errors.InvalidRequestException: No.");
}

}  // namespace
}  // namespace kt::cli
