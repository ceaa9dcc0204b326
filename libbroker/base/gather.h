#pragma once
#include <vector>

#include "libbroker/base/result.h"
#include "libbroker/base/slice.h"

namespace kt {

/// The bytes of an answer's pieces as one run; ranges of files are read, which may block. One slice is not copied.
/// Errors: kafka_storage_error.
Result<Slice> gather(const std::vector<Piece>& pieces);

}  // namespace kt
