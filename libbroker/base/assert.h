#pragma once

namespace kt {
/// Prints where and what to stderr, and aborts: our own mistake, never a peer's.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}  // namespace kt

/// On in release too. One condition each; never on bytes from outside.
#define KT_ASSERT(condition) \
  (static_cast<bool>(condition) ? void(0) : ::kt::assertion_failed(#condition, __FILE__, __LINE__))
