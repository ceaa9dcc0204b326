// How libFuzzer changes inputs that are messages: half the time as any bytes, half the time as messages.
#include <algorithm>

#include "tests/fuzz/messages.h"
#include "tests/fuzz/target.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max, unsigned seed) {
  using namespace kt;
  SeededRng rng(seed);
  const auto input = fuzz::input_of(data, size);
  const auto message = rng.below(2) == 0 ? fuzz::locate(input) : std::nullopt;
  if (!message) return LLVMFuzzerMutate(data, size, size_max);
  const auto body = Slice::view(input.subspan(message->body_at));
  const auto changed = fuzz::change_message(*message->type, body, message->version, rng);
  if (!changed || message->body_at + changed->size() > size_max)
    return LLVMFuzzerMutate(data, size, size_max);
  std::ranges::copy(*changed, reinterpret_cast<std::byte*>(data) + message->body_at);
  return message->body_at + changed->size();
}
