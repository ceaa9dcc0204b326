#include "libbroker/log/index_file.h"

namespace kt::log {

Result<bool> read_exactly(File& file, uint64_t position, std::span<std::byte> into, Wait wait) {
  if (wait == Wait::no) return file.read_resident(position, into);
  const auto read = file.read_at(position, into);
  if (!read) return fail(read.error());
  if (*read == into.size()) return true;
  return fail(ErrorCode::kafka_storage_error, "a file ended before the bytes that it should hold");
}

}  // namespace kt::log
