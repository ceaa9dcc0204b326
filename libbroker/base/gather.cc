#include "libbroker/base/gather.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace kt {

Result<Slice> gather(const std::vector<Piece>& pieces) {
  if (pieces.size() == 1 && std::holds_alternative<Slice>(pieces.front())) return std::get<Slice>(pieces.front());
  std::vector<std::byte> bytes(size_of(pieces));
  size_t done = 0;
  for (const Piece& piece : pieces) {
    if (const auto* slice = std::get_if<Slice>(&piece)) {
      std::ranges::copy(slice->bytes, bytes.begin() + static_cast<ptrdiff_t>(done));
      done += slice->size();
      continue;
    }
    const auto& range = std::get<FileRange>(piece);
    for (size_t read = 0; read < range.bytes;) {
      const ssize_t n = ::pread(*range.file, bytes.data() + done, range.bytes - read, static_cast<off_t>(range.position + read));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        return fail(ErrorCode::kafka_storage_error,
                    "cannot read a segment: " + (n == 0 ? "it ends early" : std::generic_category().message(errno)));
      }
      read += static_cast<size_t>(n);
      done += static_cast<size_t>(n);
    }
  }
  return Slice::own(std::move(bytes));
}

}  // namespace kt
