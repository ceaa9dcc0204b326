#include "tests/support/allocated.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local int64_t now_bytes = 0, height_bytes = 0;
constexpr size_t prefix_bytes = alignof(std::max_align_t);

void* allocate_or_null(size_t size) noexcept {
  auto* block = static_cast<std::byte*>(std::malloc(size + prefix_bytes));
  if (!block) return nullptr;
  *reinterpret_cast<size_t*>(block) = size;
  now_bytes += static_cast<int64_t>(size);
  height_bytes = std::max(height_bytes, now_bytes);
  return block + prefix_bytes;
}

void* allocate(size_t size) {
  if (void* at = allocate_or_null(size)) return at;
  throw std::bad_alloc();
}

void release(void* at) {
  if (!at) return;
  auto* block = static_cast<std::byte*>(at) - prefix_bytes;
  now_bytes -= static_cast<int64_t>(*reinterpret_cast<size_t*>(block));
  std::free(block);
}

}  // namespace

void* operator new(size_t size) { return allocate(size); }
void* operator new[](size_t size) { return allocate(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return allocate_or_null(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return allocate_or_null(size); }
void operator delete(void* at) noexcept { release(at); }
void operator delete[](void* at) noexcept { release(at); }
void operator delete(void* at, size_t) noexcept { release(at); }
void operator delete[](void* at, size_t) noexcept { release(at); }
void operator delete(void* at, const std::nothrow_t&) noexcept { release(at); }
void operator delete[](void* at, const std::nothrow_t&) noexcept { release(at); }

namespace kt::test {

int64_t allocated_bytes() { return now_bytes; }
int64_t allocated_bytes_max() { return height_bytes; }
void reset_allocated_bytes_max() { height_bytes = now_bytes; }

}  // namespace kt::test
